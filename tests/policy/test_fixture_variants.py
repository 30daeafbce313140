"""One service as plain manifests, as a chart and as overlays: the same findings, where a person mends them."""

from __future__ import annotations

import pytest
from tests.policy.test_fixtures import DEFECTS, FIXTURES, report

from readiness.policy.bundle import load_builtin
from readiness.values import Span

PLAIN = "checkout-unready"
VARIANTS = {"checkout-unready-chart": "production", "checkout-unready-overlays": "production"}
# These look at files and the history of the whole repository, which differ.
ELSEWHERE = ("run-link-", "run-doc-", "alr-coverage-", "own-catalog-")
# What is asked once, for everything or for a service, is told at the first resource that can be named.
ONCE = {policy.id for policy in load_builtin() if policy.on in ("estate", "service")}


def found(repository: str, environment: str | None) -> dict[tuple[str, str, str], list[Span]]:
    """The places of each policy and resource below `deploy`, of one environment."""
    result: dict[tuple[str, str, str], list[Span]] = {}
    for finding in report(repository).findings:
        wanted = environment is None or not finding.environments or environment in finding.environments
        apart = finding.policy.startswith(ELSEWHERE) or finding.policy in ONCE
        if wanted and finding.span.path.startswith("deploy/") and not apart:
            for address in (finding.subject.address, *finding.instances):
                key = (finding.policy, address, finding.status)
                result.setdefault(key, []).append(finding.span)
    return result


def line(repository: str, span: Span) -> str:
    text = (FIXTURES / repository / span.path).read_text(encoding="utf-8")
    return text.splitlines()[span.line - 1].strip()


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_a_variant_has_the_findings_of_the_plain_manifests(variant: str) -> None:
    assert set(found(variant, VARIANTS[variant])) == set(found(PLAIN, None))


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_they_stand_on_the_same_line_or_where_the_list_of_defects_says(variant: str) -> None:
    moved = {
        (defect["policy"], defect["address"]): (defect["path"], defect["line"])
        for defect in DEFECTS
        if defect["repo"] == variant
    }
    plain = found(PLAIN, None)
    for key, spans in found(variant, VARIANTS[variant]).items():
        listed = moved.get(key[:2])
        places = [(span.path, span.line) for span in spans]
        if listed is not None:
            assert listed in places, key
        else:
            assert [line(variant, s) for s in spans] == [line(PLAIN, s) for s in plain[key]], key


def test_a_base_is_told_once_for_all_its_overlays() -> None:
    everywhere = [
        (finding.policy, finding.span.path, finding.span.line, finding.environments)
        for finding in report("checkout-unready-overlays").findings
        if finding.policy == "k8s-rbac-exec"
    ]
    assert everywhere == [("k8s-rbac-exec", "deploy/base/access.yaml", 25, ("production", "staging"))]
