"""What every check gave is counted once, by service and policy, and findings are kept as its reasons."""

from __future__ import annotations

from pathlib import Path

from readiness.engine.checks import make_checks
from readiness.engine.run import Run
from readiness.engine.tally import Proof, Short, Tallied, Tally, join
from readiness.estate.build import from_texts
from readiness.policy.model import Policy
from readiness.repo.facts import RepositoryFacts


def a_policy(id_: str, assert_: str, **more: object) -> Policy:
    """A policy on buckets."""
    given = {"resources": ("aws_s3_bucket",), "severity": "high", "message": "{address}"} | more
    return Policy(
        id=id_, title=id_, control="own-01", assert_=assert_, remediation="-", path=f"{id_}.yaml", **given
    )


def tallied(text: str, *policies: Policy, context: tuple[str, ...] = ()) -> tuple[Tally, Run]:
    """The tally of policies over a Terraform text, with its run."""
    loaded = from_texts({"main.tf": text})
    run = Run(loaded.estate, RepositoryFacts(Path(), texts={"main.tf": text}), 1)
    run.tally, run.context = Tally(), context
    run.execute(make_checks(policies))
    assert not run.errors
    return run.tally, run


TWO_SERVICES = """
resource "aws_s3_bucket" "a" {
  bucket = "a"
  tags   = { service = "shop" }
}

resource "aws_s3_bucket" "b" {
  bucket = "b"
  tags   = { service = "pay" }
}

resource "aws_s3_bucket" "c" {
  bucket = var.unset
  tags   = { service = "shop" }
}

variable "unset" {}
"""


def test_results_are_counted_by_the_service_of_the_resource():
    tally, run = tallied(TWO_SERVICES, a_policy("named", 'object.bucket == "a"'))
    prints = {f.subject.address: f.fingerprint for f in run.findings}
    assert tally.by_service == {
        "shop": {
            "named": Tallied(
                met=1,
                items_met=1,
                items_unknown=1,
                short=[Short("aws_s3_bucket.c", "unknown", (prints["aws_s3_bucket.c"],))],
                proofs=[Proof("aws_s3_bucket.a", "main.tf", 2)],
            )
        },
        "pay": {
            "named": Tallied(
                items_failed=1, short=[Short("aws_s3_bucket.b", "fail", (prints["aws_s3_bucket.b"],))]
            )
        },
    }


def test_what_does_not_apply_is_not_counted():
    tally, _ = tallied(TWO_SERVICES, a_policy("never", "false", when='object.bucket == "z"'))
    assert set(tally.by_service) <= {"shop"}  # of the bucket whose name is unknown it cannot be said
    tally, _ = tallied(TWO_SERVICES, a_policy("never", "false", when="false"))
    assert tally.by_service == {}


def test_files_read_for_context_are_not_counted():
    tally, _ = tallied(TWO_SERVICES, a_policy("named", 'object.bucket == "a"'), context=("main.tf",))
    assert tally.by_service == {}


def test_items_are_counted_beside_resources():
    text = 'resource "aws_s3_bucket" "a" {\n  rules = ["a", "b", "c"]\n}\n'
    tally, run = tallied(text, a_policy("items", 'item == "a"', each="object.rules"))
    found = tally.by_service[""]["items"]
    assert (found.met, found.items_met, found.items_failed) == (0, 1, 2)
    assert found.short == [Short("aws_s3_bucket.a", "fail", tuple(f.fingerprint for f in run.findings))]


def test_instances_that_share_a_finding_are_counted_each():
    text = 'resource "aws_s3_bucket" "a" {\n  count = 3\n}\n'
    tally, run = tallied(text, a_policy("fails", "false"))
    (finding,) = run.findings
    assert tally.by_service[""]["fails"].short == [
        Short(f"aws_s3_bucket.a[{n}]", "fail", (finding.fingerprint,)) for n in range(3)
    ]


def test_a_policy_that_yields_is_not_counted_where_the_other_failed():
    tally, _ = tallied(
        TWO_SERVICES,
        a_policy("first", 'tags.service == "pay"'),
        a_policy("second", "false", yields_to=("first",)),
    )
    assert [short.address for short in tally.by_service["pay"]["second"].short] == ["aws_s3_bucket.b"]
    assert "second" not in tally.by_service["shop"]


def test_a_bug_in_a_policy_counts_as_unknown(monkeypatch):
    loaded = from_texts({"main.tf": 'resource "aws_s3_bucket" "a" {}\n'})
    run = Run(loaded.estate, RepositoryFacts(Path(), texts={}), 1)
    run.tally = Tally()
    (check,) = make_checks([a_policy("bug", "true")])
    check.prepare()
    check.codes = [(lambda names: 1 / 0, check.conjuncts[0])]
    run.execute([check])
    assert len(run.errors) == 1
    assert run.tally.by_service[""]["bug"].short == [Short("aws_s3_bucket.a", "unknown", ("",))]


def test_a_resource_of_several_environments_counts_once_as_its_worst(tmp_path, monkeypatch):
    from readiness.engine.loading import load_with
    from readiness.engine.settings import Settings

    (tmp_path / "main.tf").write_text(
        'variable "n" {}\nresource "aws_s3_bucket" "a" {\n  bucket = var.n\n}\n'
    )
    for name in ("dev", "prod", "test"):
        (tmp_path / f"{name}.tfvars").write_text(f'n = "{name}"\n')
    monkeypatch.chdir(tmp_path)
    settings = Settings(environments=("dev=dev.tfvars", "prod=prod.tfvars", "test=test.tfvars"), cache=False)
    loaded = load_with(["."], settings, None)
    for wanted, met, short in (("z", 0, 1), ("dev", 0, 1), ("test", 0, 1)):
        run = Run(loaded.estate, RepositoryFacts(tmp_path), 1)
        run.tally = Tally()
        run.execute(make_checks([a_policy("named", f'object.bucket == "{wanted}"')]))
        found = run.tally.by_service[""]["named"]
        assert (found.met, len(found.short), found.proofs) == (met, short, [])
    run = Run(loaded.estate, RepositoryFacts(tmp_path), 1)
    run.tally = Tally()
    run.execute(make_checks([a_policy("named", "size(object.bucket) > 2")]))
    assert run.tally.by_service[""]["named"].met == 1


def test_two_processes_add_up():
    one = Tally({"shop": {"p": Tallied(met=1, proofs=[Proof("a", "x", 1)])}})
    other = Tally(
        {"shop": {"p": Tallied(met=2, items_failed=1), "q": Tallied(met=1)}, "pay": {"p": Tallied(met=3)}}
    )
    join(one.by_service, other.by_service)
    assert one.by_service == {
        "shop": {"p": Tallied(met=3, items_failed=1, proofs=[Proof("a", "x", 1)]), "q": Tallied(met=1)},
        "pay": {"p": Tallied(met=3)},
    }
