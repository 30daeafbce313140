"""`${TAG}` and the like in manifests: what something else fills in before they are applied.

Flux does so after its build (`postBuild.substitute`), pipelines with `envsubst` or `sed`.  The API takes no
`$` in an image, a number, a quantity or a word of its own, so such a value there is not known.  Names, labels
and selectors stay texts: the same text is the same name.  What programs read (commands, variables, files,
annotations) stays as well, as `${HOME}` may be meant for them.

Sources: https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution,
https://kubernetes.io/docs/reference/kubernetes-api/
"""

from __future__ import annotations

import re
from typing import Any

from readiness.kubernetes.kinds import group_of, is_built_in
from readiness.sources.yaml_model import HASHED
from readiness.values import List, Map, Span, Unknown

_PLACEHOLDER = (
    r"(?:\$\{\{[^{}]*\}\}|\$\{[A-Za-z_][^{}]*\}|\$\([A-Za-z_][\w.-]*\)"
    rf"|\$[A-Za-z_]\w*|\{{\{{[^{{}}]*\}}\}}|<%[^%]*%>|{HASHED})"
)
_ANYWHERE = re.compile(_PLACEHOLDER)
_WHOLE = re.compile(rf"\A\s*{_PLACEHOLDER}\s*\Z")

# Kinds that hold texts, schemas or the values of charts; those are filled in where they are used.
_LEFT = frozenset(
    {"Application", "ApplicationSet", "HelmChart", "HelmChartConfig", "HelmRelease"}
    | {"ConfigMap", "CustomResourceDefinition", "Secret", "Template"}
)
# What programs read, below these keys, and what only links look at.
_TEXTS = frozenset(
    {"annotations", "args", "binaryData", "command", "data", "expression", "stringData", "subPath"}
    | {"labels", "matchLabels", "name", "namespace", "selector", "subPathExpr", "value", "values"}
)


def opened(body: Map) -> Map:
    """A manifest with unknowns for what is filled in later; the same where there is nothing of the kind."""
    kind = body["kind"]
    if kind in _LEFT:
        return body
    found: Map = _opened(body, "", is_built_in(group_of(body["apiVersion"])))
    return found


def is_open(text: Any) -> bool:
    """Whether a name or label holds something that is filled in later."""
    return (
        isinstance(text, str)
        and ("$" in text or "{{" in text or "#" in text)
        and _ANYWHERE.search(text) is not None
    )


def may_become(text: Any, name: str) -> bool:
    """Whether a text with something that is filled in later may turn out to be a name."""
    if not is_open(text):
        return bool(text == name)
    parts = (re.escape(part) for part in _ANYWHERE.split(text))
    return re.fullmatch(".*".join(parts), name, re.DOTALL) is not None


def open_name(text: str) -> Unknown:
    """The unknown that a name with something that is filled in later stands for."""
    return _unknown(text, None)


def _opened(value: Any, key: str, built_in: bool) -> Any:
    """A mapping or list with what is below it opened; `key` is the one that a list is the value of."""
    result = value
    entries = value.items() if isinstance(value, Map) else enumerate(value)
    for place, item in entries:
        name = place if isinstance(place, str) else key
        if isinstance(item, str):
            if "$" not in item and "{{" not in item and "<%" not in item and "#" not in item:
                continue
            new = _text(item, name, built_in, value.span_of(place))
        elif isinstance(item, (Map, List)) and name not in _TEXTS:
            new = _opened(item, name, built_in)
        else:
            continue
        if new is not item:
            if result is value:
                result = _copy(value)
            result[place] = new
    return result


def _text(text: str, key: str, built_in: bool, span: Span | None) -> Any:
    if key in _TEXTS or key.endswith("Name"):
        return text
    # In kinds of other projects a part of a text may be meant for a program, but never one of an image.
    pattern = _ANYWHERE if built_in or key == "image" else _WHOLE
    return _unknown(text, span) if pattern.search(text) else text


def _unknown(text: str, span: Span | None) -> Unknown:
    marks = list(_ANYWHERE.finditer(text))
    prefix, suffix = text[: marks[0].start()], text[marks[-1].end() :]
    shown = ", ".join(dict.fromkeys(mark[0] for mark in marks))
    verb = "is" if len(marks) == 1 else "are"
    reason = f"`{shown}` {verb} filled in before this is applied"
    # Nothing but the placeholder may be empty, and then the value is null.
    known = bool(prefix.strip() or suffix.strip())
    return Unknown(reason, (text,), span, known, prefix, suffix)


def _copy(value: Map | List) -> Map | List:
    result: Map | List
    if isinstance(value, Map):
        result = Map(value, value.span, value.key_spans, value.value_spans, value.origin)
    else:
        result = List(value, value.span, value.item_spans)
    result.kind = value.kind
    return result
