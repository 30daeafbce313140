"""The settings `metadata` and `services`."""

from __future__ import annotations

import pytest
from tests.conftest import Cli

from readiness.engine.settings import found_settings


def test_keys_of_shared_settings_hold_where_a_file_says_nothing(cli: Cli) -> None:
    cli.write(
        {
            "base.yaml": 'metadata: {owner: [squad], tier: [importance]}\nservices: {folders: ["apps/{name}"]}\n',
            "readiness.yaml": "extends: base.yaml\nmetadata: {tier: [criticality]}\n",
        }
    )
    settings = found_settings()
    assert settings.metadata == {"owner": ["squad"], "tier": ["criticality"]}
    assert settings.services == ("apps/{name}",)
    rows = [line.split() for line in cli.run("config").out.splitlines()]
    assert [row for row in rows if row and row[0].startswith(("metadata", "services"))] == [
        ["services", "apps/{name}", "base.yaml:2:22"],
        ["metadata.owner", "[squad]", "base.yaml:1:12"],
        ["metadata.tier", "[criticality]", "readiness.yaml:2:12"],
    ]


def test_folders_begin_at_the_file_that_names_them(cli: Cli) -> None:
    cli.write(
        {
            "shared/base.yaml": 'services: {folders: ["{name}/**"]}\n',
            "readiness.yaml": "extends: shared/base.yaml\n",
        }
    )
    assert found_settings().services == ("shared/{name}/**",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "metadata: {teir: [a]}\n",
            "readiness.yaml:1:12: metadata: there is no setting 'teir' here; did you mean 'tier'?",
        ),
        (
            "services: {folders: [apps]}\n",
            "readiness.yaml:1:22: services.folders.0: 'apps' is not right here: a folder with {name} for the name"
            " of the service, such as services/{name}",
        ),
        (
            "metadata: {tiers: {critical: high}}\n",
            "readiness.yaml:1:30: metadata.tiers.critical: a whole number is expected, not 'high'",
        ),
        ("metadata: {tier: []}\n", "readiness.yaml:1:18: metadata.tier: an empty list says nothing"),
    ],
)
def test_what_is_wrong_has_a_place(cli: Cli, text: str, message: str) -> None:
    cli.write({"readiness.yaml": text, "main.tf": ""})
    result = cli.run("check")
    assert (result.status, result.err.splitlines()[0]) == (2, f"error: {message}")


def test_only_the_top_file_says_what_labels_mean(cli: Cli) -> None:
    cli.write(
        {"sub/readiness.yaml": "metadata: {tier: [a]}\n", "sub/main.tf": 'resource "aws_s3_bucket" "a" {}\n'}
    )
    result = cli.run("check")
    assert result.status == 2
    assert result.err.startswith("error: sub/readiness.yaml:1:1: metadata: it holds for a run as a whole")
