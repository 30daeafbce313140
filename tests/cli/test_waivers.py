"""Waivers: what they let pass, what they do not, who governs them, and what is wrong in their file."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"

ENCRYPTED = "demo-bucket-encrypted"
BUCKETS = 'resource "demo_bucket" "a" {\n  encrypted = false\n}\n\nresource "demo_bucket" "b" {\n  encrypted = false\n}\n'
MODULE = 'resource "demo_bucket" "this" {\n  encrypted = false\n}\n'
FUTURE = "2999-12-31"
ONE = "policy: aws-rds-deletion-protection, resources: demo_bucket.a, reason: r"


def waivers(*entries: str) -> str:
    """A file of waivers; an entry is what stands behind its dash."""
    return "waivers:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def addresses(result: Any, status: str) -> list[str]:
    """The addresses of the findings with a status, with those that they stand for."""
    return [
        address
        for f in result.findings
        if f["status"] == status
        for address in (f["resource"]["address"], *f["instances"])
    ]


@pytest.mark.parametrize(
    ("entry", "waived"),
    [
        (f"policy: {ENCRYPTED}, resources: demo_bucket.a", ["a"]),
        (f"policy: {ENCRYPTED}, resources: [demo_bucket.a, demo_bucket.b]", ["a", "b"]),
        (f"policy: {ENCRYPTED}, resources: 'demo_bucket.*'", ["a", "b"]),
        (f"policy: {ENCRYPTED}, resources: '*'", ["a", "b"]),
        (f"policy: {ENCRYPTED}, resources: demo_bucket.c", []),
        (f"policy: {ENCRYPTED}, resources: a", []),
        (f"policy: {ENCRYPTED}, paths: main.tf", ["a", "b"]),
        (f"policy: {ENCRYPTED}, paths: other.tf", []),
        (f"policy: {ENCRYPTED}, paths: main.tf, resources: demo_bucket.a", ["a"]),
        (f"policy: {ENCRYPTED}, paths: other.tf, resources: demo_bucket.a", []),
        (f"policy: {ENCRYPTED}, environments: prod", []),
        ("policy: CKV_DEMO_1, resources: demo_bucket.a", ["a"]),
        ("policy: AVD-DEMO-0001, resources: demo_bucket.a", ["a"]),
        ("policy: demo-0001, resources: demo_bucket.a", ["a"]),
        ("policy: sec-enc-01, resources: demo_bucket.a", ["a"]),
        ("policy: 'demo-*', resources: demo_bucket.a", ["a"]),
        ("policy: '*', resources: demo_bucket.a", ["a"]),
        (f"policy: [demo-rule-open, {ENCRYPTED}], resources: demo_bucket.a", ["a"]),
        ("policy: demo-rule-open, resources: demo_bucket.a", []),
        (f"policy: {ENCRYPTED}, resources: demo_bucket.a, expires: {FUTURE}", ["a"]),
        (f"policy: {ENCRYPTED}, resources: demo_bucket.a, expires: 2026-01-31", []),
    ],
)
def test_what_a_waiver_lets_pass(cli: Any, entry: str, waived: list[str]) -> None:
    cli.write({"main.tf": BUCKETS, "waivers.yaml": waivers(entry)})
    result = cli.check(select=ENCRYPTED)
    assert addresses(result, "waived") == [f"demo_bucket.{name}" for name in waived]
    assert addresses(result, "fail") == [f"demo_bucket.{name}" for name in ("a", "b") if name not in waived]
    counts = result.report["summary"]["findings"]
    assert (counts["waived"], counts["fail"]) == (len(waived), 2 - len(waived))
    assert result.status == (0 if len(waived) == 2 else 1)


def test_who_lets_it_pass(cli: Any) -> None:
    entry = (
        f"policy: {ENCRYPTED}, resources: demo_bucket.a, reason: public assets, owner: team-web, "
        f"ticket: 112, approved_by: ciso, expires: {FUTURE}"
    )
    cli.write({"main.tf": BUCKETS, "waivers.yaml": waivers(entry)})
    (finding,) = (f for f in cli.check(select=ENCRYPTED).findings if f["status"] == "waived")
    assert finding["reason"] == "public assets"


def test_modules(cli: Any) -> None:
    calls = "".join(f'module "{name}" {{\n  source = "./m"\n}}\n' for name in ("one", "two", "three"))
    cli.write({"main.tf": calls, "m/main.tf": MODULE})
    cli.write({"waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: module.two")})
    result = cli.check(select=ENCRYPTED)
    assert addresses(result, "waived") == ["module.two.demo_bucket.this"]
    assert addresses(result, "fail") == ["module.one.demo_bucket.this", "module.three.demo_bucket.this"]
    failing = next(f for f in result.findings if f["status"] == "fail")
    assert failing["location"] == {
        "path": "m/main.tf",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 20,
    }


def test_environments(cli: Any) -> None:
    root = 'variable "on" {\n  type = bool\n}\nresource "demo_bucket" "a" {\n  encrypted = var.on\n}\n'
    cli.write({"main.tf": root, "waivers.yaml": waivers(f"policy: {ENCRYPTED}, environments: 'd*'")})
    cli.write({f"environments/{name}.tfvars": "on = false\n" for name in ("dev", "stage", "prod")})
    result = cli.check(select=ENCRYPTED)
    told = {f["status"]: f["environments"] for f in result.findings}
    assert told == {"waived": ["dev"], "fail": ["prod", "stage"]}


IN_CALLS = 'module "one" {\n  source = "./m"\n}\n\n# readiness:ignore demo-bucket-encrypted reason: rebuilt\nmodule "two" {\n  source = "./m"\n}\n'


@pytest.mark.parametrize(
    ("files", "suppressed", "failing"),
    [
        ({"main.tf": IN_CALLS}, ["module.two.demo_bucket.this"], ["module.one.demo_bucket.this"]),
        (
            {"main.tf": IN_CALLS.replace('"two" {\n', '"two" {\n  count  = 2\n')},
            ["module.two[0].demo_bucket.this", "module.two[1].demo_bucket.this"],
            ["module.one.demo_bucket.this"],
        ),
        (
            {"main.tf": IN_CALLS.replace("./m", "./n"), "n/main.tf": 'module "in" {\n  source = "../m"\n}\n'},
            ["module.two.module.in.demo_bucket.this"],
            ["module.one.module.in.demo_bucket.this"],
        ),
        (
            {"main.tf": IN_CALLS.replace("demo-bucket-encrypted", "demo-bucket-versioned")},
            [],
            ["module.one.demo_bucket.this", "module.two.demo_bucket.this"],
        ),
        (
            {
                "main.tf": IN_CALLS.replace("\n# readiness", "\n  # readiness").replace(
                    "rebuilt", "x, until 2026-01-01"
                )
            },
            [],
            ["module.one.demo_bucket.this", "module.two.demo_bucket.this"],
        ),
        (  # The same call in another root is another one.
            {
                "x/main.tf": IN_CALLS.replace("./m", "../m"),
                "y/main.tf": 'module "two" {\n  source = "../m"\n}\n',
            },
            ["module.two.demo_bucket.this"],
            ["module.one.demo_bucket.this", "module.two.demo_bucket.this"],
        ),
    ],
    ids=["call", "count", "nested", "another policy", "expired", "two roots"],
)
def test_an_ignore_at_a_module_call_holds_for_its_instances(
    cli: Any, files: dict[str, str], suppressed: list[str], failing: list[str]
) -> None:
    cli.write({**files, "m/main.tf": MODULE})
    result = cli.check(select=ENCRYPTED)
    assert addresses(result, "suppressed") == suppressed
    assert addresses(result, "fail") == failing
    fingerprints = [f["fingerprint"] for f in result.findings]
    assert len(set(fingerprints)) == len(fingerprints) or len({f["status"] for f in result.findings}) > 1


def test_what_is_ignored_in_place_needs_no_waiver(cli: Any) -> None:
    text = BUCKETS.replace("\n\n", f"\n\n# readiness:ignore {ENCRYPTED} reason: x\n")
    cli.write(
        {
            "main.tf": text,
            "waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.b, owner: me, reason: x"),
        }
    )
    result = cli.check(select=f"{ENCRYPTED},gov-waiver-unused")
    assert addresses(result, "suppressed") == ["demo_bucket.b"]
    assert [f[0] for f in result.found()] == [ENCRYPTED, "gov-waiver-unused"]


def test_no_exceptions(cli: Any) -> None:
    text = BUCKETS.replace("\n\n", f"\n\n# readiness:ignore {ENCRYPTED}\n")
    cli.write({"main.tf": text, "waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.a")})
    result = cli.check("--no-exceptions", select=f"{ENCRYPTED},gov-waiver-*")
    assert result.found() == [
        (ENCRYPTED, "demo_bucket.a", "main.tf", 2),
        (ENCRYPTED, "demo_bucket.b", "main.tf", 7),
    ]
    assert result.report["summary"]["findings"]["suppressed"] == 0


# -- where the file is ----------------------------------------------------------------


def test_files_that_are_named_take_the_place_of_the_usual_one(cli: Any) -> None:
    cli.write({"main.tf": BUCKETS, "waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.a")})
    cli.write({"ops/more.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.b, paths: ../main.tf")})
    assert addresses(cli.check("--waivers", "ops/more.yaml", select=ENCRYPTED), "waived") == ["demo_bucket.b"]
    both = cli.check("--waivers", "ops/more.yaml", "--waivers", "waivers.yaml", select=ENCRYPTED)
    assert addresses(both, "waived") == ["demo_bucket.a", "demo_bucket.b"]
    assert addresses(cli.check("--isolated", select=ENCRYPTED), "waived") == []


def test_the_file_of_the_root_holds_in_folders_below(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (cli.root / ".git").mkdir()
    entries = (f"policy: {ENCRYPTED}, paths: infra/main.tf",)
    cli.write({"infra/main.tf": BUCKETS, "waivers.yaml": waivers(*entries)})
    monkeypatch.chdir(cli.root / "infra")
    assert addresses(cli.check(select=ENCRYPTED), "waived") == ["demo_bucket.a", "demo_bucket.b"]


# -- what is wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "waivers.yaml:1:1: 'waivers' is missing here"),
        ("waiver: []\n", "waivers.yaml:1:1: there is no field 'waiver' here; did you mean 'waivers'?"),
        ("- policy: x\n", "waivers.yaml:1:1: a mapping of waivers is expected"),
        ("waivers:\n  - resources: x\n", "waivers.yaml:2:5: waivers.0: 'policy' is missing here"),
        (
            f"waivers:\n  - policy: {ENCRYPTED}\n",
            'waivers.yaml:2:5: waivers.0: it says neither resources nor paths nor environments; `resources: "*"` means all of them',
        ),
        (
            f"waivers:\n  - policy: {ENCRYPTED}\n    resource: x\n",
            "waivers.yaml:3:5: waivers.0: there is no field 'resource' here; did you mean 'resources'?",
        ),
        (
            f"waivers:\n  - policy: {ENCRYPTED}\n    resources: x\n    expires: 2026-02-30\n",
            "waivers.yaml:4:14: waivers.0.expires: there is no day '2026-02-30'",
        ),
        (
            f"waivers:\n  - policy: {ENCRYPTED}\n    resources: x\n    expires: soon\n",
            "waivers.yaml:4:14: waivers.0.expires: 'soon' is not right here: the last day on which it holds, such as 2027-01-31",
        ),
        (
            "waivers:\n  - policy: demo-bucket-encryptd\n    resources: x\n",
            "waivers.yaml:2:13: policy: no policy, control or other tool's id is called 'demo-bucket-encryptd'; "
            "did you mean 'demo-bucket-encrypted'?",
        ),
        (
            f"waivers:\n  - policy: [{ENCRYPTED}, high]\n    resources: x\n",
            "waivers.yaml:2:37: policy: no policy, control or other tool's id is called 'high'",
        ),
        (
            "waivers:\n  - policy: 'nothing-*'\n    resources: x\n",
            "waivers.yaml:2:13: policy: no policy, control or other tool's id is called 'nothing-*'",
        ),
        (
            f"waivers:\n  - policy: {ENCRYPTED}\n    resources: []\n",
            "waivers.yaml:3:16: waivers.0.resources: an empty list says nothing",
        ),
        ("waivers: [\n", "waivers.yaml:2:1: it is no YAML: did not find expected node content"),
    ],
)
def test_what_is_wrong_in_the_file(cli: Any, text: str, message: str) -> None:
    cli.write({"main.tf": BUCKETS, "waivers.yaml": text})
    result = cli.check(select=ENCRYPTED)
    assert (result.status, result.out) == (2, "")
    assert result.err == f"error: {message}\n"


@pytest.mark.parametrize("folder", ["", "sub"])
def test_a_file_with_another_ending(cli: Any, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.git("init", "-q")
    cli.write({"main.tf": BUCKETS, "waivers.yml": waivers(ONE), "sub/main.tf": BUCKETS})
    monkeypatch.chdir(cli.root / folder)
    path = "../waivers.yml" if folder else "waivers.yml"
    message = f"error: {path}: waivers are read from waivers.yaml: rename it, or name it with --waivers\n"
    result = cli.run("check")
    assert (result.status, result.err) == (2, message)
    assert cli.run("check", "--waivers", path).status != 2
    assert cli.run("check", "--isolated").status != 2


def test_a_file_of_another_tool(cli: Any) -> None:
    cli.write({"main.tf": BUCKETS, "waivers.yml": "control-1:\n  run: false\n  waivers: []\n"})
    assert cli.run("check").status != 2
    cli.write({"waivers.yml": "waivers: []\n", "waivers.yaml": "waivers: []\n"})
    assert cli.run("check").status != 2


def test_a_file_that_is_not_there(cli: Any) -> None:
    cli.write({"main.tf": BUCKETS})
    result = cli.check("--waivers", "no.yaml", select=ENCRYPTED)
    assert (result.status, result.err) == (2, "error: the file of waivers 'no.yaml' does not exist\n")


def test_nothing_waived_yet(cli: Any) -> None:
    cli.write({"main.tf": BUCKETS, "waivers.yaml": "waivers:\n"})
    assert addresses(cli.check(select=ENCRYPTED), "fail") == ["demo_bucket.a", "demo_bucket.b"]


# -- governance -----------------------------------------------------------------------


def day(days: int) -> str:
    """A day from today."""
    return (datetime.date.today() + datetime.timedelta(days)).isoformat()


@pytest.mark.parametrize(
    ("entry", "policies"),
    [
        (
            f"policy: {ENCRYPTED}, resources: 'demo_bucket.*', reason: x, owner: me, approved_by: y, expires: {day(89)}",
            [],
        ),
        (
            f"policy: {ENCRYPTED}, resources: demo_bucket.a, reason: x, approved_by: y, expires: {day(89)}",
            ["gov-waiver-owner"],
        ),
        (
            f"policy: {ENCRYPTED}, resources: demo_bucket.a, owner: x, approved_by: y, expires: {day(89)}",
            ["gov-waiver-reason"],
        ),
        (
            f"policy: {ENCRYPTED}, resources: demo_bucket.a, owner: x, reason: x, expires: {day(89)}",
            ["gov-waiver-approver"],
        ),
        (
            f"policy: {ENCRYPTED}, resources: demo_bucket.a, owner: x, reason: x, approved_by: y",
            ["gov-waiver-until"],
        ),
        (
            f"policy: {ENCRYPTED}, resources: demo_bucket.a, owner: x, reason: x, approved_by: y, expires: {day(91)}",
            ["gov-waiver-term"],
        ),
        (
            f"policy: {ENCRYPTED}, resources: demo_bucket.a, owner: x, reason: x, approved_by: y, expires: {day(3)}",
            ["gov-waiver-expiring"],
        ),
        (f"policy: {ENCRYPTED}, resources: demo_bucket.c, owner: x, reason: x", ["gov-waiver-unused"]),
        (f"policy: {ENCRYPTED}, resources: demo_bucket.a, expires: {day(-1)}", ["gov-waiver-expired"]),
    ],
)
def test_governance(cli: Any, entry: str, policies: list[str]) -> None:
    cli.write({"main.tf": BUCKETS, "waivers.yaml": waivers(entry)})
    result = cli.check(select=f"{ENCRYPTED},gov-waiver-*")
    assert [f[0] for f in result.found() if f[2] == "waivers.yaml"] == policies
    assert {f[1] for f in result.found() if f[2] == "waivers.yaml"} <= {f"waiver.{ENCRYPTED}"}


@pytest.mark.parametrize(
    ("args", "select"),
    [
        (("main.tf",), ENCRYPTED),
        (("other",), ENCRYPTED),
        ((".",), "demo-rule-open"),
        ((".", "--environment", "prod"), ENCRYPTED),
    ],
    ids=["a file", "a folder", "other policies", "an environment"],
)
def test_what_was_not_looked_at_is_not_unused(cli: Any, args: tuple[str, ...], select: str) -> None:
    cli.write({"main.tf": BUCKETS, "other/main.tf": BUCKETS, "prod.tfvars": "x = 1\n"})
    cli.write({"main.tf": f'variable "x" {{}}\n{BUCKETS}'})
    cli.write(
        {"waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.gone, owner: x, reason: x")}
    )
    result = cli.check(*args, select=f"{select},gov-waiver-unused")
    assert [f for f in result.found() if f[0] == "gov-waiver-unused"] == []


def test_what_could_not_be_read_is_not_unused(cli: Any) -> None:
    cli.write({"main.tf": BUCKETS, "broken.tf": 'resource "x" {{{'})
    cli.write(
        {"waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.gone, owner: x, reason: x")}
    )
    result = cli.check(select=f"{ENCRYPTED},gov-waiver-unused")
    assert {f[0] for f in result.found()} == {ENCRYPTED}
    (cli.root / "broken.tf").unlink()
    result = cli.check(select=f"{ENCRYPTED},gov-waiver-unused")
    assert ("gov-waiver-unused", f"waiver.{ENCRYPTED}", "waivers.yaml", 2) in result.found()


def test_unused_ignores(cli: Any) -> None:
    comments = f"# readiness:ignore {ENCRYPTED} reason: x\n", "# checkov:skip=CKV_NONE_1: theirs\n"
    cli.write(
        {"main.tf": BUCKETS.replace("false", "true") + "".join(f"{c}locals {{\n}}\n" for c in comments)}
    )
    result = cli.check(select=f"{ENCRYPTED},gov-ignore-unused")
    assert result.found() == [("gov-ignore-unused", f"ignore.{ENCRYPTED}", "main.tf", 8)]


TEXT = """\
waivers.yaml  1 finding

medium[gov-waiver-owner]: demo-bucket-encrypted is waived and nobody answers for it
 --> waivers.yaml:2:5
  |
2 |   - policy: demo-bucket-encrypted
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = resource: waiver.demo-bucket-encrypted
"""


def test_the_whole_report(cli: Any) -> None:
    cli.write(
        {
            "main.tf": BUCKETS,
            "waivers.yaml": f"waivers:\n  - policy: {ENCRYPTED}\n    resources: demo_bucket.*\n    reason: later\n",
        }
    )
    own = ("--policies", str(OWN_POLICIES), "--select", f"{ENCRYPTED},gov-waiver-owner,gov-waiver-unused")
    result = cli.run("check", *own)
    assert result.status == 0
    assert result.out.startswith(TEXT)
    assert "1 finding: 1 medium; 2 waived (see --show-suppressed)" in result.out


# -- what is locked -------------------------------------------------------------------


def test_what_is_locked_passes_by_nobody(cli: Any) -> None:
    text = BUCKETS.replace("\n\n", f"\n\n# readiness:ignore {ENCRYPTED} reason: x\n")
    cli.write({"main.tf": text, "waivers.yaml": waivers(f"policy: {ENCRYPTED}, resources: demo_bucket.a")})
    cli.write({"readiness.yaml": f"policies:\n  {ENCRYPTED}:\n    severity: critical\n    locked: true\n"})
    result = cli.check(select=ENCRYPTED)
    assert addresses(result, "fail") == ["demo_bucket.a", "demo_bucket.b"]
    notices = [(n["path"], n["line"], n["message"]) for n in result.report["notices"]]
    where = f"'{ENCRYPTED}' is locked by readiness.yaml:"
    assert [(path, line) for path, line, _ in notices] == [("main.tf", 5), ("waivers.yaml", 2)]
    assert all(message.startswith(where) for _, _, message in notices)
    assert [message.rpartition(" ")[2] for _, _, message in notices] == ["ignored", "waived"]


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  annotations:\n    readiness.dev/ignore: 'demo-config-owner reason: x'\n"


def test_annotations_that_are_used(cli: Any) -> None:
    own = CONFIG.format("a")
    used = CONFIG.format("b")
    cli.write({"a.yaml": own.replace("annotations:", "labels: {owner: me}\n  annotations:"), "b.yaml": used})
    result = cli.check(select="demo-config-owner,gov-ignore-unused")
    assert addresses(result, "suppressed") == ["ConfigMap/b"]
    assert result.found() == [("gov-ignore-unused", "ignore.demo-config-owner", "a.yaml", 7)]
