"""The fields of a kustomization and what they hold; anything else in it is an error.

Source: `api/types/*.go` of Kustomize 5.5, which refuses fields that it does not know and takes any case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.kubernetes.overlays.edit import item_spans, listed, place_of, put, without
from readiness.values import List, Map, Span, Unknown

TEXT = "text"
NUMBER = "a number"
FLAG = "true or false"
ANY = "any"
TEXTS = [TEXT]
LABELS = {"*": TEXT}
ANYTHING = {"*": ANY}

Report = Callable[[str, "Span | None"], None]
MISSING: Any = ()

_KIND = {"group": TEXT, "version": TEXT, "kind": TEXT}
_NAMED = {**_KIND, "name": TEXT, "namespace": TEXT}
_SELECTOR = {**_NAMED, "labelSelector": TEXT, "annotationSelector": TEXT}
_FIELD = {**_KIND, "path": TEXT, "create": FLAG}
_OPTIONS = {"labels": LABELS, "annotations": LABELS, "disableNameSuffixHash": FLAG, "immutable": FLAG}
_GENERATOR = {
    "name": TEXT,
    "namespace": TEXT,
    "behavior": TEXT,
    "literals": TEXTS,
    "files": TEXTS,
    "envs": TEXTS,
    "env": TEXT,
    "options": _OPTIONS,
}
PATCH = {
    "path": TEXT,
    "patch": TEXT,
    "target": _SELECTOR,
    "options": {"allowNameChange": FLAG, "allowKindChange": FLAG},
}
_FIELD_OPTIONS = {"delimiter": TEXT, "index": NUMBER, "encoding": TEXT, "create": FLAG}
REPLACEMENT = {
    "source": {**_NAMED, "fieldPath": TEXT, "options": _FIELD_OPTIONS},
    "sourceValue": TEXT,
    "targets": [
        {"select": _SELECTOR, "reject": [_SELECTOR], "fieldPaths": TEXTS, "options": _FIELD_OPTIONS},
    ],
}
IMAGE = {"name": TEXT, "newName": TEXT, "tagSuffix": TEXT, "newTag": TEXT, "digest": TEXT}
_CHART = {
    "name": TEXT,
    "version": TEXT,
    "repo": TEXT,
    "releaseName": TEXT,
    "namespace": TEXT,
    "additionalValuesFiles": TEXTS,
    "valuesFile": TEXT,
    "valuesInline": ANYTHING,
    "valuesMerge": TEXT,
    "includeCRDs": FLAG,
    "skipHooks": FLAG,
    "skipTests": FLAG,
    "apiVersions": TEXTS,
    "kubeVersion": TEXT,
    "nameTemplate": TEXT,
    "debug": FLAG,
    "devel": FLAG,
}
_VARIABLE = {
    "name": TEXT,
    "objref": {"apiVersion": TEXT, **_NAMED},
    "fieldref": {"fieldPath": TEXT},
}
_LABEL = {
    "pairs": LABELS,
    "includeSelectors": FLAG,
    "includeTemplates": FLAG,
    "includeVolumeClaimTemplates": FLAG,
    "fields": [_FIELD],
}

KUSTOMIZATION: dict[str, Any] = {
    "apiVersion": TEXT,
    "kind": TEXT,
    "metadata": ANYTHING,
    "openapi": LABELS,
    "namePrefix": TEXT,
    "nameSuffix": TEXT,
    "namespace": TEXT,
    "commonLabels": LABELS,
    "labels": [_LABEL],
    "commonAnnotations": LABELS,
    "patchesStrategicMerge": TEXTS,
    "patchesJson6902": [PATCH],
    "patches": [PATCH],
    "images": [IMAGE],
    "imageTags": [IMAGE],
    "replacements": [{**REPLACEMENT, "path": TEXT}],
    "replicas": [{"name": TEXT, "count": NUMBER}],
    "vars": [_VARIABLE],
    "sortOptions": {"order": TEXT, "legacySortOptions": {"orderFirst": TEXTS, "orderLast": TEXTS}},
    "resources": TEXTS,
    "components": TEXTS,
    "crds": TEXTS,
    "bases": TEXTS,
    "configMapGenerator": [_GENERATOR],
    "secretGenerator": [{**_GENERATOR, "type": TEXT}],
    "helmGlobals": {"chartHome": TEXT, "configHome": TEXT},
    "helmCharts": [_CHART],
    "helmChartInflationGenerator": [ANYTHING],
    "generatorOptions": _OPTIONS,
    "configurations": TEXTS,
    "generators": TEXTS,
    "transformers": TEXTS,
    "validators": TEXTS,
    "buildMetadata": TEXTS,
}
"""Every field, and the shape of what it holds."""


def conforming(value: Any, shape: Any, report: Report, span: Span | None, where: str = "") -> Any:
    """What of a value has the shape it should have; MISSING where nothing has.  The rest is reported."""
    if value is None or shape == ANY:
        return MISSING if value is None else value
    if isinstance(value, Unknown):
        report(f"{_subject(where)} is not known: {value.reason}", span)
        return MISSING
    if isinstance(shape, list):
        if not isinstance(value, List):
            report(f"{_subject(where)} is a list, not {_named(value)}", span)
            return MISSING
        return _list(value, shape[0], report, where)
    if isinstance(shape, dict):
        if not isinstance(value, Map):
            report(f"{_subject(where)} is a mapping, not {_named(value)}", span)
            return MISSING
        return _map(value, shape, report, where)
    expected: tuple[type, ...] = {TEXT: (str,), NUMBER: (int,), FLAG: (bool,)}[shape]
    if isinstance(value, expected) and not (shape == NUMBER and isinstance(value, bool)):
        return value
    quoted = " (put it in quotes)" if shape == TEXT and not isinstance(value, (Map, List)) else ""
    report(f"{_subject(where)} is {shape}, not {_named(value)}{quoted}", span)
    return MISSING


def _list(value: List, shape: Any, report: Report, where: str) -> List:
    spans = item_spans(value)
    kept = [
        (item, span)
        for old, span in zip(value, spans, strict=True)
        if (item := conforming(old, shape, report, span, f"an item of {where}")) is not MISSING
    ]
    if len(kept) == len(value) and all(new is old for (new, _), old in zip(kept, value, strict=True)):
        return value
    return listed([item for item, _ in kept], [span for _, span in kept], value)


def _map(value: Map, shape: dict[str, Any], report: Report, where: str) -> Map:
    result = value
    for key, item in value.items():
        name = key if "*" in shape or key in shape else _other_case(key, shape)
        if name is None:
            from difflib import get_close_matches

            near = get_close_matches(key, shape, 1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            owner = where or "a kustomization"
            report(f"{owner} has no field `{key}`{hint}", value.key_spans.get(key))
            new = MISSING
        else:
            inner = shape["*"] if "*" in shape else shape[name]
            new = conforming(item, inner, report, value.value_spans.get(key), f"`{key}`")
        if new is item and name == key:
            continue
        result = without(result, key)
        if new is not MISSING and name is not None and name not in result:
            result = put(result, name, new, place_of(value, key))
    return result


def _other_case(key: str, shape: dict[str, Any]) -> str | None:
    lower = key.lower()
    return next((name for name in shape if name.lower() == lower), None)


def _subject(where: str) -> str:
    return where or "a kustomization"


def _named(value: Any) -> str:
    if isinstance(value, Map):
        return "a mapping"
    if isinstance(value, List):
        return "a list"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value}`"
