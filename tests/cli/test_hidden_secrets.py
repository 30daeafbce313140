"""What a Secret of Kubernetes holds is never printed, whatever is asked for."""

from __future__ import annotations

from typing import Any

import pytest

SECRET = """apiVersion: v1
kind: Secret
metadata: {name: shop}
stringData:
  password: hunter2hunter2
  key: |
    line one of it
    line two of it
data: {token: c2VjcmV0dmFsdWU=}
"""
VALUES = ("hunter2hunter2", "line one of it", "line two of it", "c2VjcmV0dmFsdWU")


@pytest.mark.parametrize(
    "args",
    [
        *(("check", "-f", name) for name in ("text", "json", "sarif", "github", "markdown", "html", "csv")),
        ("check", "-v"),
        ("show",),
        ("show", "--format", "json"),
        ("explain", "k8s-secret-manifest", "Secret/shop"),
        ("explain", "k8s-secret-manifest", "Secret/shop", "--format", "json"),
    ],
    ids=" ".join,
)
def test_no_value_is_printed(cli: Any, args: tuple[str, ...]) -> None:
    cli.write({"s.yaml": SECRET})
    result = cli.run(*args)
    assert "Secret/shop" in result.out
    assert [value for value in VALUES if value in result.out + result.err] == []


def test_lines_and_columns_stay(cli: Any) -> None:
    cli.write({"s.yaml": SECRET})
    out = cli.run("check", "--select", "k8s-secret-manifest").out
    assert "5 |   password: **************\n" in out
    assert "s.yaml:5:3" in out
