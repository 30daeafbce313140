"""Where alerts go: matchers as Alertmanager reads them, the walk through the tree, what stays unknown."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.operations.matchers import Matcher, matches, parse
from readiness.operations.routing import label_values, receivers, routes
from readiness.policy.routing import _matches
from readiness.sources import yaml_source
from readiness.values import Map, Unknown


def read(text: str) -> Map:
    file = yaml_source.read("am.yml", text)
    assert file.errors == []
    root = file.documents[0].root
    assert isinstance(root, Map)
    return root


TREE = read("""route:
  receiver: default
  group_by: [cluster]
  routes:
    - matchers: [alertname = Watchdog]
      receiver: heartbeat
      repeat_interval: 1m
    - match_re: {service: ^(mysql|cassandra)$}
      group_wait: 10s
      routes:
        - match: {severity: critical}
          receiver: dba-pager
    - matchers: ['{team="web",severity=~"critical|page"}']
      receiver: web-pager
      continue: true
    - matchers: ['team="web"', severity!=none]
      receiver: web-chat
      mute_time_intervals: [night]
receivers:
  - name: default
    email_configs: [{to: a@example.org}]
  - name: heartbeat
    webhook_configs: [{url: "https://hc.example.org"}]
  - name: dba-pager
    pagerduty_configs: [{routing_key_file: a}]
    slack_configs: [{channel: a}]
  - name: web-pager
  - name: web-chat
    slack_configs: []
""")


class TestMatchers:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("foo=bar", [("foo", "=", "bar")]),
            ("foo = bar", [("foo", "=", "bar")]),
            ("foo=", [("foo", "=", "")]),
            ('foo!="a,b"', [("foo", "!=", "a,b")]),
            ("foo=~^a.*b$", [("foo", "=~", "^a.*b$")]),
            ('{foo!~"a\\"b", dings != "bums", }', [("foo", "!~", 'a"b'), ("dings", "!=", "bums")]),
            ("foo=bar,dings!=bums", [("foo", "=", "bar"), ("dings", "!=", "bums")]),
            ('foo="a\\nb\\\\c\\d"', [("foo", "=", "a\nb\\c\\d")]),
            ("severity =~ warning|info", [("severity", "=~", "warning|info")]),
            ("foo = bar baz", [("foo", "=", "bar baz")]),
            ('"foo.bar"="a\\x41"', [("foo.bar", "=", "aA")]),
            ('{"schön"=~"x",}', [("schön", "=~", "x")]),
            ("{}", []),
            ("", []),
        ],
    )
    def test_read(self, text: str, expected: list[tuple[str, str, str]]) -> None:
        assert parse(text) == [Matcher(*each) for each in expected]

    @pytest.mark.parametrize(
        "text", ["foo", '"foo.bar"', 'foo="a" b"', 'foo="a', "=a", '{"a.b"="c"', "fo o=a"]
    )
    def test_refused(self, text: str) -> None:
        assert parse(text) is None

    @pytest.mark.parametrize(
        ("op", "value", "labels", "complete", "expected"),
        [
            ("=", "a", {"x": "a"}, True, True),
            ("=", "a", {"x": "b"}, False, False),
            ("=", "", {}, True, True),
            ("!=", "a", {}, True, True),
            ("=", "a", {}, False, None),
            ("=~", "a|b", {"x": "b"}, True, True),
            ("=~", "a|b", {"x": "abc"}, True, False),
            ("!~", "a.*", {"x": "abc"}, True, False),
            ("=~", ".*", {}, True, True),
            ("=~", "(", {"x": "a"}, True, False),
            ("=", "1", {"x": 1}, True, True),
            ("=", "a", {"x": "{{ $labels.x }}"}, True, None),
            ("=", "a", {"x": Unknown("?")}, True, None),
        ],
    )
    def test_match(self, op: str, value: str, labels: Any, complete: bool, expected: bool | None) -> None:
        assert matches(Matcher("x", op, value), labels, complete, _matches) is expected


class TestReceivers:
    @pytest.mark.parametrize(
        ("labels", "expected"),
        [
            ({"alertname": "A", "service": "", "team": "", "severity": "critical"}, ["default"]),
            ({"alertname": "Watchdog"}, ["heartbeat"]),
            ({"alertname": "A", "service": "mysql", "severity": "critical"}, ["dba-pager"]),
            # A route without a receiver has that of its parent.
            ({"alertname": "A", "service": "mysql", "severity": "warning"}, ["default"]),
            (
                {"alertname": "A", "service": "x", "team": "web", "severity": "page"},
                ["web-pager", "web-chat"],
            ),
            ({"alertname": "A", "service": "x", "team": "web", "severity": "info"}, ["web-chat"]),
            ({"alertname": "A", "service": "x", "team": "web", "severity": "none"}, ["default"]),
        ],
    )
    def test_all_labels_given(self, labels: dict[str, str], expected: list[str]) -> None:
        found = receivers(TREE, Map(labels), _matches)
        assert isinstance(found, list)
        assert [r["name"] for r in found] == expected
        assert all(r["reached"] is True for r in found)

    def test_labels_that_are_not_given_may_be_anything(self) -> None:
        found = receivers(TREE, Map({"severity": "critical"}), _matches)
        assert isinstance(found, list)
        reached = {r["name"]: r["reached"] is True for r in found}
        assert reached == {
            "default": True,
            "heartbeat": False,
            "dba-pager": False,
            "web-pager": False,
            "web-chat": False,
        }
        assert all(isinstance(r["reached"], Unknown) for r in found if not reached[r["name"]])

    def test_an_unknown_value_makes_nothing_certain(self) -> None:
        labels = Map({"alertname": "A", "team": Unknown("?"), "service": "x", "severity": "critical"})
        found = receivers(TREE, labels, _matches)
        assert isinstance(found, list)
        assert [r["name"] for r in found] == ["web-pager", "web-chat", "default"]
        assert all(isinstance(r["reached"], Unknown) for r in found)

    def test_a_value_without_quotes_that_is_no_text(self) -> None:
        tree = read("route: {receiver: a, routes: [{match: {paged: yes}, receiver: b}]}\nreceivers: []\n")
        found = receivers(tree, Map({"paged": "yes"}), _matches)
        assert isinstance(found, list)
        assert [(r["name"], isinstance(r["reached"], Unknown)) for r in found] == [("b", True), ("a", True)]

    def test_what_is_said_of_a_receiver(self) -> None:
        labels = Map({"alertname": "A", "service": "mysql", "severity": "critical"})
        found = receivers(TREE, labels, _matches)
        assert isinstance(found, list)
        assert found[0] == {
            "name": "dba-pager",
            "reached": True,
            "defined": True,
            "integrations": ["pagerduty", "slack"],
            "notifies": True,
        }
        assert found[0].value_spans["name"].line == 12

    @pytest.mark.parametrize(
        ("listed", "defined", "notifies"),
        [
            ("[{name: b}]", False, False),
            ("[{name: a}]", True, False),
            ("[{name: a, slack_configs: []}]", True, False),
            ("[{name: a, slack_configs: [{}]}]", True, True),
            ("[{name: a, slack_configs: !x y}]", True, None),
            ("[{name: !x y, slack_configs: [{}]}]", None, None),
            ("!x y", None, None),
        ],
    )
    def test_defined_and_notifies(self, listed: str, defined: bool | None, notifies: bool | None) -> None:
        tree = read(f"route: {{receiver: a}}\nreceivers: {listed}\n")
        result = receivers(tree, Map(), _matches)
        assert isinstance(result, list)
        [found] = result
        for key, expected in (("defined", defined), ("notifies", notifies)):
            value = found[key]
            assert isinstance(value, Unknown) if expected is None else value is expected

    def test_a_part_is_for_alerts_of_its_namespace(self) -> None:
        part = Map(
            {
                "partial": True,
                "route": Map({"receiver": "a", "match": Map({"namespace": "shop"}), "continue": True}),
                "receivers": [Map({"name": "a"})],
            }
        )
        names = {
            name: [r["reached"] for r in receivers(part, Map(labels), _matches)]  # type: ignore[union-attr]
            for name, labels in (
                ("own", {"namespace": "shop"}),
                ("other", {"namespace": "x"}),
                ("not given", {}),
            )
        }
        assert names["own"] == [True]
        assert names["other"] == []
        assert isinstance(names["not given"][0], Unknown)

    def test_unknown_arguments(self) -> None:
        unknown = Unknown("?")
        assert receivers(TREE, unknown, _matches) is unknown
        assert receivers(unknown, Map(), _matches) is unknown
        assert receivers(Map(), Map(), _matches) == []


class TestRoutes:
    def test_inheritance_and_defaults(self) -> None:
        found = routes(TREE)
        assert [r["receiver"] for r in found] == [
            "default",
            "heartbeat",
            "default",
            "dba-pager",
            "web-pager",
            "web-chat",
        ]
        assert [r["group_wait"] for r in found] == ["30s", "30s", "10s", "10s", "30s", "30s"]
        assert [r["repeat_interval"] for r in found] == ["4h", "1m", "4h", "4h", "4h", "4h"]
        assert all(r["group_by"] == ["cluster"] for r in found)
        assert [r["root"] for r in found] == [True, False, False, False, False, False]
        assert [r["leaf"] for r in found] == [False, True, False, True, True, True]
        assert found[1]["inherited"] == ["group_by", "group_wait", "group_interval"]
        assert [r.get("mute_time_intervals") for r in found][4:] == [None, ["night"]]
        assert [r.span.line for r in found] == [2, 5, 8, 11, 13, 16]
        assert found[4]["matchers"] == [
            {"label": "team", "op": "=", "value": "web"},
            {"label": "severity", "op": "=~", "value": "critical|page"},
        ]

    @pytest.mark.parametrize(
        ("first", "second", "reachable"),
        [
            ("{receiver: a}", "{match: {x: w}}", False),
            ("{receiver: a, continue: true}", "{match: {x: w}}", True),
            ("{match: {x: w}}", "{matchers: ['x=\"w\"', z=1]}", False),
            ("{match: {x: w}}", "{matchers: [z=1]}", True),
            ("{matchers: [x=w, z=1]}", "{match: {x: w}}", True),
            ("{matchers: !x y}", "{match: {x: w}}", True),
        ],
    )
    def test_reachable(self, first: str, second: str, reachable: bool) -> None:
        tree = read(f"route:\n  receiver: a\n  routes:\n  - {first}\n  - {second}\nreceivers: []\n")
        assert [r["reachable"] for r in routes(tree)] == [True, True, reachable]

    def test_a_route_that_hides_several(self) -> None:
        children = ["{receiver: b}", "{match: {x: w}}", "{match: {y: w}}"]
        tree = read("route:\n  receiver: a\n  routes:\n" + "".join(f"  - {child}\n" for child in children))
        found = routes(tree)
        assert [r["reachable"] for r in found] == [True, True, False, False]
        assert [r["hidden_too"] for r in found] == [False, False, False, True]

    def test_routes_that_hide_one_each(self) -> None:
        children = ["{match: {x: w}}", "{match: {y: w}}", "{match: {x: w, z: w}}", "{match: {y: w, z: w}}"]
        tree = read("route:\n  receiver: a\n  routes:\n" + "".join(f"  - {child}\n" for child in children))
        found = routes(tree)
        assert [r["reachable"] for r in found] == [True, True, True, False, False]
        assert not any(r["hidden_too"] for r in found)

    def test_values_of_a_label(self) -> None:
        assert label_values(TREE, "severity") == ["critical", "page"]
        assert label_values(TREE, "service") == ["mysql", "cassandra"]
        assert label_values(TREE, "owner") == []

    def test_a_deep_tree_ends(self) -> None:
        route: Map = Map({"receiver": "end"})
        for _ in range(150):
            route = Map({"routes": [route]})
        assert len(routes(Map({"route": route}))) <= 102
