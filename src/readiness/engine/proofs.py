"""`readiness policies test`: everything that a pack of policies has to prove, and what it does not."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct, field

from readiness.engine import mutation
from readiness.engine.checks import make_checks
from readiness.engine.examples import build, run_built
from readiness.errors import UsageError
from readiness.policy import claims, fields
from readiness.policy.bundle import builtin_folder
from readiness.policy.controls import load_controls, own_controls
from readiness.policy.loader import load_all
from readiness.policy.locating import Locator
from readiness.policy.model import Policy
from readiness.policy.packs import Place, read_facts

POOL_FROM = 40
"""Policies from which a second process pays off."""

_CHUNK = 16

PROOFS = ("schema", "conditions", "names", "controls", "fields", "examples", "conjuncts", "fixes")
"""What is proven, in this order; a policy whose file or conditions are broken is asked nothing else."""


FixProof = Callable[[Policy], Iterable[tuple[int, int, str]]]
"""Gives what the fix of a policy does not prove: line, column and message.  Fixes are of a higher room."""


class Problem(Struct, frozen=True, order=True):
    """Something that is not proven: where, which of `PROOFS`, and what was expected."""

    path: str
    line: int
    column: int
    proof: str
    policy: str  # empty for what is said of a pack or of a file that is no policy
    message: str


class Proofs(Struct):
    """What was asked and what came of it.

    `counts` has `policies`, `examples`, `controls`, `aliases`, `conjuncts`, `fixes` and `fields`, the
    policies whose fields a schema knows.
    """

    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Proofs) -> None:
        """Take over what another part found."""
        self.problems.extend(other.problems)
        self.counts.update(other.counts)


def prove(places: Sequence[Place], workers: int | None = None, fixes: FixProof | None = None) -> Proofs:
    """Prove the packs in some places, with what `fixes` asks of the fix of each policy.

    Raises:
        UsageError: a folder is missing, empty, or its `controls.yaml` is wrong.
    """
    proofs = Proofs()
    policies: dict[str, Policy] = {}
    locator = Locator(places)
    broken: set[str] = set()
    shared: dict[str, str] = {}  # ids of other tools, each with the file that says why several claim it
    for place in places:
        controls = sorted(own_controls(place.folder, place.shown))
        found, errors = load_all(
            place.folder, frozenset({*load_controls(builtin_folder()), *controls}), place.shown
        )
        for error in errors:
            proofs.problems.append(_problem(error, "schema"))
            broken.add((error.path or "").rpartition("/")[2].removesuffix(".yaml"))
        for policy in found:
            if policy.id in policies and policies[policy.id].path != policy.path:
                message = f"the id {policy.id!r} is taken by {policies[policy.id].path}"
                proofs.problems.append(_at(policy, "id", "", "schema", message, locator))
            policies.setdefault(policy.id, policy)
        if not errors:
            proofs.add(_implemented(place, controls, found))
        if place.folder.is_dir():
            _pack_file(place, proofs)
            shared |= dict.fromkeys(_shared(place, proofs), _inside(place, claims.SHARED_FILE))
    pack = list(policies.values())
    names = {path.stem for path in builtin_folder().rglob("*.yaml")} | broken
    proofs.problems += _taken(pack, places, locator)
    for claim in claims.wrong_claims(pack, names, _excused(places) | shared):
        proofs.problems.append(_at(claim.policy, claim.field, claim.text, "names", claim.message, locator))
    for alias in claims.needless(pack, shared) if not broken else ():
        message = f"{alias}: no two policies claim it, so there is nothing to say of it"
        proofs.problems.append(Problem(shared[alias], 1, 1, "names", "", message))
    proofs.counts["policies"] = len(pack) + len(broken)
    proofs.counts["aliases"] = len({alias.lower() for policy in pack for alias in policy.aliases})
    proofs.add(_each(pack, locator, workers or os.cpu_count() or 1, fixes))
    # A file that cannot be read is no policy, and has no hash either.
    proofs.problems = sorted(set(proofs.problems))
    return proofs


def prove_policy(policy: Policy, locator: Locator, fixes: FixProof | None = None) -> Proofs:
    """What one policy proves alone: its conditions, fields, examples and fix, and the parts of `assert`."""
    proofs = Proofs()
    try:
        make_checks([policy])[0].prepare_all()
    except UsageError as error:
        proofs.problems.append(_problem(error, "conditions", policy.id))
        return proofs
    if policy.admission is not None:  # it has no examples: whoever applies it has tests of their own
        return proofs
    proofs.counts["fields"] = fields.is_checked(policy)
    for wrong in fields.wrong_fields(policy):
        message = f"{wrong.field}: {wrong.message}"
        proofs.problems.append(_at(policy, wrong.field, wrong.text, "fields", message, locator))
    examples = build(policy)
    results = run_built(policy, examples)
    proofs.counts["examples"] = len(results)
    for result in results:
        if not result.ok:
            message = f"{result.kind} example {result.index}: {result.detail}"
            place = (result.path, result.line, result.column)
            proofs.problems.append(Problem(*place, "examples", policy.id, message))
    parts = mutation.conjuncts(policy)
    proofs.counts["conjuncts"] = len(parts)
    if parts and all(result.ok for result in results):
        for part in mutation.unproven(policy, examples):
            message = f"assert: no example notices that `{' '.join(part.source.split())}` is gone: add one"
            proofs.problems.append(_at(policy, "assert", part.source, "conjuncts", message, locator))
    if fixes is not None and policy.fix is not None and all(result.ok for result in results):
        proofs.counts["fixes"] = 1
        for line, column, message in fixes(policy):
            proofs.problems.append(Problem(policy.path, line, column, "fixes", policy.id, message))
    return proofs


def _each(pack: Sequence[Policy], locator: Locator, workers: int, fixes: FixProof | None) -> Proofs:
    """What the policies prove alone, in several processes where that pays off."""
    proofs = Proofs()
    # Those of a folder are about as much work, so they are dealt out.
    chunks = [pack[index :: -(-len(pack) // _CHUNK)] for index in range(-(-len(pack) // _CHUNK))]
    parts = _in_pool(chunks, locator, workers, fixes) if workers > 1 and len(pack) >= POOL_FROM else None
    for part in parts if parts is not None else (_chunk(chunk, locator, fixes) for chunk in chunks):
        proofs.add(part)
    return proofs


def _chunk(policies: Sequence[Policy], locator: Locator, fixes: FixProof | None) -> Proofs:
    proofs = Proofs()
    for policy in policies:
        proofs.add(prove_policy(policy, locator, fixes))
    return proofs


def _in_pool(
    chunks: Sequence[Sequence[Policy]], locator: Locator, workers: int, fixes: FixProof | None
) -> list[Proofs] | None:
    """The proofs of every chunk; None where processes cannot be had."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    try:
        with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=context) as pool:
            return list(pool.map(_chunk, chunks, [locator] * len(chunks), [fixes] * len(chunks)))
    except (BrokenProcessPool, OSError):
        return None


def _pack_file(place: Place, proofs: Proofs) -> None:
    try:
        read_facts(place)
    except UsageError as error:
        proofs.problems.append(_problem(error, "schema"))


def _excused(places: Sequence[Place]) -> dict[str, str]:
    """What the built-in pack says of ids that several claim, where only a part of it is proven."""
    whole = builtin_folder()
    parts = any(whole in place.folder.resolve().parents for place in places)
    return claims.read_shared(whole) if parts else {}


def _shared(place: Place, proofs: Proofs) -> dict[str, str]:
    try:
        return claims.read_shared(place.folder, place.shown)
    except UsageError as error:
        proofs.problems.append(_problem(error, "schema"))
        return {}


def _inside(place: Place, name: str) -> str:
    """The path of a file of a pack, as users see it."""
    return f"{place.shown}/{name}" if place.shown else (place.folder / name).as_posix()


def _implemented(place: Place, controls: Sequence[str], policies: Iterable[Policy]) -> Proofs:
    """Every control of a pack has a policy."""
    path = _inside(place, "controls.yaml")
    proofs = Proofs(counts=Counter(controls=len(controls)))
    if not controls:
        return proofs
    text = (place.folder / "controls.yaml").read_text(encoding="utf-8").split("\n")
    for control in claims.unimplemented(controls, policies):
        line = next((n for n, row in enumerate(text, 1) if row.strip() == f"- id: {control}"), 1)
        message = f"no policy implements the control {control!r}"
        proofs.problems.append(Problem(path, line, 1, "controls", "", message))
    return proofs


def _taken(pack: Iterable[Policy], places: Iterable[Place], locator: Locator) -> Iterator[Problem]:
    """The ids that built-in policies have, of packs that are not theirs."""
    builtin = builtin_folder().resolve()
    if any(place.folder.resolve().is_relative_to(builtin) for place in places):
        return
    ids = {path.stem for path in builtin.rglob("*.yaml")}
    for policy in pack:
        if policy.id in ids:
            message = f"the id {policy.id!r} is taken by a built-in policy"
            yield _at(policy, "id", "", "names", message, locator)


def _at(policy: Policy, field_: str, text: str, proof: str, message: str, locator: Locator) -> Problem:
    line, column = locator.find(policy, field_, text)
    return Problem(policy.path, line, column, proof, policy.id, message)


def _problem(error: UsageError, proof: str, policy: str = "") -> Problem:
    return Problem(error.path or "", error.line or 1, error.column or 1, proof, policy, error.message)
