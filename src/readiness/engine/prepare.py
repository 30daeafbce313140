"""Settings → the policies of a run: packs joined, held against the lock, overridden and selected."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from readiness.config.model import Place
from readiness.engine.checks import Check, make_checks
from readiness.engine.settings import Settings, has_locks, steps
from readiness.errors import SourceError, UsageError
from readiness.policy.model import Policy
from readiness.policy.names import Names
from readiness.policy.packs import BUILTIN, Facts, Pack, join, locate, read_facts
from readiness.policy.packs import Place as PackPlace
from readiness.policy.select import matching, select


class Prepared(Struct):
    """The policies of a run, and what is known of those that it leaves out.

    `every` are the policies of all packs as settings want them, `written` as they are in their files;
    `notices` stand in a file, `remarks` are about the command line.  `locked` are policies that nothing may
    leave out or let pass, each with the place that says so.  `made` are the checks that runs made, by id:
    another run with the same policies need not compile them.
    """

    policies: list[Policy]
    every: list[Policy]
    packs: list[Pack]
    names: Names
    written: list[Policy] = field(default_factory=list)
    locked: dict[str, Place] = field(default_factory=dict)
    notices: list[SourceError] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    made: dict[str, list[Check]] = field(default_factory=dict)


def prepare(settings: Settings, examples: bool = False) -> Prepared:
    """The policies that settings ask for.

    Built-in policies come with their examples only when asked for.

    Raises:
        UsageError: a pack is missing, broken or not the one that was locked; an override or a selector names
            nothing; no policy is left.
    """
    packs = load_packs(settings, examples)
    if settings.lock:
        from readiness.policy.lock import verify

        verify(settings.lock, packs, settings.base)
    policies = join(packs)
    names = Names(policies, {id_: why for pack in packs for id_, why in pack.facts.retired.items()})
    if len(packs) > 1:
        policies.sort(key=lambda policy: policy.id)
    prepared = Prepared([], policies, packs, names, policies)
    prepared.notices = [SourceError(*note, "notice") for policy in policies for note in policy.notes]
    if settings.cascade is not None and has_locks(settings.cascade.groups):
        from readiness.engine.locks import hold_locks

        prepared.locked = hold_locks(steps(settings.cascade.groups), settings.cascade, policies)
    choose(settings, prepared)
    return prepared


def choose(settings: Settings, prepared: Prepared, may_be_none: bool = False) -> None:
    """Find the policies that settings ask for among those of the packs, and what is worth knowing of that.

    Raises:
        UsageError: an override or a selector names nothing; no policy is left (unless that `may_be_none`).
    """
    ignored: set[str] = set()
    enabled: set[str] = set()
    if settings.overrides:
        from readiness.policy.overrides import override

        result = override(prepared.written, settings.overrides)
        prepared.every = result.policies
        prepared.notices += result.notes
        ignored, enabled = result.ignored, result.enabled
    for name in ("select", "ignore"):
        _named(name, getattr(settings, name), settings, prepared)
    unwanted = [*settings.ignore, *sorted(ignored)]
    prepared.policies = select(
        prepared.every, settings.select, unwanted, settings.profile, enabled, may_be_none
    )


def _named(option: str, selectors: Iterable[str], settings: Settings, prepared: Prepared) -> None:
    """See that selectors name something, at their places, and say which names are old."""
    for selector in selectors:
        place = settings.places.get(f"{option}:{selector}")
        why = prepared.names.retired.get(selector.lower())
        try:
            matching(prepared.every, selector)
        except UsageError as error:
            message = error.message if why is None else f"{selector!r} is no policy any more: {why}"
            if place is not None:
                raise place.error(f"{option}: {message}") from None
            raise UsageError(message) from None
        now = prepared.names.now(selector)
        if now is None:
            continue
        note = f"{selector!r} is now called {now!r}; the old name goes on working"
        if place is not None:
            prepared.notices.append(SourceError(place.path, place.line, place.column, note, "notice"))
        else:
            prepared.remarks.append(f"--{option}: {note}")


def load_packs(settings: Settings, examples: bool = False) -> list[Pack]:
    """The built-in pack, and those that settings name, in their order.

    Raises:
        UsageError: a pack is missing or broken; with its place, or that of its name in the settings.
    """
    from readiness.policy.bundle import builtin_pack

    packs = [builtin_pack(examples)]
    for spec in settings.policies:
        try:
            packs.append(own_pack(spec, packs[0].facts, examples, settings.base))
        except UsageError as error:
            place = settings.places.get(f"packs:{spec}")
            if error.path is None and place is not None:
                raise place.error(f"packs: {error.message}") from None
            raise
    return packs


def own_pack(
    spec: str, builtin: Facts | None = None, examples: bool = True, base: Path | None = None
) -> Pack:
    """A pack that `--policies` names; its own `controls.yaml` adds to the built-in controls.

    A path counts from `base`, where that is given and not the current folder.

    Beside the `builtin` pack its name has to be another one, and its policies may come from the cache, which
    keeps no examples.

    Raises:
        UsageError: the pack is missing, or a policy is broken.
    """
    place = locate(spec, base)
    facts = read_facts(place)
    if builtin is None or examples:
        policies = _read_pack(place)
    else:
        from readiness.policy.bundle import cached_pack

        policies = cached_pack(place, facts, builtin, lambda: _read_pack(place))
    if builtin is not None and facts.name == BUILTIN:
        raise UsageError(f"the pack {spec!r} may not be called {BUILTIN!r}: the built-in one is")
    return Pack(facts, spec, policies)


def _read_pack(place: PackPlace) -> list[Policy]:
    """The policies of the files of a pack, with their conditions compiled once.

    Raises:
        UsageError: one of them is broken.
    """
    from readiness.policy.bundle import builtin_folder
    from readiness.policy.controls import load_controls, own_controls
    from readiness.policy.loader import load_folder

    controls = {*load_controls(builtin_folder()), *own_controls(place.folder, place.shown)}
    policies = load_folder(place.folder, frozenset(controls), place.shown)
    for check in make_checks(policies):
        # Built-in conditions are tested; those of a user are wrong now, not when a resource needs them.
        check.prepare_all()
    return policies


def load_own(spec: str) -> list[Policy]:
    """The policies of a user's own pack: a folder, a file, or `package:NAME`.

    Raises:
        UsageError: the pack is missing, or a policy is broken.
    """
    return own_pack(spec).policies
