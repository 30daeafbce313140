"""A condition or an engine that breaks: never a pass, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.engine.run import Run

CRASHING = """\
id: crash-{name}
title: A condition that breaks
control: own-01
severity: high
resources: [demo_bucket]
{field}
message: "{{address}} is wrong"
remediation: |
  Nothing can mend this policy but its author.
examples:
  pass: ["x = 1"]
  fail: ["x = 1"]
"""

CRASHES = {
    # field: condition, reason
    "when": ("when: object.name + 1 == 2\nassert: 'false'", "`+` does not take (string, int)"),
    "each": ("each: object.name + 1\nassert: 'false'", "`+` does not take (string, int)"),
    "each-text": ("each: object.name\nassert: 'false'", "neither a list nor a mapping"),
    "each-number": ("each: object.size\nassert: 'false'", "neither a list nor a mapping"),
    "assert": ("assert: object.name >= 2", "`>=` does not take (string, int)"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_condition_that_breaks_is_never_a_pass(cli: Any, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / f"crash-{name}.yaml").write_text(CRASHING.format(name=name, field=CRASHES[name][0]))
    cli.write(
        {
            "a.tf": 'resource "demo_bucket" "a" {\n  name = "x"\n  size = 3\n}\n',
            "b.tf": 'resource "demo_bucket" "b" {\n}\n',
        }
    )
    result = cli.check("--policies", str(folder), select=f"crash-{name},demo-bucket-encrypted")
    encrypted = [finding[1] for finding in result.found() if finding[0] == "demo-bucket-encrypted"]
    assert encrypted == ["demo_bucket.a", "demo_bucket.b"]
    broken = [finding for finding in result.findings if finding["policy"] == f"crash-{name}"]
    assert broken[0]["resource"]["address"] == "demo_bucket.a"
    assert broken[0]["message"] == f"demo_bucket.a is wrong ({CRASHES[name][1]})"
    assert result.status == 1


@pytest.mark.parametrize(
    "error", [RuntimeError, AssertionError, RecursionError, NotImplementedError, MemoryError]
)
def test_a_bug_in_the_engine_costs_one_check(
    cli: Any, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    real = Run._assert

    def broken(self: Run, check: Any, resource: Any, *args: Any) -> None:
        if resource.name == "a":
            raise error("boom")
        real(self, check, resource, *args)

    monkeypatch.setattr(Run, "_assert", broken)
    cli.write({"a.tf": 'resource "demo_bucket" "a" {\n}\nresource "demo_bucket" "b" {\n}\n'})
    result = cli.check(select="demo-bucket-encrypted")
    assert [finding[1] for finding in result.found()] == ["demo_bucket.b"]
    assert [error_[:3] for error_ in result.errors] == [("a.tf", 1, 1)]
    assert "boom" in result.errors[0][3]
