"""`readiness report`: services, levels, the gate and its exit statuses, as a user meets them."""

from __future__ import annotations

import json

import pytest

READY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web, labels: {tier: tier-1}}
spec: {type: service, lifecycle: production, owner: team-web}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: web, labels: {app.kubernetes.io/part-of: web}}
data: {a: b}
"""

PRIVILEGED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: web, labels: {app.kubernetes.io/part-of: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: web, securityContext: {privileged: true}}
"""

ONE = ("--select", "k8s-sec-privileged")


def service(result, name="web"):
    """One service of a JSON report."""
    (found,) = (one for one in result.report["services"] if one["name"] == name)
    return found


def control(result, id_, name="web"):
    """One control of a service."""
    (found,) = (one for one in service(result, name)["controls"] if one["control"] == id_)
    return found


class TestControls:
    def test_what_is_missing_names_its_place_and_costs_the_level(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        result = cli.run("report", "-f", "json", *ONE)
        assert result.status == 0
        found = control(result, "sec-wrk-01")
        assert (found["status"], found["met"], found["of"]) == ("not-met", 0, 1)
        (short,) = found["shortfalls"]
        assert (short["policy"], short["path"], short["line"]) == ("k8s-sec-privileged", "app.yaml", 10)
        web = service(result)
        assert (web["level"], web["tier"], web["owner"]) == ("none", 1, "team-web")
        assert web["score"] == 0
        (step,) = web["next_level"]
        assert (step["policy"], step["path"], step["line"]) == ("k8s-sec-privileged", "app.yaml", 10)

    def test_what_is_met_has_its_evidence(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED.replace("true", "false")})
        result = cli.run("report", "-f", "json", *ONE)
        found = control(result, "sec-wrk-01")
        assert (found["status"], found["met"], found["of"]) == ("met", 1, 1)
        assert [(one["path"], one["line"]) for one in found["evidence"]] == [("app.yaml", 3)]
        assert (service(result)["level"], service(result)["score"]) == ("gold", 100)

    def test_what_is_waived_is_not_met(self, cli):
        ignored = PRIVILEGED.replace(
            "        - {name: web",
            "        # readiness:ignore k8s-sec-privileged reason: moves in May, until 2099-01-01\n        - {name: web",
        )
        cli.write({"catalog-info.yaml": READY, "app.yaml": ignored})
        result = cli.run("report", "-f", "json", *ONE)
        found = control(result, "sec-wrk-01")
        assert (found["status"], found["met"], found["waived"]) == ("waived", 0, 1)
        assert (service(result)["level"], service(result)["score"]) == ("none", 0)

    def test_what_a_baseline_has_counts_as_missing(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        cli.run("baseline", "create", *ONE)
        result = cli.run("report", "-f", "json", "--baseline", "readiness-baseline.json", *ONE)
        found = control(result, "sec-wrk-01")
        assert (found["status"], found["failed"]) == ("not-met", 1)

    def test_what_is_unknown_is_neither(self, cli):
        terraform = (
            'variable "days" {\n  type = number\n}\n\nresource "aws_db_instance" "db" {\n'
            '  backup_retention_period = var.days\n  tags = { service = "web" }\n}\n'
        )
        cli.write({"catalog-info.yaml": READY, "main.tf": terraform})
        result = cli.run("report", "-f", "json", "--select", "aws-rds-backup-retention")
        found = control(result, "bck-01")
        assert (found["status"], found["met"], found["unknown"]) == ("unknown", 0, 1)
        web = service(result)
        assert (web["score"], web["level"], web["level_if_known"]) == (None, "none", "gold")
        (step,) = web["next_level"]
        assert step["action"].startswith("Make known to the check: ")


class TestTiers:
    def test_the_tier_of_the_catalogue_is_that_of_what_belongs_to_the_service(self, cli):
        policy = """\
            id: demo-tiered
            title: Configuration is kept
            control: own-01
            severity: low
            tiers: {0: critical, 2: low}
            resources: [ConfigMap]
            assert: "false"
            message: "{address}"
            remediation: Keep the configuration where it was written.
            examples:
              pass: ["apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}"]
              fail: ["apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: b}"]
            """
        lines = [line.removeprefix(" " * 12) for line in policy.splitlines()]
        cli.write({"pack/kubernetes/demo/demo-tiered.yaml": "\n".join(lines) + "\n"})
        for tier, severities in (("tier-0", ["critical"]), ("tier-1", []), ("tier-2", ["low"])):
            cli.write({"catalog-info.yaml": READY.replace("tier-1", tier)})
            result = cli.run(
                "report", "-f", "json", "--policies", "pack", "--select", "demo-tiered", "catalog-info.yaml"
            )
            missing = [
                short["severity"]
                for one in service(result)["controls"]
                for short in one.get("shortfalls", [])
            ]
            assert missing == severities

    def test_a_tier_that_nobody_defined_gives_no_numbers(self, cli):
        cli.write({"catalog-info.yaml": READY.replace("tier-1", "tier-7"), "app.yaml": PRIVILEGED})
        result = cli.run("report", "-f", "json", *ONE)
        web = service(result)
        assert (web["level"], web["score"], web["controls"]) == (None, None, [])
        assert result.status == 3
        assert "catalog-info.yaml:3: web: tier 7 is not defined: levels.yaml has 0, 1, 2, 3" in result.err


class TestGate:
    @pytest.mark.parametrize(
        ("gate", "status", "said"),
        [
            ("bronze", 1, "gate: web: it is below bronze and needs bronze"),
            ("0", 0, ""),
            ("50", 1, "gate: web: it has 0 of 100 and needs 50"),
            ("0=gold", 0, ""),
            ("1=gold", 1, "gate: web: it is below bronze and needs gold"),
        ],
    )
    def test_levels_and_points(self, cli, gate, status, said):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        result = cli.run("report", "--fail-under", gate, *ONE)
        assert (result.status, result.err.strip()) == (status, said)

    def test_only_the_service_that_is_asked_for_gates(self, cli):
        other = READY.replace("web", "pay")
        cli.write({"a/catalog-info.yaml": READY, "a/app.yaml": PRIVILEGED, "b/catalog-info.yaml": other})
        assert cli.run("report", "--fail-under", "bronze", "--service", "pay", *ONE).status in (0, 1)
        assert cli.run("report", "--fail-under", "bronze", "--service", "web", *ONE).status == 1


class TestWrongInput:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (("--fail-under", "glod"), "'glod' is no level"),
            (("--fail-under", "7=gold"), "tier 7 is not defined: levels.yaml has 0, 1, 2, 3"),
            (("--service", "wob"), "there is no service 'wob'; did you mean 'web'?"),
            (("--since", "30d"), "--since needs --history FILE"),
            (("--format", "htm"), "'htm' is not a choice; did you mean 'html'?"),
            (("--history", "h.db", "--since", "soon"), "--since"),
            (("--report", "html"), "'html' is not FORMAT=FILE, such as html=readiness.html"),
        ],
    )
    def test_usage(self, cli, args, message):
        cli.write({"catalog-info.yaml": READY})
        result = cli.run("report", *args)
        assert (result.status, result.out) == (2, "")
        assert message in result.err

    def test_levels_of_a_pack_that_are_wrong(self, cli):
        cli.write(
            {
                "catalog-info.yaml": READY,
                "pack/levels.yaml": "levels:\n  - {id: ok, severity: low}\n"
                "areas:\n  own: {title: Own, controls: [own-1]}\ntiers:\n  1: {ok: [own]}\n",
            }
        )
        result = cli.run("report", "--policies", "pack")
        assert result.status == 2
        assert "pack/levels.yaml:4:32: there is no control 'own-1'; did you mean 'own-01'?" in result.err

    def test_levels_of_a_pack_take_the_place_of_the_built_in_ones(self, cli):
        cli.write(
            {
                "catalog-info.yaml": READY,
                "app.yaml": PRIVILEGED,
                "pack/levels.yaml": "levels:\n  - {id: ok, severity: low}\n"
                "areas:\n  own: {title: Own, controls: [own-01]}\ntiers:\n  1: {ok: [own]}\n",
            }
        )
        result = cli.run("report", "-f", "json", "--policies", "pack", "--fail-under", "ok", *ONE)
        assert result.report["levels"] == ["ok"]
        assert service(result)["level"] is None  # nothing that it asks applies: neither met nor missing

    def test_what_cannot_be_read_is_told_and_the_rest_is_there(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED, "broken.tf": "resource {\n"})
        result = cli.run("report", "-f", "json", *ONE)
        assert result.status == 3
        assert [error["path"] for error in result.report["errors"]] == ["broken.tf"]
        assert service(result)["level"] == "none"

    def test_nothing_to_report_on(self, cli):
        cli.write({"README.md": "hello\n"})
        assert cli.run("report").status == 3
        assert cli.run("report", "--allow-empty").status == 0

    def test_a_gate_that_no_service_meets_is_not_passed(self, cli):
        cli.write({"main.tf": 'resource "aws_s3_bucket" "b" {}\n'})
        assert cli.run("report").status == 0
        result = cli.run("report", "--fail-under", "bronze")
        assert result.status == 3
        assert "error: no service was found that --fail-under could be about (exit status 3; " in result.err
        assert cli.run("report", "--fail-under", "bronze", "--allow-empty").status == 0

    def test_the_line_of_a_report_that_goes_to_a_file_tells_no_level_from_below(self, cli):
        cli.write({"catalog-info.yaml": READY.replace("tier-1", "tier-9"), "app.yaml": PRIVILEGED})
        result = cli.run("report", "-f", "json", "-o", "report.json", *ONE)
        assert "readiness: 1 service: 1 no level; the report is in report.json\n" in result.err


class TestDelivery:
    def test_several_forms_of_one_run(self, cli, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795219200")
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        result = cli.run(
            "report",
            "-o",
            "out.json",
            "-f",
            "json",
            "--report",
            "html=out.html",
            "--report",
            "badge=out.svg",
            *ONE,
        )
        assert result.err == "readiness: 1 service: 1 below; the report is in out.json\n"
        assert json.loads((cli.root / "out.json").read_text())["when"] == "2026-11-21T00:00:00Z"
        assert (cli.root / "out.html").read_text().startswith("<!DOCTYPE html>")
        assert (cli.root / "out.svg").read_text().startswith("<svg")

    def test_a_report_names_a_commit_only_where_its_files_are_those_of_it(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        cli.git("init", "-q")
        cli.commit()
        head = cli.git("rev-parse", "HEAD").strip()
        assert cli.run("report", "-f", "json", *ONE).report["commit"] == head
        cli.write({"app.yaml": PRIVILEGED.replace("true", "false")})
        assert cli.run("report", "-f", "json", *ONE).report["commit"] in ("", None)

    def test_history_shows_a_trend(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        cli.git("init", "-q")
        cli.commit()
        cli.run("report", "--history", "h.db", "-q", *ONE)
        cli.write({"app.yaml": PRIVILEGED.replace("true", "false")})
        cli.commit()
        result = cli.run("report", "--history", "h.db", "-f", "json", *ONE)
        assert [point["services"]["web"] for point in result.report["history"]] in (
            [[0, ""], [100, "gold"]],
            [{"score": 0, "level": "none"}, {"score": 100, "level": "gold"}],
        )

    def test_annotations_of_the_catalogue(self, cli):
        cli.write({"catalog-info.yaml": READY, "app.yaml": PRIVILEGED})
        result = cli.run("report", "--annotate", *ONE)
        assert "catalog-info.yaml: level and score are written there" in result.err
        text = (cli.root / "catalog-info.yaml").read_text()
        assert "readiness.dev/level: none" in text
        assert text.replace(text[text.index("kind: Component") : text.index("spec:")], "").startswith(
            "apiVersion"
        )

    def test_annotations_keep_a_byte_order_mark_and_find_what_is_declared(self, cli):
        cli.write(
            {
                "a/catalog-info.yaml": "\ufeff" + READY,
                "b/catalog-info.yaml": READY.replace("name: web", "name: shop").replace("web", "shop"),
                "readiness-services.yaml": "services:\n  shop: {tier: 1}\n  ghost: {tier: 1}\n",
            }
        )
        result = cli.run("report", "--annotate")
        assert result.status == 0
        assert (cli.root / "a/catalog-info.yaml").read_bytes().startswith(b"\xef\xbb\xbfapiVersion: ")
        for name in ("a", "b"):
            assert "readiness.dev/level: " in (cli.root / name / "catalog-info.yaml").read_text()
        assert "note: no catalog file has an entry of 1 service: ghost\n" in result.err

    def test_annotations_of_a_service_without_a_level_are_unknown(self, cli):
        stale = READY.replace("tier: tier-1}", 'tier: "9"}, annotations: {readiness.dev/level: gold}')
        cli.write({"catalog-info.yaml": stale})
        assert cli.run("report", "--annotate", *ONE).status == 3
        text = (cli.root / "catalog-info.yaml").read_text()
        assert "readiness.dev/level: unknown" in text and "gold" not in text
