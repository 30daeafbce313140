"""The class of a change and what hangs on what it touches."""

from __future__ import annotations

from typing import Any

import pytest

DATABASE = 'resource "aws_db_instance" "shop" {\n  identifier = "shop"\n  instance_class = "db.t3.large"\n}\n'
HANGING = """
resource "aws_ssm_parameter" "host" {
  name  = "/shop/host"
  type  = "String"
  value = aws_db_instance.shop.address
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name = "cpu"
  dimensions = { DBInstanceIdentifier = aws_db_instance.shop.identifier }
}
"""


@pytest.fixture
def repo(cli: Any) -> Any:
    """A repository with a database and what hangs on it."""
    cli.git("init", "-q")
    cli.write({"main.tf": DATABASE + HANGING})
    cli.commit()
    return cli


def risk(cli: Any, *args: str) -> Any:
    """The risk that a report tells."""
    return cli.run("check", "--diff-base", "main", "-f", "json", *args).report["risk"]


def test_nothing_changed_has_no_risk(repo: Any) -> None:
    assert risk(repo) is None
    assert repo.run("check", "-f", "json").report["risk"] is None


def test_a_harmless_change_is_routine(repo: Any) -> None:
    repo.write({"main.tf": (DATABASE + HANGING).replace('"/shop/host"', '"/shop/hosts"')})
    found = risk(repo)
    assert (found["level"], found["actions"], found["policies"]) == ("routine", {"update": 1}, [])
    assert found["review"] == "the usual review by a peer"


def test_losing_data_is_high_and_says_what_hangs_on_it(repo: Any) -> None:
    repo.write({"main.tf": HANGING})
    result = repo.run("check", "--diff-base", "main", "-f", "json", "--select", "tf-change-destroy-data")
    (finding,) = result.findings
    assert (finding["policy"], finding["compared"], finding["resource"]["address"]) == (
        "tf-change-destroy-data",
        "new",
        "aws_db_instance.shop",
    )
    assert finding["affects"] == ["aws_cloudwatch_metric_alarm.cpu", "aws_ssm_parameter.host"]
    assert (result.report["risk"]["level"], result.report["risk"]["policies"]) == (
        "high",
        ["tf-change-destroy-data"],
    )
    assert result.status == 1
    text = repo.run("check", "--diff-base", "main", "--select", "tf-change-destroy-data").out
    assert "= affects: 2 resources: aws_cloudwatch_metric_alarm.cpu, aws_ssm_parameter.host\n" in text
    words = " ".join(text.split())
    assert "change: high risk (1 gone, 2 changed), because of tf-change-destroy-data; it asks" in words


def test_what_hangs_on_something_through_others_counts(repo: Any) -> None:
    protected = DATABASE.replace("}\n", "  deletion_protection = true\n}\n")
    through = '\nresource "aws_iam_policy" "read" {\n  name = aws_ssm_parameter.host.name\n}\n'
    repo.write({"main.tf": protected + HANGING + through})
    repo.commit()
    repo.git("switch", "-qc", "change")
    repo.write({"main.tf": DATABASE + HANGING + through})
    result = repo.run("check", "--diff-base", "main", "-f", "json", "--select", "tf-change-protection-off")
    (finding,) = result.findings
    assert finding["affects"] == [
        "aws_cloudwatch_metric_alarm.cpu",
        "aws_iam_policy.read",
        "aws_ssm_parameter.host",
    ]


def test_a_policy_on_changes_yields_to_what_fails_now(repo: Any) -> None:
    protected = DATABASE.replace("}\n", "  deletion_protection = true\n}\n")
    repo.write({"main.tf": protected})
    repo.commit()
    repo.git("switch", "-qc", "change")
    repo.write({"main.tf": protected.replace("true", "false")})
    both = ("--select", "tf-change-protection-off,aws-rds-deletion-protection")
    found = repo.run("check", "--diff-base", "main", "-f", "json", *both).found()
    assert found == [("aws-rds-deletion-protection", "aws_db_instance.shop", "main.tf", 4)]


def test_a_policy_on_changes_and_a_value_that_got_worse_do_not_leave_it_to_each_other(repo: Any) -> None:
    kept = DATABASE.replace("}\n", "  backup_retention_period = 30\n}\n")
    repo.write({"main.tf": kept})
    repo.commit()
    repo.git("switch", "-qc", "change")
    repo.write({"main.tf": kept.replace("30", "7")})
    both = ("--select", "tf-change-backup-less,aws-rds-backup-retention")
    result = repo.run("check", "--diff-base", "main", "-f", "json", *both)
    assert result.found() == [("tf-change-backup-less", "aws_db_instance.shop", "main.tf", 4)]
    assert (result.status, result.report["risk"]["level"]) == (1, "high")
    # Below what is expected it is the policy on what is there that tells it.
    repo.write({"main.tf": kept.replace("30", "5")})
    result = repo.run("check", "--diff-base", "main", "-f", "json", *both)
    assert result.found() == [("aws-rds-backup-retention", "aws_db_instance.shop", "main.tf", 4)]
    assert result.status == 1


ACKNOWLEDGED = """waivers: []
acknowledgements:
  - policy: tf-change-destroy-data
    resources: aws_db_instance.shop
    reason: moved to another cluster, the last snapshot is kept
    approved_by: dana
    ticket: OPS-12
"""
DESTROY = ("--diff-base", "main", "-f", "json", "--select", "tf-change-destroy-data")


def test_an_acknowledgement_in_the_change_lets_it_through_visibly(repo: Any) -> None:
    repo.write({"main.tf": HANGING, "waivers.yaml": ACKNOWLEDGED})
    result = repo.run("check", *DESTROY)
    (finding,) = result.findings
    assert (result.status, finding["status"]) == (0, "waived")
    allowance = finding["allowance"]
    assert (allowance["kind"], allowance["approved_by"], allowance["ticket"]) == (
        "acknowledgement",
        "dana",
        "OPS-12",
    )
    assert (allowance["location"]["path"], allowance["location"]["line"]) == ("waivers.yaml", 3)
    assert result.report["risk"]["level"] == "high"


def test_an_acknowledgement_of_an_earlier_change_lets_nothing_through(repo: Any) -> None:
    repo.write({"waivers.yaml": ACKNOWLEDGED})
    repo.commit()
    repo.git("switch", "-qc", "change")
    repo.write({"main.tf": HANGING})
    result = repo.run("check", *DESTROY)
    assert (result.status, [f["status"] for f in result.findings]) == (1, ["fail"])


SHORTER = """acknowledgements:
  - {policy: aws-rds-backup-retention, resources: aws_db_instance.days, reason: moved, approved_by: dana}
"""


def test_an_acknowledgement_lets_a_worse_value_pass_in_the_change_that_brings_it(repo: Any) -> None:
    days = 'resource "aws_db_instance" "days" {\n  backup_retention_period = %d\n}\n'
    args = ("check", "-f", "json", "--diff-base", "main", "--select", "aws-rds-backup-retention")

    def statuses() -> list[tuple[str, str]]:
        return [(f["compared"], f["status"]) for f in repo.run(*args).findings]

    repo.git("switch", "-q", "main")
    repo.write({"main.tf": days % 30})
    repo.commit()
    repo.write({"main.tf": days % 8, "waivers.yaml": SHORTER})
    assert statuses() == [("worsened", "waived")]
    repo.commit()
    repo.write({"main.tf": days % 7})
    assert repo.run(*args, "--diff-base", "HEAD").status == 1
    repo.git("mv", "waivers.yaml", "other.yaml")  # another name makes it no new one
    repo.write({"readiness.yaml": "waivers: [other.yaml]\n"})
    assert statuses() == [("worsened", "fail")]


ENTRY = "acknowledgements:\n  - {policy: %s, resources: '%s', reason: moved, approved_by: dana}\n"
DAYS = 'resource "aws_db_instance" "days" {\n  backup_retention_period = %d\n}\n'
RETENTION = ("check", "-f", "json", "--diff-base", "main", "--select", "aws-rds-backup-retention")


def test_an_acknowledgement_lets_a_failing_value_get_worse(repo: Any) -> None:
    repo.git("switch", "-q", "main")
    repo.write({"main.tf": DAYS % 5})
    repo.commit()
    entry = ENTRY % ("aws-rds-backup-retention", "aws_db_instance.days")
    repo.write({"main.tf": DAYS % 3})
    result = repo.run(*RETENTION)
    assert [(f["compared"], f["was"], f["status"]) for f in result.findings] == [("worsened", "5", "fail")]
    repo.write({"waivers.yaml": entry})
    result = repo.run(*RETENTION, "--select", "gov-waiver-unused")
    (finding,) = result.findings
    assert (finding["compared"], finding["was"], finding["status"]) == ("worsened", "5", "waived")
    assert (finding["allowance"]["kind"], finding["allowance"]["approved_by"]) == ("acknowledgement", "dana")
    assert (result.status, result.report["risk"]["level"]) == (0, "high")
    repo.write({"main.tf": DAYS % 5})  # what is as it was is no change to acknowledge
    assert [(f["compared"], f["status"]) for f in repo.run(*RETENTION).findings] == [("unchanged", "fail")]


def test_an_acknowledgement_lets_a_recorded_value_get_worse(repo: Any) -> None:
    repo.git("switch", "-q", "main")
    repo.write({"main.tf": DAYS % 5, "readiness.yaml": "baseline: readiness-baseline.json\n"})
    assert repo.run("baseline", "create", "--select", "aws-rds-backup-retention").status == 0
    repo.commit()
    repo.write({"main.tf": DAYS % 3})
    assert [f["status"] for f in repo.run(*RETENTION).findings] == ["fail"]
    repo.write({"waivers.yaml": ENTRY % ("aws-rds-backup-retention", "aws_db_instance.days")})
    (finding,) = repo.run(*RETENTION).findings
    assert (finding["compared"], finding["was"], finding["status"]) == ("worsened", "5", "waived")


PROTECTION = ("check", "-f", "json", "--diff-base", "main", "--select", "aws-rds-deletion-protection")
SEVERAL = 'resource "aws_db_instance" "a" {\n  for_each = toset([%s])\n  deletion_protection = false\n}\n'


@pytest.mark.parametrize(
    ("resources", "statuses"),
    [
        ("aws_db_instance.a", [("worsened", 'aws_db_instance.a["a"]', "waived")]),
        (
            'aws_db_instance.a["b"]',
            [
                ("unchanged", 'aws_db_instance.a["a"]', "fail"),
                ("worsened", 'aws_db_instance.a["b"]', "waived"),
            ],
        ),
        ("aws_db_instance.b", [("worsened", 'aws_db_instance.a["a"]', "fail")]),
    ],
)
def test_an_acknowledgement_lets_a_finding_cover_more(
    repo: Any, resources: str, statuses: list[tuple[str, str, str]]
) -> None:
    repo.git("switch", "-q", "main")
    repo.write({"main.tf": SEVERAL % '"a"'})
    repo.commit()
    repo.write({"main.tf": SEVERAL % '"a", "b"'})
    repo.write({"waivers.yaml": ENTRY % ("aws-rds-deletion-protection", resources)})
    result = repo.run(*PROTECTION)
    found = [(f["compared"], f["resource"]["address"], f["status"]) for f in result.findings]
    assert found == statuses
    assert result.status == (1 if statuses[0][0] == "worsened" and statuses[0][2] == "fail" else 0)
    assert result.report["comparison"]["fixed"] == []


def test_an_acknowledgement_lets_nothing_new_pass(repo: Any) -> None:
    repo.write({"new.tf": DATABASE.replace('"shop" {', '"other" {')})
    repo.write({"waivers.yaml": ENTRY % ("aws-rds-deletion-protection", "aws_db_instance.*")})
    found = [(f["compared"], f["resource"]["address"], f["status"]) for f in repo.run(*PROTECTION).findings]
    assert found == [
        ("unchanged", "aws_db_instance.shop", "fail"),
        ("new", "aws_db_instance.other", "fail"),
    ]


def test_an_acknowledgement_is_about_changes_alone(repo: Any) -> None:
    entry = ACKNOWLEDGED.replace("tf-change-destroy-data", "aws-rds-deletion-protection")
    repo.write({"waivers.yaml": entry})
    result = repo.run("check", "-f", "json", "--select", "aws-rds-deletion-protection")
    assert [f["status"] for f in result.findings] == ["fail"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{policy: x, reason: y}", "'approved_by' is missing here"),
        ("{policy: x, approved_by: y}", "'reason' is missing here"),
        ("{policy: x, reason: y, aproved_by: z}", "did you mean 'approved_by'?"),
    ],
)
def test_a_wrong_acknowledgement(repo: Any, entry: str, message: str) -> None:
    repo.write({"waivers.yaml": f"acknowledgements:\n  - {entry}\n"})
    result = repo.run("check")
    assert result.status == 2
    assert result.err.startswith("error: waivers.yaml:2:")
    assert message in result.err


# -- environments that come and go -----------------------------------------------------------

KEPT = 'variable "x" { default = 1 }\n' + DATABASE.replace("}\n", "  backup_retention_period = 30\n}\n")
BY_CHANGE = ("check", "-f", "json", "--select", "tf-change-*,aws-rds-backup-retention", "--diff-base", "main")


def of_change(repo: Any) -> list[tuple[str, str, int]]:
    """What a change does, by the policies on it: policy, address, line."""
    return [
        (f["policy"], f["resource"]["address"], f["location"]["line"]) for f in repo.run(*BY_CHANGE).findings
    ]


def test_environments_that_come_and_go_destroy_nothing(repo: Any) -> None:
    repo.git("switch", "-q", "main")
    repo.write({"main.tf": KEPT})
    repo.commit()
    repo.write({"dev.tfvars": "x = 1\n", "prod.tfvars": "x = 2\n"})
    assert (of_change(repo), risk(repo)) == ([], None)
    repo.write({"main.tf": KEPT.replace("= 30", "= 8")})
    assert of_change(repo) == [("tf-change-backup-less", "aws_db_instance.shop", 5)]
    repo.write({"main.tf": KEPT})
    repo.commit()
    repo.git("mv", "dev.tfvars", "test.tfvars")
    assert (of_change(repo), risk(repo)) == ([], None)
    repo.git("reset", "-q", "--hard")
    for name in ("dev", "prod"):
        (repo.root / f"{name}.tfvars").unlink()
    assert (of_change(repo), risk(repo)) == ([], None)


def test_what_goes_with_all_environments(repo: Any) -> None:
    repo.git("switch", "-q", "main")
    repo.write({"main.tf": KEPT, "dev.tfvars": "x = 1\n", "prod.tfvars": "x = 2\n"})
    repo.commit()
    for name in ("main.tf", "dev.tfvars", "prod.tfvars"):
        (repo.root / name).unlink()
    repo.write({"other.tf": "locals { a = 1 }\n"})
    assert of_change(repo) == [("tf-change-destroy-data", "aws_db_instance.shop", 2)]
