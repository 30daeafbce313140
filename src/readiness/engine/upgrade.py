"""What another version of the packs would find, before it gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.engine.model import Finding, Report
from readiness.engine.prepare import Prepared, own_pack
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.policy.lock import PackChange, compare_all, locked, read_lock
from readiness.policy.model import Policy
from readiness.policy.overrides import override
from readiness.policy.packs import BUILTIN, Pack
from readiness.policy.select import has

Runner = Callable[[Sequence[Policy]], Report]


class Upgrade(Struct):
    """What became of packs, and what that changes in an estate.

    `report` has the findings that the packs in use bring; where only a lock says what was before, those of a
    changed policy are all that it finds.  `gone` are findings that they no longer bring, None where nobody
    knows.  `unused` are ids that changed and that the run does not select.
    """

    changes: list[PackChange]
    report: Report | None = None
    gone: list[Finding] | None = None
    unused: set[str] = field(default_factory=set)


def since_lock(path: str, prepared: Prepared, run: Runner) -> Upgrade:
    """Compare the packs in use with those of a lock file.

    Raises:
        UsageError: the lock file is missing or damaged.
    """
    before = read_lock(path).packs
    now = [locked(pack.facts, pack.policies) for pack in prepared.packs]
    upgrade = Upgrade(compare_all(before, now, prepared.names.former))
    _find(upgrade, prepared, run)
    return upgrade


def since_folder(folder: str, prepared: Prepared, settings: Settings, run: Runner) -> Upgrade:
    """Compare a pack in use with an older state of it in a folder, and what both find.

    Raises:
        UsageError: the folder is missing, or a policy in it is broken.
    """
    older = own_pack(folder)
    newer = _counterpart(older, prepared.packs)
    before = replace(locked(older.facts, older.policies), name=newer.facts.name)
    upgrade = Upgrade(compare_all([before], [locked(newer.facts, newer.policies)], prepared.names.former))
    _find(upgrade, prepared, run)
    change = upgrade.changes[0]
    touched = {*change.changed, *change.severities, *change.removed}
    touched |= {old for old, new in change.renamed.items() if new in touched}
    policies = _older(older.policies, touched, prepared, settings)
    found = run(policies).findings if policies else []
    present = dict(prepared.names.former)
    new = upgrade.report.findings if upgrade.report is not None else []
    added, upgrade.gone = _difference(_failing(found), new, present)
    if upgrade.report is not None:
        upgrade.report.findings = added
    return upgrade


def _older(policies: list[Policy], touched: set[str], prepared: Prepared, settings: Settings) -> list[Policy]:
    """The older policies that matter: those whose present ones the run uses, and those that are gone."""
    result = override(
        [policy for policy in policies if policy.id in touched], settings.overrides, lenient=True
    )
    used = {policy.id for policy in prepared.policies}
    known = {policy.id for policy in prepared.every}

    def wanted(policy: Policy) -> bool:
        now = policy.id if policy.id in known else prepared.names.former.get(policy.id)
        if now is not None:
            return now in used
        return has(settings.profile, policy) and not settings.select

    return [policy for policy in result.policies if wanted(policy)]


def _counterpart(older: Pack, packs: list[Pack]) -> Pack:
    """The pack in use that an older one became: by name, else the user's only one, else the built-in."""
    for pack in packs:
        if pack.facts.name == older.facts.name:
            return pack
    own = [pack for pack in packs if pack.facts.name != BUILTIN]
    if len(own) > 1:
        names = ", ".join(repr(pack.facts.name) for pack in packs)
        raise UsageError(f"the pack {older.facts.name!r} is none of those in use: {names}")
    return own[0] if own else packs[0]


def _find(upgrade: Upgrade, prepared: Prepared, run: Runner) -> None:
    touched: set[str] = set()
    for change in upgrade.changes:
        touched |= {*change.added, *change.changed, *change.severities}
    chosen = [policy for policy in prepared.policies if policy.id in touched]
    upgrade.unused = touched - {policy.id for policy in chosen}
    if chosen:
        upgrade.report = run(chosen)
        upgrade.report.findings = _failing(upgrade.report.findings)


def _failing(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.status == "fail"]


def _difference(
    old: list[Finding], new: list[Finding], present: dict[str, str]
) -> tuple[list[Finding], list[Finding]]:
    """Findings of the new side alone and of the old side alone, whatever their lines and names are."""

    def key(finding: Finding) -> tuple[str, str, str, str]:
        policy = present.get(finding.policy, finding.policy)
        return policy, finding.subject.address, finding.span.path, finding.severity

    return _without(new, Counter(map(key, old)), key), _without(old, Counter(map(key, new)), key)


def _without(
    findings: list[Finding],
    known: Counter[tuple[str, str, str, str]],
    key: Callable[[Finding], tuple[str, str, str, str]],
) -> list[Finding]:
    left = []
    for finding in findings:
        if known[key(finding)] > 0:
            known[key(finding)] -= 1
        else:
            left.append(finding)
    return left
