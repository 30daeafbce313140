"""The baseline: created, held against findings, updated, and what is wrong in its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readiness.engine.model import Identity

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"
ENCRYPTED = "demo-bucket-encrypted"
BUCKET = 'resource "demo_bucket" "{}" {{\n  encrypted = false\n}}\n'
FILE = "readiness-baseline.json"
USE = ("--baseline", FILE)


def bucket(*names: str) -> str:
    """Buckets that are not encrypted."""
    return "\n".join(BUCKET.format(name) for name in names)


def baseline(cli: Any, *args: str, select: str = ENCRYPTED) -> Any:
    """`readiness baseline` with the tests' own policies."""
    return cli.run("baseline", *args, "--policies", str(OWN_POLICIES), "--select", select)


def line(address: str, path: str = "main.tf", **more: Any) -> str:
    """A line of the file."""
    fingerprint = Identity(ENCRYPTED, path, address).fingerprint
    entry = {"policy": ENCRYPTED, "path": path, "address": address, "severity": "high", **more}
    return json.dumps({**entry, "fingerprint": fingerprint})


def text(*lines: str) -> str:
    """A whole file."""
    return '{"schema_version": 1, "findings": [\n' + ",\n".join(lines) + "\n]}\n"


def test_created_used_and_updated(cli: Any) -> None:
    cli.write({"main.tf": bucket("b", "a")})
    result = baseline(cli, "create")
    assert (result.status, result.out, result.err) == (0, f"{FILE}: 2 findings recorded\n", "")
    assert (cli.root / FILE).read_text() == text(line("demo_bucket.a"), line("demo_bucket.b"))

    result = cli.check(*USE, select=ENCRYPTED)
    assert (result.status, result.found()) == (0, [])
    assert result.report["summary"]["findings"]["baselined"] == 2
    assert {f["reason"] for f in result.findings} == {"recorded in the baseline"}

    cli.write({"main.tf": "# A comment.\n\n" + bucket("new", "a", "b")})
    result = cli.check(*USE, select=ENCRYPTED)
    assert (result.status, result.found()) == (1, [(ENCRYPTED, "demo_bucket.new", "main.tf", 4)])

    result = baseline(cli, "update", "--reason", "a migration")
    assert result.out == f"{FILE}: 1 entry added or renewed; 3 entries in all\n"
    assert line("demo_bucket.new", reason="a migration") in (cli.root / FILE).read_text()
    assert cli.check(*USE, select=ENCRYPTED).status == 0


def test_what_is_fixed_is_told_and_taken_out(cli: Any) -> None:
    cli.write({"main.tf": bucket("a", "b")})
    baseline(cli, "create")
    cli.write({"main.tf": bucket("b", "c")})
    result = cli.check(*USE, select=ENCRYPTED)
    assert result.found() == [(ENCRYPTED, "demo_bucket.c", "main.tf", 6)]
    assert result.err == (
        f"note: 1 finding of {FILE} is fixed: `readiness baseline update --prune-only` takes what is fixed out\n"
    )
    told = baseline(cli, "update", "--prune-only").out
    assert told == f"{FILE}: 1 fixed and taken out; 1 entry in all\n"
    assert (cli.root / FILE).read_text() == text(line("demo_bucket.b"))
    assert baseline(cli, "update", "--prune-only").out == f"{FILE}: nothing is fixed; 1 entry in all\n"
    cli.write({"main.tf": bucket("c")})
    told = baseline(cli, "update").out
    assert told == f"{FILE}: 1 entry added or renewed; 1 fixed (--prune takes them out); 2 entries in all\n"
    told = baseline(cli, "update", "--prune").out
    assert told == f"{FILE}: 0 entries added or renewed; 1 fixed and taken out; 1 entry in all\n"
    cli.write({"main.tf": bucket("a")})
    assert cli.check(*USE, select=ENCRYPTED).found() == [(ENCRYPTED, "demo_bucket.a", "main.tf", 2)]


@pytest.mark.parametrize(
    ("args", "select"),
    [(("other.tf",), ENCRYPTED), (("other",), ENCRYPTED), ((".",), "demo-bucket-versioned")],
    ids=["a file", "a folder", "another policy"],
)
def test_what_was_not_looked_at_is_not_fixed(cli: Any, args: tuple[str, ...], select: str) -> None:
    cli.write({"main.tf": bucket("a"), "other.tf": "locals {}\n", "other/main.tf": bucket("x")})
    baseline(cli, "create")
    cli.write({"main.tf": "locals {}\n"})
    assert "fixed" not in cli.check(*args, *USE, select=select).err
    assert "fixed" in cli.check(*USE, select=ENCRYPTED).err


def test_nothing_is_fixed_where_something_could_not_be_read(cli: Any) -> None:
    cli.write({"main.tf": bucket("a", "b")})
    baseline(cli, "create")
    cli.write({"main.tf": bucket("b") + 'resource "x" {{{'})
    result = baseline(cli, "update", "--prune")
    assert result.status == 3
    assert "main.tf:4" in result.err
    assert (cli.root / FILE).read_text() == text(line("demo_bucket.a"), line("demo_bucket.b"))


def test_the_same_address_elsewhere_gates(cli: Any) -> None:
    """A copy of a folder has the same addresses, and its findings are new."""
    cli.write({"a/main.tf": bucket("a")})
    baseline(cli, "create")
    cli.write({"b/main.tf": bucket("a")})
    result = cli.check(*USE, select=ENCRYPTED)
    assert (result.status, result.found()) == (1, [(ENCRYPTED, "demo_bucket.a", "b/main.tf", 2)])


def test_a_file_that_was_renamed(cli: Any) -> None:
    cli.write({"a/main.tf": bucket("a")})
    baseline(cli, "create")
    (cli.root / "a/main.tf").rename(cli.root / "a/buckets.tf")
    result = cli.check(*USE, select=ENCRYPTED)
    assert (result.status, result.err) == (0, "")
    told = baseline(cli, "update", "--prune-only").out
    assert told == f"{FILE}: 1 moved with their files; nothing is fixed; 1 entry in all\n"
    assert (cli.root / FILE).read_text() == text(line("demo_bucket.a", "a/buckets.tf"))


def test_another_call_of_a_module_is_new(cli: Any) -> None:
    call = 'module "{}" {{\n  source = "./m"\n}}\n'
    cli.write({"main.tf": call.format("b"), "m/main.tf": bucket("this")})
    baseline(cli, "create")
    cli.write({"main.tf": call.format("a") + call.format("b")})
    result = cli.check(*USE, select=ENCRYPTED)
    assert result.found() == [(ENCRYPTED, "module.a.demo_bucket.this", "m/main.tf", 2)]
    assert result.found("baselined") == [(ENCRYPTED, "module.b.demo_bucket.this", "m/main.tf", 2)]


def test_an_environment_or_a_root_that_was_not_recorded_gates(cli: Any) -> None:
    cli.write(
        {
            "a/main.tf": 'variable "on" {}\nresource "demo_bucket" "a" {\n  encrypted = var.on\n}\n',
            "a/dev.tfvars": "on = false\n",
            "a/prod.tfvars": "on = true\n",
            "modules/b/main.tf": 'resource "demo_bucket" "b" {\n  encrypted = false\n}\n',
            "live/one/main.tf": 'module "b" {\n  source = "../../modules/b"\n}\n',
        }
    )
    own = ("--policies", str(OWN_POLICIES), "--select", "demo-bucket-encrypted")
    cli.run("baseline", "create", *own)
    text = (cli.root / "readiness-baseline.json").read_text()
    assert '"environments": ["dev"]' in text
    assert '"roots": ["live/one"]' in text

    def gating() -> list[str]:
        result = cli.check("--baseline", "readiness-baseline.json", select="demo-bucket-encrypted")
        return [f["resource"]["address"] for f in result.findings if f["status"] == "fail"]

    assert gating() == []
    cli.write({"a/prod.tfvars": "on = false\n"})
    assert gating() == ["demo_bucket.a"]
    cli.write({"live/two/main.tf": 'module "b" {\n  source = "../../modules/b"\n}\n'})
    assert gating() == ["demo_bucket.a", "module.b.demo_bucket.b"]
    (cli.root / "live/one/main.tf").unlink()
    (cli.root / "live/one").rmdir()  # a root with another name now
    assert gating() == ["demo_bucket.a"]
    assert cli.run("baseline", "update", *own).out.endswith("1 entry added or renewed; 2 entries in all\n")
    assert gating() == []


def test_ignored_and_waived_findings_are_not_recorded(cli: Any) -> None:
    ignored = f"# readiness:ignore {ENCRYPTED} reason: x\n{bucket('ignored')}"
    cli.write({"main.tf": ignored + bucket("waived") + bucket("a")})
    cli.write({"waivers.yaml": f"waivers:\n  - policy: {ENCRYPTED}\n    resources: demo_bucket.waived\n"})
    assert baseline(cli, "create").out == f"{FILE}: 1 finding recorded\n"
    result = cli.check(*USE, select=ENCRYPTED)
    counts = result.report["summary"]["findings"]
    assert counts == {"fail": 0, "unknown": 0, "suppressed": 1, "waived": 1, "baselined": 1}
    assert cli.check(*USE, "--no-exceptions", select=ENCRYPTED).status == 2
    assert len(cli.check("--no-exceptions", select=ENCRYPTED).found()) == 3


def test_unknown_findings_are_recorded_where_they_gate(cli: Any) -> None:
    cli.write({"main.tf": 'variable "on" {}\nresource "demo_bucket" "a" {\n  encrypted = var.on\n}\n'})
    assert baseline(cli, "create").out == f"{FILE}: 0 findings recorded\n"
    assert (cli.root / FILE).read_text() == '{"schema_version": 1, "findings": [\n]}\n'
    assert baseline(cli, "update", "--unknown", "fail").out.startswith(f"{FILE}: 1 entry added")
    assert cli.check(*USE, "--unknown", "fail", select=ENCRYPTED).status == 0
    cli.write({"main.tf": bucket("a")})
    assert cli.check(*USE, select=ENCRYPTED).status == 1


def test_expiry(cli: Any) -> None:
    cli.write({"main.tf": bucket("a"), FILE: text(line("demo_bucket.a", expires="2026-01-31"))})
    result = cli.check(*USE, select=f"{ENCRYPTED},gov-baseline-*")
    assert result.found() == [
        (ENCRYPTED, "demo_bucket.a", "main.tf", 2),
        ("gov-baseline-expired", f"baseline.{ENCRYPTED}/demo_bucket.a", FILE, 2),
    ]
    told = baseline(cli, "update").out
    assert told == f"{FILE}: 0 entries added or renewed; 1 expired, which --expires renews; 1 entry in all\n"
    assert baseline(cli, "update", "--expires", "2999-01-01").out.startswith(
        f"{FILE}: 1 entry added or renewed"
    )
    assert cli.check(*USE, select=ENCRYPTED).status == 0
    for value, message in {
        "2026-01-31": "2026-01-31 is over",
        "soon": "'soon' is neither a day (2027-01-31) nor a number of days (90d)",
        "0d": "'0d' is neither a day (2027-01-31) nor a number of days (90d)",
    }.items():
        result = baseline(cli, "update", "--expires", value)
        assert result.status == 2
        assert message in result.err


def test_create_writes_over_nothing(cli: Any) -> None:
    cli.write({"main.tf": bucket("a"), FILE: "mine"})
    result = baseline(cli, "create")
    assert result.status == 2
    assert result.err == (
        f"error: {FILE}: a baseline is there: `readiness baseline update` adds to it, --force writes a new one\n"
    )
    assert (cli.root / FILE).read_text() == "mine"
    assert baseline(cli, "create", "--force").status == 0


def test_another_file(cli: Any) -> None:
    cli.write({"infra/main.tf": bucket("a")})
    assert baseline(cli, "create", "infra", "--file", "infra/base.json").status == 0
    assert (cli.root / "infra/base.json").read_text() == text(line("demo_bucket.a"))
    assert cli.check("--baseline", "infra/base.json", select=ENCRYPTED).status == 0
    assert cli.check("--baseline", str(cli.root / "infra/base.json"), select=ENCRYPTED).status == 0
    assert baseline(cli, "create", "--file", "no/base.json").status == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", f"{FILE}:1:1: it is no JSON: Input data was truncated"),
        (
            '{"schema_version": 1,\n  "findings": [}',
            f"{FILE}:2:16: it is no JSON: JSON is malformed: invalid character",
        ),
        (
            '{"schema_version": 2, "findings": []}',
            f"{FILE}:1:1: schema_version is 2, not 1: it was written by a newer version of readiness",
        ),
        ("[]", f"{FILE}:1:1: it is no baseline: expected `object`, got `array`"),
        ('{"schema_version": 1}', f"{FILE}:1:1: it is no baseline: object missing required field `findings`"),
        (
            text(line("demo_bucket.a"), '{"policy": 3}'),
            f"{FILE}:3:1: it is no baseline: expected `str`, got `int` - at policy",
        ),
        (
            text(line("demo_bucket.a", severity="grave")),
            f"{FILE}:2:1: it is no baseline: invalid enum value 'grave' - at severity",
        ),
        (
            text(line("demo_bucket.a", lines=3)),
            f"{FILE}:2:1: it is no baseline: object contains unknown field `lines` - at the entry",
        ),
        (
            text(line("demo_bucket.a", expires="2026-02-30")),
            f"{FILE}:2:1: expires: there is no day '2026-02-30'",
        ),
        (
            text(line("demo_bucket.a"), line("demo_bucket.a")),
            f"{FILE}:3:1: the same finding stands in line 2: leave one of them out",
        ),
        (
            text(line("demo_bucket.a").replace('"main.tf"', '"other.tf"')),
            f"{FILE}:2:1: the fingerprint is not that of the entry: leave it out where a field was changed by hand",
        ),
    ],
)
def test_what_is_wrong_in_the_file(cli: Any, content: str, message: str) -> None:
    cli.write({"main.tf": bucket("a"), FILE: content})
    for result in (cli.check(*USE, select=ENCRYPTED), baseline(cli, "update")):
        assert (result.status, result.out) == (2, "")
        assert result.err == f"error: {message}\n"
    assert (cli.root / FILE).read_text() == content


def test_a_file_that_is_not_there(cli: Any) -> None:
    cli.write({"main.tf": bucket("a")})
    result = cli.check(*USE, select=ENCRYPTED)
    assert result.status == 2
    assert (
        result.err == f"error: the baseline '{FILE}' does not exist: `readiness baseline create` writes one\n"
    )


def test_the_command_alone_shows_its_help(cli: Any) -> None:
    result = cli.run("baseline")
    assert (result.status, result.out) == (2, "")
    assert "create" in result.err
