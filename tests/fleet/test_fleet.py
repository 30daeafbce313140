"""`readiness fleet` on small checkouts: one report, tables, and the same bytes whoever does the work."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from pathlib import Path

import pytest

from readiness.fleet import workers
from readiness.fleet.workers import Workers

pytest.importorskip("pyarrow", reason="the extra `fleet` is not installed")
pytest.importorskip("duckdb", reason="the extra `fleet` is not installed")

WEB = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web, labels: {tier: tier-1}}
spec: {type: service, lifecycle: production, owner: team-web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: web, labels: {app.kubernetes.io/part-of: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, securityContext: {privileged: true}}]
"""

BUCKET = """\
resource "aws_s3_bucket" "a" {
  bucket = "a"
  tags   = { Service = "pay", tier = "2", owner = "team-pay" }
}

resource "aws_db_instance" "db" {
  tags = { Service = "pay" }
}
"""


class Here(Executor):
    """Does a task at once and in this process, which spares the second in which a new one begins."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future[bytes] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.fixture
def fleet(cli, monkeypatch):
    """Three checkouts below `repos`, of which one has a broken file, on a fixed day.

    Processes do the work only where more than one is asked for.
    """
    processes = workers.local_workers

    def chosen(jobs=None):
        return Workers(lambda: nullcontext(Here()), 1) if jobs == 1 else processes(jobs)

    monkeypatch.setattr(workers, "local_workers", chosen)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795219200")
    cli.write(
        {
            "repos/web/app.yaml": WEB,
            "repos/pay/main.tf": BUCKET,
            "repos/old/main.tf": 'resource "aws_s3_bucket" "x" {\n',
            "repos/notes/README.md": "no checkout\n",
        }
    )
    for name in ("web", "pay", "old"):
        cli.git("init", "-q", folder=cli.root / "repos" / name)
        cli.git("add", "-A", folder=cli.root / "repos" / name)
        cli.git("commit", "-qm", "x", folder=cli.root / "repos" / name)
    return cli


def test_one_report_over_many(fleet):
    result = fleet.run("fleet", "repos", "--jobs", "2", "-f", "json", "--select", "high,critical")
    services = {service["name"]: service for service in result.report["services"]}
    assert {name: (one["repository"], one["tier"]) for name, one in services.items()} == {
        "pay": ("pay", 2),
        "web": ("web", 1),
    }
    shortfalls = {
        (short["policy"], short["path"], short["line"])
        for control in services["web"]["controls"]
        for short in control["shortfalls"]
    }
    assert ("k8s-sec-privileged", "web/app.yaml", 14) in shortfalls
    assert result.status == 3
    assert [error["path"] for error in result.report["errors"]] == ["old/main.tf"]


def test_a_gate_that_no_service_meets_is_not_passed(fleet):
    fleet.write({"repos/web/app.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    args = ("fleet", "repos/web", "--jobs", "1", "-o", "out.txt")
    assert fleet.run(*args).status == 0
    result = fleet.run(*args, "--fail-under", "bronze")
    assert result.status == 3
    assert "no service was found that --fail-under could be about" in result.err


def test_tables_can_be_asked(fleet):
    fleet.run("fleet", "repos", "--jobs", "1", "-q", "-o", "report.json", "-f", "json", "--store", "tables")
    assert sorted(path.name for path in (fleet.root / "tables").iterdir()) == [
        f"{name}.parquet"
        for name in ("controls", "definitions", "findings", "kpis", "policies", "repositories", "services")
    ]
    asked = fleet.run(
        "fleet",
        "--store",
        "tables",
        "--query",
        "SELECT repository, service, tier, owner FROM services ORDER BY 1",
    )
    rows = list(csv.reader(io.StringIO(asked.out)))
    assert rows == [
        ["repository", "service", "tier", "owner"],
        ["pay", "pay", "2", "team-pay"],
        ["web", "web", "1", "team-web"],
    ]
    privileged = fleet.run(
        "fleet", "--store", "tables", "--query",
        "SELECT repository, path, line FROM findings WHERE policy = 'k8s-sec-privileged'",
    )  # fmt: skip
    assert list(csv.reader(io.StringIO(privileged.out)))[1:] == [["web", "app.yaml", "14"]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELEC 1", "--query: Parser Error"),
        ("SELECT * FROM read_text('/etc/hostname')", "--query: Permission Error"),
        ("COPY services TO 'stolen.csv'", "--query: it takes one query that reads"),
        ("SET enable_external_access = true", "--query: it takes one query that reads"),
        ("SELECT nope FROM services", "--query: Binder Error"),
    ],
)
def test_a_query_sees_the_tables_alone(fleet, query, message):
    if not (fleet.root / "tables").exists():
        fleet.run("fleet", "repos/pay", "--jobs", "1", "-q", "-o", "out.txt", "--store", "tables")
    result = fleet.run("fleet", "--store", "tables", "--query", query)
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert not (fleet.root / "stolen.csv").exists()


def test_key_figures_are_shares_of_everything(fleet):
    fleet.run("fleet", "repos", "--jobs", "1", "-q", "-f", "json", "-o", "all.json", "--store", "tables")
    whole = {kpi["id"]: kpi for kpi in json.loads((fleet.root / "all.json").read_text())["kpis"]}
    asked = fleet.run("fleet", "--store", "tables", "--query", "SELECT kpi, met, of FROM kpis")
    sums: dict[str, list[int]] = {}
    for kpi, met, of in list(csv.reader(io.StringIO(asked.out)))[1:]:
        total = sums.setdefault(kpi, [0, 0])
        total[0] += int(met)
        total[1] += int(of)
    assert {id_: [kpi["met"], kpi["of"]] for id_, kpi in whole.items()} == sums
    for kpi in whole.values():
        expected = None if not kpi["of"] else int(1000 * kpi["met"] / kpi["of"] + 1e-9) / 10
        assert kpi["actual"] == expected


def test_a_gate_over_all(fleet):
    result = fleet.run(
        "fleet", "repos/web", "repos/pay", "--jobs", "1", "--fail-under", "gold", "-o", "out.txt"
    )
    assert result.status == 1
    assert "gate: web/web: it is below bronze and needs gold" in result.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "no repository is named"),
        (("repos/nope",), "the folder 'repos/nope' does not exist"),
        (
            ("repos/web", "--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"),
            "--scheduler and --jobs exclude each other",
        ),
        (("repos/web", "--store", "repos"), "--store: 'repos' holds 'notes', and it would be replaced"),
        (("--store", "nope", "--query", "SELECT 1"), "there are no tables of a fleet here"),
        (("repos/web", "--fail-under", "glod"), "'glod' is no level"),
    ],
)
def test_wrong_usage(fleet, args, message):
    result = fleet.run("fleet", *args)
    assert result.status == 2
    assert message in result.err


def test_a_cut_table_is_told(fleet):
    fleet.run("fleet", "repos/pay", "--jobs", "1", "-q", "-o", "out.txt", "--store", "tables")
    path = fleet.root / "tables/services.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    result = fleet.run("fleet", "--store", "tables", "--query", "SELECT * FROM services")
    assert result.status == 2
    assert "the table 'services' cannot be read" in result.err


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes_as_processes(fleet):
    distributed = pytest.importorskip("distributed")
    args = ("-q", "-f", "json")
    fleet.run("fleet", "repos", *args, "--jobs", "1", "-o", "one.json", "--store", "one")
    fleet.run("fleet", "repos", *args, "--jobs", "2", "-o", "two.json", "--store", "two")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        result = fleet.run(
            "fleet",
            "repos",
            *args,
            "--scheduler",
            cluster.scheduler_address,
            "-o",
            "dask.json",
            "--store",
            "dask",
        )
    assert result.status == 3  # for the broken file
    same = [(fleet.root / name).read_bytes() for name in ("one.json", "two.json", "dask.json")]
    assert same[0] == same[1] == same[2]
    assert b'"web"' in same[0]
    tables = [_bytes(fleet.root / name) for name in ("one", "two", "dask")]
    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0]) == 7
