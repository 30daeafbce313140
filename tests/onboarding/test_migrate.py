"""Skips of other tools in our own words: ids by their aliases, ignored or waived, and a row for each."""

from __future__ import annotations

import datetime

import pytest

from readiness.config.waivers import parse_waivers
from readiness.onboarding.migrate import Migration, NewWaiver, There, migrate
from readiness.onboarding.model import Row, Skip
from readiness.onboarding.names import Aliases
from readiness.onboarding.waivers_file import extended, waivers_text
from readiness.policy.model import Policy

TODAY = datetime.date(2026, 11, 21)


def policy(id_: str, *aliases: str) -> Policy:
    """A policy of which only its names matter."""
    return Policy(
        id=id_,
        title=id_,
        control="own-01",
        severity="high",
        resources=("aws_s3_bucket",),
        assert_="true",
        message="m",
        remediation="r",
        path=f"{id_}.yaml",
        aliases=aliases,
    )


ALIASES = Aliases(
    [
        policy("s3-versioning", "CKV_AWS_21", "AVD-AWS-0090"),
        policy("s3-logging", "CKV_AWS_18", "CKV_AWS_19", "AVD-AWS-0089"),
        policy("s3-logging-2", "CKV_AWS_18"),
        policy("k8s-root", "AVD-KSV-0012", "kube-linter:run-as-non-root", "polaris:runAsRootAllowed"),
        policy("k8s-host", "polaris:hostNetworkSet"),
    ]
)


def moved(*skips: Skip, there: There | None = None, owner: str | None = None) -> Migration:
    """What comes of skips today."""
    return migrate(skips, ALIASES, there or There(), TODAY, owner)


def outcome(row: Row) -> tuple[str, tuple[str, ...], str, str | None]:
    return row.id, row.policies, row.outcome, row.why


@pytest.mark.parametrize(
    ("tool", "id_", "policies"),
    [
        ("Checkov", "CKV_AWS_21", ("s3-versioning",)),
        ("Checkov", "ckv_aws_18", ("s3-logging", "s3-logging-2")),
        ("Checkov", "CKV_AWS_*", ("s3-logging", "s3-logging-2", "s3-versioning")),
        ("Checkov", "CKV_AWS_2", ()),
        ("Checkov", "AWS-0090", ()),
        ("Trivy", "AVD-AWS-0090", ("s3-versioning",)),
        ("Trivy", "AWS-0090", ("s3-versioning",)),
        ("tfsec", "AWS090", ("s3-versioning",)),
        ("Trivy", "KSV012", ("k8s-root",)),
        ("Trivy", "KSV-0012", ("k8s-root",)),
        ("tfsec", "aws-s3-enable-versioning", ()),
        ("kube-linter", "kube-linter:run-as-non-root", ("k8s-root",)),
        ("kube-linter", "run-as-non-root", ()),
    ],
)
def test_what_ids_mean(tool: str, id_: str, policies: tuple[str, ...]) -> None:
    assert ALIASES.of(tool, id_) == policies


def test_ignored_everywhere_and_below_a_folder() -> None:
    made = moved(
        Skip("Checkov", ("CKV_AWS_18",), ".checkov.yaml", 3),
        Skip("Trivy", ("AVD-AWS-0089",), ".trivyignore", 2, reason="Accept\nthe risk"),
        Skip("Checkov", ("CKV_AWS_21",), "team/.checkov.yaml", 1, folder="team"),
    )
    assert made.waivers == []
    assert made.ignored == {
        ".": {
            "s3-logging": [
                "CKV_AWS_18 in .checkov.yaml:3",
                "AVD-AWS-0089 in .trivyignore:2: Accept\nthe risk",
            ],
            "s3-logging-2": ["CKV_AWS_18 in .checkov.yaml:3"],
        },
        "team": {"s3-versioning": ["CKV_AWS_21 in team/.checkov.yaml:1"]},
    }
    assert [outcome(row) for row in made.rows] == [
        ("CKV_AWS_18", ("s3-logging", "s3-logging-2"), "ignored", "which leaves out CKV_AWS_19 as well"),
        ("AVD-AWS-0089", ("s3-logging",), "ignored", None),
        ("CKV_AWS_21", ("s3-versioning",), "ignored", None),
    ]
    assert {row.where for row in made.rows} == {"readiness.yaml"}


def test_waived_until_a_day_on_paths_or_resources() -> None:
    made = moved(
        Skip("Trivy", ("AVD-AWS-0090",), ".trivyignore", 2, until="2027-01-31", reason=" of the\tCDN "),
        Skip("Trivy", ("AVD-AWS-0090",), "t/.trivyignore", 1, folder="t", until="2027-01-31"),
        Skip("Trivy", ("AVD-AWS-0089",), ".trivyignore.yaml", 4, paths=("infra/**",)),
        Skip(
            "Polaris",
            ("polaris:hostNetworkSet", "polaris:runAsRootAllowed", "polaris:x"),
            "polaris.yaml",
            2,
            resources=("*/a/b*",),
        ),
        owner="@acme/platform",
    )
    assert made.ignored == {}
    owner = "@acme/platform"
    assert made.waivers == [
        NewWaiver(
            ("s3-versioning",),
            "AVD-AWS-0090 in .trivyignore:2",
            resources=("*",),
            reason="of the CDN",
            expires="2027-01-31",
            owner=owner,
        ),
        NewWaiver(
            ("s3-versioning",),
            "AVD-AWS-0090 in t/.trivyignore:1",
            paths=("t/",),
            expires="2027-01-31",
            owner=owner,
        ),
        NewWaiver(("s3-logging",), "AVD-AWS-0089 in .trivyignore.yaml:4", paths=("infra/**",), owner=owner),
        NewWaiver(
            ("k8s-host", "k8s-root"),
            "polaris:hostNetworkSet, polaris:runAsRootAllowed in polaris.yaml:2",
            resources=("*/a/b*",),
            owner=owner,
        ),
    ]
    assert [outcome(row) for row in made.rows] == [
        ("AVD-AWS-0090", ("s3-versioning",), "waived", "until 2027-01-31"),
        ("AVD-AWS-0090", ("s3-versioning",), "waived", "until 2027-01-31"),
        ("AVD-AWS-0089", ("s3-logging",), "waived", None),
        ("polaris:x", (), "unknown", "no policy has it as an alias"),
        ("polaris:hostNetworkSet", ("k8s-host",), "waived", None),
        ("polaris:runAsRootAllowed", ("k8s-root",), "waived", None),
    ]


def test_what_is_not_taken_over() -> None:
    made = moved(
        Skip("Trivy", ("AVD-AWS-0090",), ".trivyignore", 1, until="2026-11-20"),
        Skip("Trivy", ("AVD-AWS-0090",), ".trivyignore", 2, until="2027-02-30"),
        Skip("Checkov", ("skip-path: x",), ".checkov.yaml", 3, why="because"),
        Skip("TFLint", ("a_rule",), ".tflint.hcl", 4),
        Skip("Checkov", ("CKV_AWS_9",), ".checkov.yaml", 5),
    )
    assert (made.ignored, made.waivers) == ({}, [])
    assert [outcome(row) for row in made.rows] == [
        ("AVD-AWS-0090", ("s3-versioning",), "expired", "its last day was 2026-11-20"),
        ("AVD-AWS-0090", ("s3-versioning",), "left", "there is no day '2027-02-30'"),
        ("skip-path: x", (), "left", "because"),
        ("a_rule", (), "unknown", "no policy has an id of TFLint as its alias"),
        ("CKV_AWS_9", (), "unknown", "no policy has it as an alias"),
    ]


def test_what_stands_in_the_code_is_honoured() -> None:
    made = moved(
        Skip("Checkov", ("CKV_AWS_21",), "a.tf", 1, "comment"),
        Skip("Trivy", ("AVD-AWS-0090",), "a.tf", 2, "comment", until="2026-01-01"),
        Skip("Polaris", ("polaris:*",), "a.yaml", 3, "annotation"),
        Skip("tfsec", ("s3-versioning",), "a.tf", 4, "comment"),
        Skip("TFLint", ("tflint-ignore: x",), "a.tf", 5, "comment"),
    )
    assert (made.ignored, made.waivers) == ({}, [])
    assert [outcome(row) for row in made.rows] == [
        ("CKV_AWS_21", ("s3-versioning",), "honoured", None),
        ("AVD-AWS-0090", ("s3-versioning",), "expired", "its last day was 2026-01-01"),
        ("polaris:*", (), "honoured", None),
        ("s3-versioning", ("s3-versioning",), "honoured", None),
        ("tflint-ignore: x", (), "unknown", "no policy has an id of TFLint as its alias"),
    ]


def test_what_is_there_is_not_written_again() -> None:
    text = """\
waivers:
  - policy: [s3-versioning, other]
    resources: "*"
    owner: somebody
    expires: 2027-06-30
"""
    there = There(
        {".": frozenset({"s3-logging"}), "team": frozenset({"s3-versioning"})},
        parse_waivers("waivers.yaml", text).waivers,
    )
    made = moved(
        Skip("Checkov", ("CKV_AWS_18",), ".checkov.yaml", 3),
        Skip("Trivy", ("AVD-AWS-0089",), ".trivyignore", 2),
        Skip("Checkov", ("CKV_AWS_21",), "team/.checkov.yaml", 1, folder="team"),
        Skip("Trivy", ("AVD-AWS-0090",), ".trivyignore", 2, until="2027-01-31"),
        Skip("Trivy", ("AVD-AWS-0090",), "t/.trivyignore", 2, until="2027-01-31", folder="t"),
        there=there,
    )
    assert made.ignored == {".": {"s3-logging-2": ["CKV_AWS_18 in .checkov.yaml:3"]}}
    assert [waiver.paths for waiver in made.waivers] == [("t/",)]
    was_there = "it was there already"
    assert [row.why == was_there for row in made.rows] == [False, True, True, True, False]


WAIVERS = [
    NewWaiver(("a",), "X in f:1", resources=("*",), reason='say "no": #1', expires="2027-01-31"),
    NewWaiver(("a", "b"), "Y in\nf:2", paths=("t/", "*.tf"), owner="@acme/platform"),
]


def test_the_file_of_waivers() -> None:
    text = waivers_text(WAIVERS)
    assert text.split("waivers:\n")[1] == (
        "  # X in f:1\n"
        "  - policy: a\n"
        '    resources: "*"\n'
        '    reason: "say \\"no\\": #1"\n'
        '    expires: "2027-01-31"\n'
        "\n"
        "  # Y in f:2\n"
        "  - policy: [a, b]\n"
        '    paths: [t/, "*.tf"]\n'
        '    owner: "@acme/platform"\n'
    )
    read = parse_waivers("waivers.yaml", text).waivers
    assert [(w.policies, w.resources, w.paths, w.reason, w.owner, w.expires) for w in read] == [
        (("a",), ("*",), (), 'say "no": #1', None, "2027-01-31"),
        (("a", "b"), (), ("t/", "*.tf"), None, "@acme/platform", None),
    ]


@pytest.mark.parametrize(
    ("old", "after"),
    [
        ("waivers:\n- policy: z\n  paths: x  # why\n", ""),
        ("waivers:\n    - policy: z\n      paths: x", ""),
        (
            "waivers:\n  - policy: z\n    paths: x\n",
            "\nacknowledgements:\n  - {policy: y, paths: x, reason: r, approved_by: b}\n",
        ),
    ],
)
def test_a_file_of_waivers_is_added_to(old: str, after: str) -> None:
    made = extended(parse_waivers("waivers.yaml", old + after), WAIVERS)
    assert made is not None
    assert made.startswith(old.rstrip("\n") + "\n\n")
    assert made.endswith(after)
    read = parse_waivers("waivers.yaml", made)
    assert [w.policies for w in read.waivers][:3] == [("z",), ("a",), ("a", "b")]


@pytest.mark.parametrize("old", ["waivers:\n", "waivers: [{policy: z, paths: x}]\n"])
def test_a_file_of_waivers_in_another_style_is_left(old: str) -> None:
    assert extended(parse_waivers("waivers.yaml", old), WAIVERS) is None


def test_a_file_of_acknowledgements_gets_waivers() -> None:
    old = "acknowledgements:\n  - {policy: y, paths: x, reason: r, approved_by: b}\n"
    made = extended(parse_waivers("waivers.yaml", old), WAIVERS)
    assert made is not None
    assert made.startswith(old)
    assert len(parse_waivers("waivers.yaml", made).waivers) == 3
