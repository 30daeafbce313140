"""What the configuration files of other tools leave out: each format, with lines, and hostile ones."""

from __future__ import annotations

import pytest

from readiness.onboarding.model import Note, Skip
from readiness.onboarding.peers import read_peers, reader_of
from readiness.repo.tree import TextTree


def read(**files: str) -> tuple[list[Skip], list[Note]]:
    """The skips and notes of files, whose names have `__` for `/`."""
    texts = {name.replace("__", "/"): text for name, text in files.items()}
    found = read_peers(texts, TextTree(texts))
    return found.skips, found.notes


def one(name: str, text: str) -> list[tuple[tuple[str, ...], int, str | None]]:
    """The skips of one file as (ids, line, why)."""
    found = read_peers([name], TextTree({name: text}))
    assert found.notes == []
    assert {skip.path for skip in found.skips} <= {name}
    return [(skip.ids, skip.line, skip.why) for skip in found.skips]


GITIGNORE = "say it in .gitignore, or waive with `paths`"

FORMATS = [
    (
        ".checkov.yaml",
        "compact: true\nskip-check:\n  - CKV_AWS_18\n  - CKV_AWS_2*\n",
        [(("CKV_AWS_18",), 3, None), (("CKV_AWS_2*",), 4, None)],
    ),
    (
        ".checkov.yml",
        "skip-check: CKV_AWS_18, CKV_AWS_21\n",
        [(("CKV_AWS_18",), 1, None), (("CKV_AWS_21",), 1, None)],
    ),
    (
        ".checkov.yaml",
        "skip-check: [LOW]\n",
        [(("LOW",), 1, "it leaves out by severity: `fail-on` does that")],
    ),
    (".checkov.yaml", "skip-path:\n- examples/\n", [(("skip-path: examples/",), 2, GITIGNORE)]),
    (
        ".checkov.yaml",
        "check: [CKV_AWS_1]\nsoft-fail: true\n",
        [
            (
                ("check: CKV_AWS_1",),
                1,
                "it runs these checks alone: `select` does that, and nothing else is checked then",
            ),
            (("soft-fail",), 2, "`check --exit-zero` does that on the command line"),
        ],
    ),
    (
        ".checkov.baseline",
        "{}",
        [(("baseline",), 1, "`readiness init --baseline` records the findings of today")],
    ),
    ("trivy.yaml", "scan:\n  skip-dirs: [vendor]\n", [(("skip-dirs: vendor",), 2, GITIGNORE)]),
    (".tfsec/config.yml", "exclude:\n  - AVD-AWS-0090\n", [(("AVD-AWS-0090",), 2, None)]),
    (
        ".tfsec/config.json",
        '{"exclude": ["aws-s3-enable-versioning"]}',
        [(("aws-s3-enable-versioning",), 1, None)],
    ),
    (
        ".kube-linter.yaml",
        "checks:\n  addAllBuiltIn: true\n  exclude:\n    - unset-cpu-requirements\n  ignorePaths: [~/x]\n",
        [(("kube-linter:unset-cpu-requirements",), 4, None), (("ignorePaths: ~/x",), 5, GITIGNORE)],
    ),
    (
        "polaris.yaml",
        "checks:\n  tagNotSpecified: ignore\n  runAsRootAllowed: danger\n",
        [(("polaris:tagNotSpecified",), 2, None)],
    ),
    (
        ".tflint.hcl",
        'config {\n  force = false\n}\n\nrule "a_rule" {\n  enabled = false\n}\n\nrule "b" {\n  enabled = true\n}\n',
        [(("a_rule",), 5, None)],
    ),
    (".tflint.json", '{"rule": {"a": {"enabled": false}, "b": {"enabled": true}}}', [(("a",), 1, None)]),
    ("kics.config", '{"exclude-queries": "e69f7, a227e"}', [(("e69f7",), 1, None), (("a227e",), 1, None)]),
    ("terrascan.toml", '[rules]\nskip-rules = ["AC_AWS_0001"]\n', [(("AC_AWS_0001",), 1, None)]),
]


@pytest.mark.parametrize(("name", "text", "expected"), FORMATS)
def test_formats(name: str, text: str, expected: list[tuple[tuple[str, ...], int, str | None]]) -> None:
    assert one(name, text) == expected


def test_lines_of_trivy() -> None:
    text = """\
# Accept the risk
AVD-AWS-0088

# Until the migration
# is over
AVD-AWS-0090 exp:2027-01-31
AVD-AWS-0092 # of the CDN

AVD-AWS-0086
CVE-2019-1543
generic-rule
"""
    skips, notes = read(**{".trivyignore": text})
    assert notes == []
    assert [(s.ids[0], s.line, s.reason, s.until) for s in skips] == [
        ("AVD-AWS-0088", 2, "Accept the risk", None),
        ("AVD-AWS-0090", 6, "Until the migration is over", "2027-01-31"),
        ("AVD-AWS-0092", 7, "of the CDN", None),
        ("AVD-AWS-0086", 9, None, None),
        ("CVE-2019-1543 and 1 more", 10, None, None),
    ]
    assert skips[-1].why == "it is about vulnerabilities, secrets or licences, not about configuration"


def test_entries_of_trivy() -> None:
    text = """\
misconfigurations:
  - id: AVD-AWS-0088
  - id: AVD-AWS-0090
    paths:
      - infra/logs.tf
      - "modules/**"
    statement: Rebuilt every night
    expired_at: 2027-01-31
  - id: AVD-AWS-0092
    paths: ["../other"]
  - statement: nothing
vulnerabilities:
  - id: CVE-1
"""
    skips, notes = read(**{"team__.trivyignore.yaml": text})
    assert notes == []
    assert [(s.ids[0], s.line, s.folder, s.paths, s.reason, s.until) for s in skips] == [
        ("AVD-AWS-0088", 2, "team", (), None, None),
        (
            "AVD-AWS-0090",
            3,
            "team",
            ("team/infra/logs.tf", "team/modules/**"),
            "Rebuilt every night",
            "2027-01-31",
        ),
        ("AVD-AWS-0092", 9, "team", ("other",), None, None),
        ("CVE-1", 13, "team", (), None, None),
    ]
    (outside,), _ = read(**{".trivyignore.yaml": "misconfigurations: [{id: AVD-AWS-0001, paths: [../x]}]\n"})
    assert outside.why == "'../x' leads out of the repository"


def test_exemptions_of_polaris() -> None:
    text = """\
exemptions:
  - namespace: kube-system
    controllerNames: [dns-controller, kube-]
    rules: [hostNetworkSet, runAsRootAllowed]
  - controllerNames: [dns]
    rules: [hostNetworkSet]
  - namespace: monitoring
    rules: [hostNetworkSet]
  - controllerNames: [a]
    containerNames: [b]
    rules: [hostNetworkSet]
  - rules: [hostNetworkSet]
  - namespace: x
"""
    skips, notes = read(**{"polaris.yaml": text})
    assert [(s.ids, s.line, s.resources, s.why) for s in skips] == [
        (
            ("polaris:hostNetworkSet", "polaris:runAsRootAllowed"),
            2,
            ("*/kube-system/dns-controller*", "*/kube-system/kube-*"),
            None,
        ),
        (("polaris:hostNetworkSet",), 5, ("*/dns*",), None),
        (("polaris:hostNetworkSet",), 7, ("*/monitoring/*",), None),
        (
            ("polaris:hostNetworkSet",),
            9,
            ("*/a*",),
            "it exempts single containers: an ignore in place can say that",
        ),
        (("polaris:hostNetworkSet",), 12, (), "it names neither a namespace nor controllers"),
    ]
    assert notes == [Note("polaris.yaml", 13, "an exemption without `rules` is not taken over")]


HOSTILE = [
    (".checkov.yaml", "a: &a [x]\nb: *a\n", 1, "aliases"),
    (".checkov.yaml", "skip-check: !own x\n", 1, "tag"),
    (".checkov.yaml", "[" * 5000, 1, "nest deeper"),
    (".checkov.yaml", "skip-check: [a\n", 2, "it is no YAML"),
    (".kube-linter.yaml", "- a\n", 1, "a mapping of settings is expected"),
    (".trivyignore.yaml", "a" * 1_000_001, 1, "more than a million bytes"),
    (".tflint.hcl", 'rule "a" {\n  enabled = \n}\n', 2, "it is not taken over"),
    ("kics.config", "exclude-queries = [1]\n", 1, "a mapping of settings is expected"),
    ("terrascan.toml", "[rules\n", 1, "it is no TOML"),
    ("terrascan.toml", "a = " + "[" * 50_000, 1, "it is no TOML"),
]


@pytest.mark.parametrize(("name", "text", "line", "message"), HOSTILE)
def test_what_cannot_be_read_is_told(name: str, text: str, line: int, message: str) -> None:
    found = read_peers([name], TextTree({name: text}))
    assert found.skips == []
    assert [(note.path, note.line) for note in found.notes] == [(name, line)]
    assert message in found.notes[0].message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".checkov.yaml", "skip-check: {a: b}\nskip-path: 3\n"),
        (".checkov.yaml", ""),
        (".trivyignore.yaml", "misconfigurations: 3\nsecrets: [1, {id: 2}]\n"),
        ("polaris.yaml", "checks: [a]\nexemptions: {a: b}\n"),
        (".kube-linter.yaml", "checks: [exclude]\n"),
        (".tflint.json", '{"rule": ["a"]}'),
        ("terrascan.toml", 'rules = "x"\n'),
    ],
)
def test_other_shapes_say_nothing(name: str, text: str) -> None:
    assert one(name, text) == []


def test_which_files_are_read() -> None:
    assert reader_of("a/.tfsec/config.json") is not None
    assert reader_of("config.json") is None
    assert reader_of("a/b/.checkov.yaml") is not None
    found = read_peers(
        ["x/.checkov.yaml", ".trivyignore", "README.md"], TextTree({".trivyignore": "KSV012\n"})
    )
    assert found.files == {"Trivy": [".trivyignore"], "Checkov": ["x/.checkov.yaml"]}
    assert found.notes == [
        Note("x/.checkov.yaml", 1, "it is no file that can be read, so nothing of it is taken over")
    ]
