"""CSV: one row a finding, and nothing that was not read is lost."""

from __future__ import annotations

import csv
import io

from sample_reports import OPTIONS, compared_report

from readiness.outputs import render
from readiness.outputs.csv_report import COLUMNS


def test_rows() -> None:
    rows = list(csv.DictReader(io.StringIO(render("csv", compared_report(), OPTIONS))))
    assert [(row["status"], row["policy"], row["compared"]) for row in rows] == [
        ("fail", "aws-s3-no-public-acl", "unchanged"),
        ("fail", "aws-sg-no-open-ssh", "new"),
        ("unknown", "aws-sg-description", "new"),
        ("suppressed", "aws-tags-owner", "unchanged"),
        ("fail", "k8s-image-no-latest", "worsened"),
        ("fail", "k8s-image-digest", "new"),
        ("waived", "k8s-probes", "new"),
        ("baselined", "k8s-limits", ""),
        ("error: unread", "", ""),
        ("error: internal", "", ""),
        ("error: unread", "", ""),
        ("notice", "", ""),
    ]
    waived = rows[6]
    assert {name: waived[name] for name in ("let_pass_by", "owner", "ticket", "approved_by", "expires")} == {
        "let_pass_by": "waiver",
        "owner": "shop",
        "ticket": "OPS-12",
        "approved_by": "security",
        "expires": "2027-01-31",
    }
    assert (rows[4]["was"], rows[5]["advisory_until"]) == ("shop/app:1.4.2", "2027-06-01")
    assert (rows[0]["path"], rows[0]["line"], rows[0]["column"], rows[0]["instances"]) == (
        "infra/s3.tf",
        "3",
        "3",
        "6",
    )
    assert (rows[10]["path"], rows[10]["line"]) == ("k8s/huge.yaml", "")


def test_the_first_row() -> None:
    assert render("csv", compared_report(), OPTIONS).splitlines()[0] == ",".join(COLUMNS)
