"""The merged values of a `helm_release`.

Sources: https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release and
https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.estate.embedded.strvals import StrvalsError, parse_into
from readiness.values import Map

Declare = Callable[..., Any]
RELEASE = 'variable "u" {}\nvariable "w" {}\nresource "helm_release" "x" {\n  chart = "c"\n  %s\n}\n'


def values(declare: Declare, text: str) -> Any:
    """The merged values of a release with some arguments."""
    found = declare(RELEASE % text)
    assert found.errors == []
    return found.body("helm_release.x")["merged_values"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ('values = ["a: 1"]', {"a": 1}),
        ('values = ["a: {b: 1, c: 2}", "a: {c: 3}\\nd: [1]", "d: [2]"]', {"a": {"b": 1, "c": 3}, "d": [2]}),
        ('values = ["", null, "# nothing", "a: 1"]', {"a": 1}),
        ("values = [yamlencode({ a = { b = true } })]", {"a": {"b": True}}),
        ("values = [yamlencode({ a = var.u, b = 1 })]", {"a": "?var.u", "b": 1}),
        ("values = [jsonencode({ a = 1 })]", {"a": 1}),
        ('values = ["a: {b: ${var.u}, c: x-${var.w}}"]', {"a": {"b": "?var.u", "c": "?var.w"}}),
        ('values = [yamlencode({ a = var.u }), "a: {b: 1}"]', {"a": "?var.u"}),
        ('values = [yamlencode({ a = var.u }), "a: 1"]', {"a": 1}),
        ("values = [var.u]", "?var.u"),
        ('values = ["a: 1", var.u]', "?var.u"),
        ("values = var.u", "?var.u"),
        ('set {\n name = "a.b"\n value = "1"\n }', {"a": {"b": 1}}),
        ('set {\n name = "a.b"\n value = 1\n type = "string"\n }', {"a": {"b": "1"}}),
        ('set {\n name = "a.b"\n value = "[1, 2]"\n type = "literal"\n }', {"a.b": [1, 2]}),
        ('set = [{ name = "a", value = "true" }, { name = "b", value = var.u }]', {"a": True, "b": "?var.u"}),
        ('values = ["a: {b: 1}"]\n set {\n name = "a.c"\n value = "x"\n }', {"a": {"b": 1, "c": "x"}}),
        ('set {\n name = var.u\n value = "1"\n }', "?var.u"),
        (
            'values = [yamlencode({ a = var.u })]\n set {\n name = "a.b.c"\n value = "1"\n }\n'
            ' set {\n name = "a[0]"\n value = "1"\n }',
            {"a": "?var.u"},
        ),
        ('dynamic "set" {\n for_each = var.u\n content {\n name = set.key\n }\n }', "?var.u"),
        ('set_list {\n name = "a"\n value = ["1", "b"]\n }', {"a": [1, "b"]}),
        ('set_list {\n name = "a"\n value = ["1", var.u]\n }', {"a": [1, "?var.u"]}),
        ('set_sensitive {\n name = "a.b"\n value = "hunter2"\n }', {"a": {"b": "?"}}),
        (
            'set_sensitive {\n name = "a"\n value = "s"\n }\n set_wo = [{ name = "b", value = "t" }]\n'
            ' set {\n name = "a"\n value = "1"\n }',
            {"a": "?", "b": "?"},
        ),
    ],
)
def test_merged_values(text: str, expected: Any, declare: Declare) -> None:
    assert values(declare, text) == expected


def test_secrets_stand_nowhere_in_the_body(declare: Declare) -> None:
    found = declare(
        RELEASE
        % 'set_sensitive {\n name = "a"\n value = "hunter2"\n }\n set_wo = [{ name = "b", value = "hunter2" }]'
    )
    assert "hunter2" not in str(found.body("helm_release.x"))


def test_spans_of_values(declare: Declare) -> None:
    found = declare(
        'resource "helm_release" "x" {\n  values = [<<-YAML\n    a:\n      b: 1\n  YAML\n  ]\n'
        '  set {\n    name  = "a.c"\n    value = "1"\n  }\n}\n'
    )
    merged = found["helm_release.x"].body["merged_values"]
    assert merged["a"].span_of("b") == ("main.tf", 4, 7, 4, 11)
    assert merged["a"].span_of("c").line == 9


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('values = ["a: {"]', 5, ""),
        ('values = ["a: 1"]\n  set {\n    name = "a.b"\n    value = "1"\n  }', 6, "'a' is no mapping"),
        ('set {\n    name = "a[x]"\n    value = "1"\n  }', 5, "'x' is no index"),
    ],
)
def test_what_helm_refuses_is_an_error(text: str, line: int, message: str, declare: Declare) -> None:
    found = declare(RELEASE % text)
    assert [(error.path, error.line) for error in found.errors] == [("main.tf", line)]
    assert message in found.errors[0].message


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("a=b", {"a": "b"}),
        ("a=b,c=d", {"a": "b", "c": "d"}),
        ("a.b.c=d", {"a": {"b": {"c": "d"}}}),
        ("a={x,1,true}", {"a": ["x", 1, True]}),
        ("a={},b=1", {"a": [""], "b": 1}),
        ("a[0].b=1,a[1]=x", {"a": [{"b": 1}, "x"]}),
        ("a[1]=x", {"a": [None, "x"]}),
        ("a[0][1]=x", {"a": [[None, "x"]]}),
        (r"a\.b/c=1", {"a.b/c": 1}),
        (r"a=b\,c", {"a": "b,c"}),
        ("a=null", {"a": None}),
        ("a=", {"a": ""}),
        ("a=TRUE,b=False", {"a": True, "b": False}),
        ("a=0,b=01,c=-5,d=1.5,e=+3", {"a": 0, "b": "01", "c": -5, "d": "1.5", "e": 3}),
        ("a=9223372036854775808", {"a": "9223372036854775808"}),
        ("a=b=c", {"a": "b=c"}),
        ("a= b", {"a": " b"}),
    ],
)
def test_settings(setting: str, expected: Any) -> None:
    found = Map()
    name, _, value = setting.partition("=")
    parse_into(name, value, found, typed=True)
    assert found == expected


@pytest.mark.parametrize("setting", ["a[70000]=1", "a[-1]=1", "a[0]x=1", "a={b=1", ".".join("a" * 33) + "=1"])
def test_settings_that_helm_refuses(setting: str) -> None:
    name, _, value = setting.partition("=")
    with pytest.raises(StrvalsError):
        parse_into(name, value, Map(), typed=True)


def test_settings_as_texts() -> None:
    found = Map()
    parse_into("a", "{1,true}", found, typed=False)
    assert found == {"a": ["1", "true"]}
