"""The library: a report comes back, nothing is printed, nothing exits, and the import is light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import readiness
from readiness.errors import ReadinessError, UsageError

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"
BUCKET = 'resource "demo_bucket" "a" {\n  encrypted = false\n}\n'
HEAVY = ("rich", "jsonschema", "hcl2", "lark", "yaml")


def settings(**options: Any) -> readiness.Settings:
    """The tests' own policies alone."""
    return readiness.Settings(
        **{"policies": (str(OWN_POLICIES),), "select": ("demo-bucket-encrypted",), **options}
    )


def test_a_report_comes_back(cli: Any) -> None:
    cli.write({"a.tf": BUCKET})
    report = readiness.check(["a.tf"], settings(fail_on="critical"))
    assert isinstance(report, readiness.Report)
    (finding,) = report.findings
    assert (finding.policy, finding.subject.address, finding.span) == (
        "demo-bucket-encrypted",
        "demo_bucket.a",
        ("a.tf", 2, 3, 2, 20),
    )
    assert (report.exit_status, report.gating, report.errors) == (0, [], [])
    assert report.counts.files == 1
    assert list(report.policies) == ["demo-bucket-encrypted"]
    assert report.sources == {"a.tf": BUCKET}


def test_nothing_is_printed(cli: Any, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    cli.write({"a.tf": BUCKET, "bad.tf": "a = = 1\n", "bad.yaml": "apiVersion: v1\nkind: [\n"})
    report = readiness.check([str(cli.root)], settings())
    assert len(report.errors) >= 2
    assert (report.exit_status, len(report.findings)) == (1, 1)
    assert capsysbinary.readouterr() == (b"", b"")


@pytest.mark.parametrize(
    ("paths", "options", "message"),
    [
        (["missing"], {}, "the path 'missing' does not exist"),
        ([], {"select": ("nothing-like-it",)}, "no policy, control or severity matches"),
        ([], {"policies": ("missing",)}, "the policy folder 'missing' does not exist"),
        ([], {"profile": "none-such"}, "none-such"),
        ([], {"select": (), "profile": "none-such"}, "none-such"),
        ([], {"fail_on": "hgih"}, "hgih"),
        ([], {"unknown": "maybe"}, "unknown is 'maybe'; choose from ignore, warn, fail"),
        ([], {"tier": 10}, "tier is 10; it lies between 0 and 9"),
        ([], {"jobs": 0}, "jobs is 0; it is 1 or more"),
    ],
)
def test_wrong_settings_are_an_error_of_one_class(
    cli: Any, paths: list[str], options: dict[str, Any], message: str
) -> None:
    cli.write({"a.tf": BUCKET})
    with pytest.raises(UsageError, match=message) as caught:
        readiness.check(paths or ["."], settings(**options))
    assert isinstance(caught.value, ReadinessError)


def test_defaults(cli: Any) -> None:
    cli.write({"a.tf": BUCKET})
    report = readiness.check()
    assert report.fail_on == "high"
    assert len(report.policies) >= 80
    assert report.counts.policies == len(report.policies)


def test_text_in_place_of_a_file(cli: Any) -> None:
    report = readiness.check(["-"], settings(), stdin=BUCKET.encode())
    assert [finding.span.path for finding in report.findings] == ["-"]


def test_two_runs_do_not_know_of_each_other(cli: Any) -> None:
    cli.write({"a.tf": BUCKET})
    first = readiness.check(["a.tf"], settings())
    cli.write({"a.tf": BUCKET.replace("false", "true")})
    assert readiness.check(["a.tf"], settings()).findings == []
    assert len(first.findings) == 1


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'chek'"):
        _ = readiness.chek
    assert readiness.__version__.count(".") == 2


def modules_after(code: str, root: Path, cache: Path) -> set[str]:
    """The heavy modules that a fresh process has loaded after some code."""
    package = Path(readiness.__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(package), "READINESS_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ""
    return {name for name in result.stdout.split() if name in HEAVY}


def test_the_import_is_light(cli: Any, shared_cache: Path) -> None:
    for code in ("import readiness", "import readiness.cli.main", "from readiness import check, Settings"):
        assert modules_after(code, cli.root, shared_cache) == set(), code


def test_a_warm_check_is_light(cli: Any, shared_cache: Path) -> None:
    cli.write({"a.tf": BUCKET, "b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"})
    code = "import readiness\nassert readiness.check(['.']).counts.resources"
    modules_after(code, cli.root, shared_cache)
    assert modules_after(code, cli.root, shared_cache) == set()
    command = "from readiness.cli.main import main\nimport os\nsys.stdout = open(os.devnull, 'w')\nmain(['check'])\nsys.stdout = sys.__stdout__"
    assert modules_after(command, cli.root, shared_cache) == set()


def test_as_a_program(cli: Any) -> None:
    cli.write({"a.tf": BUCKET})
    package = Path(readiness.__file__).parents[1]
    own = ["--policies", str(OWN_POLICIES), "--select", "demo-bucket-encrypted"]
    result = subprocess.run(
        [sys.executable, "-m", "readiness", "check", "-f", "concise", *own],
        cwd=cli.root,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("a.tf:2:3: ")
