"""The links to runbooks that a resource holds, each with what it leads to.

| of | where |
| --- | --- |
| alerts of a PrometheusRule, rules of Grafana | annotations called `runbook`, `runbook_url` and the like |
| Kubernetes objects | such annotations, `a8r.io/runbook` and `pyrra.dev/runbook` among them |
| entries of Backstage | such annotations, and links of the type `runbook` or with that word in the title |
| New Relic | `runbook_url` |
| alarms of CloudWatch, policies of Google Cloud, monitors of Datadog, alerts of Azure | URLs in their text |

Sources: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/,
https://backstage.io/docs/features/software-catalog/descriptor-format/#metadatalinks-optional,
https://github.com/pyrra-dev/pyrra and the documentation of the providers at
https://registry.terraform.io/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.repo.facts import RepositoryFacts
from readiness.repo.runbooks import Link, Runbooks
from readiness.values import List, Map, Span, Unknown, maps

_KEY = re.compile(r"(?:.*[/.])?(?:runbook|playbook)(?:[_-]?(?:url|link|uri))?", re.IGNORECASE)
_URL = re.compile(r"https?://(?:\{\{[^}]*\}\}|[^\s<>\"'`|])+", re.IGNORECASE)
_MENTION = re.compile(r"https?://|runbook", re.IGNORECASE)
_TEXTS: dict[str, tuple[str, ...]] = {
    "aws_cloudwatch_metric_alarm": ("alarm_description",),
    "aws_cloudwatch_composite_alarm": ("alarm_description",),
    "azurerm_monitor_metric_alert": ("description",),
    "azurerm_monitor_scheduled_query_rules_alert_v2": ("description",),
    "datadog_monitor": ("message",),
    "google_monitoring_alert_policy": ("documentation.content",),
}
"""Texts of alerts that people read, by type of resource."""

_TAGS = ("annotations", "labels", "tags", "user_labels")


class RunbookLinks:
    """Answers `runbook` and `runbooks` for the resource under check."""

    def __init__(self, facts: RepositoryFacts) -> None:
        self.reader = Runbooks(facts)

    def one(self, value: Any, current: Resource | None) -> Any:
        """What one link leads to, as it stands in the file of a resource; None for what is no text."""
        if isinstance(value, Unknown):
            return _bare(value)
        if not isinstance(value, str) or not value.strip():
            return None
        if current is None:
            return self.reader.read(value, "")
        return self.reader.read(value, _file(current), lambda: _texts(current.body))

    def all(self, current: Resource | None) -> List:
        """What every link of a resource leads to; one whose text is unknown stands in the list as that."""
        found: list[Any] = []
        for value, key, of, span in _places(current) if current is not None else ():
            if isinstance(value, Unknown):
                found.append(_bare(value))
                continue
            link = self.one(value, current)
            if isinstance(link, Link):
                copy = Link({**link, "key": key, "alert": of}, span)
                copy.age = link.age
                found.append(copy)
        return List(found)


def _bare(value: Unknown) -> Unknown:
    """The unknown without what is known of the text: that says nothing of where it leads."""
    return Unknown(value.reason, value.refs, value.span)


def _file(resource: Resource) -> str:
    return (resource.inside or resource.header).path


def _texts(value: Any) -> Iterator[str]:
    """Every text in a body."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)


_Place = tuple[Any, str, str | None, Span | None]


def _places(resource: Resource) -> Iterator[_Place]:
    """Value, key, alert and place of every link; free text gives one for each of its URLs."""
    body = resource.body
    if resource.platform == "terraform":
        yield from _terraform(resource)
        return
    metadata = body.get("metadata")
    if isinstance(metadata, Map):
        yield from _keyed(metadata.get("annotations"), None)
        if resource.type.startswith("backstage.io/"):
            yield from _backstage(metadata.get("links"))
    spec = body.get("spec")
    groups = spec.get("groups") if isinstance(spec, Map) else None
    for group in groups if resource.type == "PrometheusRule" and isinstance(groups, List) else ():
        for rule in maps(group.get("rules") if isinstance(group, Map) else None):
            if rule.get("alert") is not None:
                yield from _keyed(rule.get("annotations"), rule["alert"])


def _keyed(annotations: Any, of: Any) -> Iterator[_Place]:
    if not isinstance(annotations, Map):
        return
    for key, value in annotations.items():
        if _KEY.fullmatch(key):
            yield value, key, of if isinstance(of, str) else None, annotations.span_of(key)


def _backstage(links: Any) -> Iterator[_Place]:
    for link in maps(links):
        title, kind = link.get("title"), link.get("type")
        if any(isinstance(text, str) and "runbook" in text.lower() for text in (title, kind)):
            yield link.get("url"), "url", title if isinstance(title, str) else None, link.span_of("url")


def _terraform(resource: Resource) -> Iterator[_Place]:
    body = resource.body
    if "runbook_url" in body:
        yield body["runbook_url"], "runbook_url", None, body.span_of("runbook_url")
    for name in _TAGS:
        yield from _keyed(body.get(name), None)
    for rule in maps(body.get("rule")) if resource.type == "grafana_rule_group" else ():
        yield from _keyed(rule.get("annotations"), rule.get("name"))
    for path in _TEXTS.get(resource.type, ()):
        holder: Any = body
        *outer, key = path.split(".")
        for name in outer:
            inner = holder.get(name) if isinstance(holder, Map) else None
            holder = inner[0] if isinstance(inner, List) and inner else None
        if isinstance(holder, Map):
            yield from _written(holder.get(key), key, holder.span_of(key))


def _written(value: Any, key: str, span: Span | None) -> Iterator[_Place]:
    # Whether a text that is not known holds a link at all is asked by the policies that want one.
    if isinstance(value, Unknown) and _MENTION.search(f"{value.prefix} {value.suffix}"):
        yield value, key, None, span
    for match in _URL.finditer(value) if isinstance(value, str) else ():
        yield match[0].rstrip(".,;:!?)]"), key, None, span
