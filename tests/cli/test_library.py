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
HEAVY = ("rich", "jsonschema", "hcl2", "lark", "yaml", "promql_parser", "helm_python")
CHECK = "from readiness.cli.main import main\nimport os\nsys.stdout = open(os.devnull, 'w')\nmain(['check'])\nsys.stdout = sys.__stdout__"


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
    return {name for name in result.stdout.split() if name in HEAVY or name.startswith("readiness.")}


def heavy_after(code: str, root: Path, cache: Path) -> set[str]:
    """Those of them that are not ours."""
    return modules_after(code, root, cache) & set(HEAVY)


def test_the_import_is_light(cli: Any, shared_cache: Path) -> None:
    for code in ("import readiness", "import readiness.cli.main", "from readiness import check, Settings"):
        assert heavy_after(code, cli.root, shared_cache) == set(), code


def test_a_warm_check_is_light(cli: Any, shared_cache: Path) -> None:
    cli.write({"a.tf": BUCKET, "b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"})
    code = "import readiness\nassert readiness.check(['.']).counts.resources"
    heavy_after(code, cli.root, shared_cache)
    assert heavy_after(code, cli.root, shared_cache) == set()
    assert heavy_after(CHECK, cli.root, shared_cache) == set()


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: shop
spec:
  selector:
    matchLabels:
      app: shop
  template:
    metadata:
      labels:
        app: shop
    spec:
      containers:
        - name: shop
          image: registry.example/shop:1.4.2
"""
RULES = """\
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up{job="shop"} == 0
"""
# What only some estates need.  The built-in policies are loaded and run.
SELDOM = {
    "links": "readiness.kubernetes.linking.links",
    "roles": "readiness.kubernetes.rbac.access",
    "schemas": "readiness.kubernetes.schemas.store",
    "identities": "readiness.estate.identity",
    "operations": "readiness.operations.build",
    "watched": "readiness.estate.watched",
    "promql": "promql_parser",
    "embedded": "readiness.estate.embedded.convert",
    "overlays": "readiness.kubernetes.overlays.accumulate",
    "charts": "readiness.kubernetes.charts.render",
    "runbooks": "readiness.repo.runbooks",
    "plans": "readiness.sources.plan_model",
}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        pytest.param({"a.tf": 'resource "aws_s3_bucket" "a" {}\n'}, set(), id="terraform"),
        pytest.param(
            {"a.yaml": DEPLOYMENT},
            {"links", "roles", "schemas", "identities", "operations", "runbooks"},
            id="deployment",
        ),
        pytest.param(
            {"a.yaml": RULES},
            {"links", "schemas", "identities", "operations", "promql", "runbooks", "watched"},
            id="rules",
        ),
    ],
)
def test_what_an_estate_does_not_need_is_not_imported(
    files: dict[str, str], wanted: set[str], cli: Any, shared_cache: Path
) -> None:
    cli.write(files)
    loaded = modules_after(CHECK, cli.root, shared_cache)
    assert "readiness.estate.assemble" in loaded
    assert {what for what, name in SELDOM.items() if name in loaded} == wanted


def test_types_that_are_repeated_for_a_light_start_up_agree() -> None:
    from readiness.estate.assemble import WATCHING
    from readiness.operations.alerts import RULES as HOLDER
    from readiness.operations.slo import TYPES

    assert (HOLDER, *TYPES) == WATCHING


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
