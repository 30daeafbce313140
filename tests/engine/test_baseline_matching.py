"""Which findings are those of a baseline: the same ones wherever they moved, and never another."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.config.model import Place
from readiness.engine.baseline import Baseline, recorded, updated
from readiness.engine.baseline_file import Entry, parse_baseline, to_text
from readiness.engine.model import Finding, Identity, Subject
from readiness.values import Span

TODAY = datetime.date(2026, 11, 21)


def finding(
    address: str = "aws_x.a",
    path: str = "a/main.tf",
    policy: str = "one-policy",
    severity: str = "high",
    item: str = "",
    occurrence: int = 0,
    line: int = 1,
    status: str = "fail",
    instances: tuple[str, ...] = (),
) -> Finding:
    """A finding with what decides about it."""
    identity = Identity(policy, path, address, item, occurrence)
    return Finding(
        policy=policy,
        title="",
        control="c-01",
        aliases=(),
        severity=severity,
        status=status,
        subject=Subject(address, "aws_x", "a"),
        span=Span(path, line, 1, line, 9),
        message="",
        remediation="",
        fingerprint=identity.fingerprint,
        instances=instances,
        identity=identity,
    )


def baseline_of(
    findings: Iterable[Finding],
    there: Iterable[str] = (),
    file: str = "readiness-baseline.json",
    locked: dict[str, Place] | None = None,
    former: dict[str, str] | None = None,
    **more: str,
) -> Baseline:
    """The baseline that was recorded of findings; files in `there` still exist."""
    folder = file.rpartition("/")[0] or "."
    text = to_text({e.identity: e for f in findings for e in recorded(f, folder, **more)}.values())
    files = set(there)
    return Baseline(parse_baseline(file, text), TODAY, former or {}, lambda path: path in files, locked)


def statuses(baseline: Baseline, findings: list[Finding]) -> list[str]:
    """What becomes of findings."""
    return [settled.status for settled in baseline.settle(findings)]


OLD = finding()


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (finding(), "baselined"),
        (finding(line=400), "baselined"),
        (finding(severity="medium"), "baselined"),
        (finding(status="unknown"), "baselined"),
        (finding(severity="critical"), "fail"),
        (finding(address="aws_x.b"), "fail"),
        (finding(policy="other-policy"), "fail"),
        (finding(item="ssh"), "fail"),
        (finding(occurrence=1), "fail"),
        (finding(path="b/main.tf"), "fail"),
        (finding(instances=("aws_x.b",)), "fail"),
        (finding(status="suppressed"), "suppressed"),
        (finding(status="waived"), "waived"),
    ],
)
def test_what_is_recorded_is_hidden_and_nothing_else(now: Finding, status: str) -> None:
    assert statuses(baseline_of([OLD], there=["a/main.tf"]), [now]) == [status]


def test_the_same_address_in_another_file_is_new() -> None:
    """The same defect copied to another root gates, whatever its file is called."""
    copy = finding(path="b/main.tf")
    assert statuses(baseline_of([OLD], there=["a/main.tf", "b/main.tf"]), [OLD, copy]) == [
        "baselined",
        "fail",
    ]
    assert statuses(baseline_of([OLD], there=["a/main.tf", "b/main.tf"]), [copy]) == ["fail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("a/storage.tf", "baselined"),  # renamed
        ("platform/a/main.tf", "baselined"),  # moved
        ("b/storage.tf", "fail"),  # neither its folder nor its name
    ],
)
def test_a_file_that_is_gone(path: str, status: str) -> None:
    baseline = baseline_of([OLD])
    assert statuses(baseline, [finding(path=path)]) == [status]
    assert (baseline.moved == {0: path}) is (status == "baselined")
    assert bool(baseline.fixed(lambda policy, path: True)) is (status == "fail")


def test_an_entry_is_used_once_and_the_folder_counts_before_the_name() -> None:
    near, far = finding(path="a/storage.tf"), finding(path="b/main.tf")
    assert statuses(baseline_of([OLD]), [far, near]) == ["fail", "baselined"]
    assert statuses(baseline_of([OLD]), [near, far]) == ["baselined", "fail"]


def test_a_file_with_entries_of_its_own_takes_none_of_another() -> None:
    other = finding(path="a/other.tf", address="aws_x.other")
    baseline = baseline_of([OLD, other], there=["a/other.tf"])
    assert statuses(baseline, [other, finding(path="a/other.tf")]) == ["baselined", "fail"]


def test_instances() -> None:
    counted = finding(address="aws_x.a[0]", instances=("aws_x.a[1]",))
    baseline = baseline_of([counted])
    assert [entry.address for entry in baseline.file.entries] == ["aws_x.a[0]"]
    more = finding(address="aws_x.a[0]", instances=("aws_x.a[1]", "aws_x.a[2]"))
    assert statuses(baseline, [more]) == ["baselined"]
    assert statuses(baseline, [finding(address="aws_x.a[1]")]) == ["baselined"]
    called = finding(address='module.m["a"].aws_x.a', instances=('module.m["b"].aws_x.a',))
    baseline = baseline_of([called])
    assert len(baseline.file.entries) == 2
    assert statuses(baseline, [finding(address='module.m["b"].aws_x.a')]) == ["baselined"]
    assert statuses(baseline, [finding(address='module.m["c"].aws_x.a')]) == ["fail"]


def test_a_finding_that_became_certain_gates() -> None:
    baseline = baseline_of([finding(status="unknown")])
    assert statuses(baseline, [finding(status="unknown")]) == ["baselined"]
    assert statuses(baseline, [finding()]) == ["fail"]
    assert baseline.fixed(lambda policy, path: True) == []


@pytest.mark.parametrize(("day", "status"), [("2026-11-21", "baselined"), ("2026-11-20", "fail")])
def test_days(day: str, status: str) -> None:
    baseline = baseline_of([OLD], expires=day, reason="later")
    (settled,) = baseline.settle([OLD])
    assert settled.status == status
    if status == "baselined":
        assert settled.allowance is not None
        assert (settled.allowance.kind, settled.allowance.expires, settled.reason) == (
            "baseline",
            day,
            "later",
        )
        assert settled.allowance.span.line == 2


def test_a_policy_that_was_renamed() -> None:
    baseline = baseline_of([OLD], former={"one-policy": "new-policy"})
    assert statuses(baseline, [finding(policy="new-policy")]) == ["baselined"]
    entries, changed = updated(baseline, [])
    assert ([entry.policy for entry in entries], changed) == (["new-policy"], 0)


def test_a_locked_policy() -> None:
    baseline = baseline_of([OLD], locked={"one-policy": Place("platform.yaml", 12, 3)})
    assert statuses(baseline, [OLD]) == ["fail"]
    (notice,) = baseline.notices
    assert (notice.path, notice.line) == ("readiness-baseline.json", 2)
    assert notice.message == "'one-policy' is locked by platform.yaml:12: it cannot be baselined"


def test_paths_are_those_from_the_folder_of_the_file() -> None:
    baseline = baseline_of([OLD], file="a/base.json")
    assert [entry.path for entry in baseline.file.entries] == ["main.tf"]
    assert statuses(baseline, [OLD]) == ["baselined"]


def test_update() -> None:
    fixed, worse, new = finding("aws_x.fixed"), finding("aws_x.worse"), finding("aws_x.new")
    baseline = baseline_of([fixed, worse], there=["a/main.tf"], reason="before")
    found = [finding("aws_x.worse", severity="critical"), new]
    settled = baseline.settle(found)
    assert [f.status for f in settled] == ["fail", "fail"]
    gone = baseline.fixed(lambda policy, path: True)
    entries, changed = updated(baseline, settled, reason=None, drop=gone)
    told = [(entry.address, entry.severity, entry.reason) for entry in entries]
    assert told == [("aws_x.worse", "critical", "before"), ("aws_x.new", "high", None)]
    assert changed == 2
    assert updated(baseline, [])[1] == 0


def test_update_leaves_what_expired() -> None:
    baseline = baseline_of([OLD], expires="2026-01-01")
    settled = baseline.settle([OLD])
    assert updated(baseline, settled)[0][0].expires == "2026-01-01"
    entries, changed = updated(baseline, settled, "2027-01-01")
    assert (entries[0].expires, changed) == ("2027-01-01", 1)


# -- whatever there is ---------------------------------------------------------------

PATHS = ("a/main.tf", "a/b.tf", "b/main.tf", "c/d.tf")
FINDINGS = st.builds(
    finding,
    address=st.sampled_from(("aws_x.a", "aws_x.b", "module.m.aws_x.a")),
    path=st.sampled_from(PATHS),
    policy=st.sampled_from(("one-policy", "two-policy")),
    item=st.sampled_from(("", "ssh")),
    occurrence=st.integers(0, 1),
    line=st.integers(1, 100),
)
SETS = st.lists(FINDINGS, max_size=8, unique_by=lambda f: f.identity)


@given(SETS, SETS)
def test_moved_lines_never_matter_and_other_findings_are_never_hidden(
    old: list[Finding], new: list[Finding]
) -> None:
    known = {f.identity for f in old}
    baseline = baseline_of(old, there=PATHS)
    for was, now in zip(new, baseline.settle(new), strict=True):
        assert (now.status == "baselined") is (was.identity in known)
    fixed = {baseline.identities[number] for number in baseline.fixed(lambda policy, path: True)}
    assert fixed == known - {f.identity for f in new}


@given(SETS, SETS, st.sets(st.sampled_from(PATHS)))
def test_a_moved_entry_hides_one_finding_at_most(
    old: list[Finding], new: list[Finding], there: set[str]
) -> None:
    baseline = baseline_of(old, there=there)
    settled = baseline.settle(new)
    hidden = [f for f in settled if f.status == "baselined"]
    assert len(hidden) <= len(old)
    assert statuses(baseline_of(old, there=there), list(reversed(new))) == [
        f.status for f in reversed(settled)
    ]
    for one in hidden:
        assert one.identity is not None
        same = [f.identity for f in old if f.identity is not None and _alike(f.identity, one.identity)]
        assert one.identity in same or any(identity.path not in there for identity in same)


def _alike(one: Identity, other: Identity) -> bool:
    return (one.policy, one.address, one.item, one.occurrence) == (
        other.policy,
        other.address,
        other.item,
        other.occurrence,
    )


@given(SETS)
def test_the_file_is_read_as_it_was_written(old: list[Finding]) -> None:
    entries = [entry for f in old for entry in recorded(f, ".")]
    text = to_text(entries)
    file = parse_baseline("b.json", text)
    assert {e.identity for e in file.entries} == {e.identity for e in entries}
    assert to_text(file.entries) == to_text(reversed(entries)) == text
    assert len(text.splitlines()) == len(entries) + 2
    pretty = parse_baseline("b.json", json.dumps(json.loads(text), indent=2))
    assert pretty.entries == file.entries
    for entry, span in zip(pretty.entries, pretty.spans, strict=True):
        row = json.dumps(json.loads(text), indent=2).split("\n")[span.line - 1]
        assert row.strip() == f'"policy": "{entry.policy}",'


def test_a_text_in_an_entry_is_no_field() -> None:
    entry = Entry("one-policy", "a.tf", "aws_x.a", "low", reason='see "policy": x')
    assert parse_baseline("b.json", to_text([entry])).entries[0].reason == 'see "policy": x'
