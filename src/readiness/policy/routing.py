"""`routes`, `receivers` and `label_values`: what conditions see of the routing of alerts."""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Estate, scalar_text
from readiness.operations import routing
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.regex import compile_pattern
from readiness.values import List, Map, Unknown

CONFIGURATION = "alertmanager/Configuration"


class Routing:
    """The routing of alerts in an estate; what it says of a label's values is kept."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._used: dict[str, list[str]] = {}

    def receivers(self, configuration: Any, labels: Any) -> List | Unknown:
        """The receivers that an alert may reach in a configuration and in the parts that operators add to it.

        See `readiness.operations.routing.receivers`; those of parts (`AlertmanagerConfig`) are never certain.
        """
        found = routing.receivers(configuration, labels, _matches)
        if isinstance(found, Unknown) or not isinstance(configuration, Map) or configuration.get("partial"):
            return found
        result = List(found)
        for other in self.estate.by_type.get(CONFIGURATION, ()):
            if other.body.get("partial") is True:
                added = routing.receivers(other.body, labels, _matches)
                for receiver in added if isinstance(added, List) else ():
                    receiver["reached"] = Unknown(f"whether {other.address} is used with it is not known")
                    result.append(receiver)
        return result

    @staticmethod
    def routes(configuration: Any) -> List | Unknown:
        """Every route of a configuration; see `readiness.operations.routing.routes`."""
        return configuration if isinstance(configuration, Unknown) else routing.routes(configuration)

    def label_values(self, configuration: Any, label: Any) -> List | Unknown:
        """The values that a label has in the alerts of the run and in the routes of a configuration."""
        for argument in (configuration, label):
            if isinstance(argument, Unknown):
                return argument
        name = str(label)
        if name not in self._used:
            self._used[name] = self._of_alerts(name)
        return List(dict.fromkeys([*self._used[name], *routing.label_values(configuration, name)]))

    def _of_alerts(self, label: str) -> list[str]:
        found: dict[str, None] = {}
        for resource in self.estate.by_type.get("PrometheusRule", ()):
            for holder in _labelled(resource.body):
                labels = holder.get("labels")
                value = labels.get(label) if isinstance(labels, Map) else None
                if value is not None and not isinstance(value, (Unknown, Map, List)):
                    found[scalar_text(value)] = None
        return [value for value in found if value and "{{" not in value]


def _labelled(body: Map) -> list[Map]:
    """The groups and alerts of a PrometheusRule: both may carry labels."""
    spec = body.get("spec")
    groups = spec.get("groups") if isinstance(spec, Map) else None
    found: list[Map] = []
    for group in groups if isinstance(groups, List) else ():
        if isinstance(group, Map):
            rules = group.get("rules")
            alerts = [
                rule
                for rule in (rules if isinstance(rules, List) else ())
                if isinstance(rule, Map) and "alert" in rule
            ]
            found += [group, *alerts] if alerts else []
    return found


def _matches(pattern: str, text: str) -> bool:
    try:
        return compile_pattern(f"^(?:{pattern})$").test(text)
    except CelError:
        return False
