"""Functions of providers whose documentation says what they do.

Sources: https://developer.hashicorp.com/terraform/language/functions/terraform-encode_tfvars (and its
neighbours); `docs/functions` of https://registry.terraform.io/providers/hashicorp/aws,
…/hashicorp/google and …/hashicorp/kubernetes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, first_unknown
from readiness.terraform.functions_common import Function, not_known
from readiness.terraform.kinds import OBJECT, structural
from readiness.terraform.partial import partial_text
from readiness.values import List, Map, Unknown, partial_json

_ARN_PARTS = ("partition", "service", "region", "account_id", "resource")
_MANIFEST_KEYS = ("apiVersion", "kind", "metadata")


# -- aws ------------------------------------------------------------------------------------------


def _sections(arn: str) -> list[str]:
    sections = arn.split(":", 5)
    if sections[0] != "arn" or len(sections) != 6:
        raise EvaluationError(f"{arn!r} is no ARN: it has not the six parts of one")
    return sections[1:]


def _arn_parse(arn: str) -> Map:
    result = Map(zip(_ARN_PARTS, _sections(arn), strict=True))
    result.kind = OBJECT
    return result


def _arn_build(*parts: Any) -> Any:
    pieces: list[Any] = ["arn"]
    for part in parts:
        pieces += [":", part]
    if any(isinstance(piece, Unknown) for piece in pieces):
        return partial_text(pieces, None)
    return "".join(pieces)


def _trim_iam_role_path(arn: str) -> str:
    sections = _sections(arn)
    _, service, region, _, resource = sections
    if service != "iam" or region or not resource.startswith("role/"):
        raise EvaluationError(f"{arn!r} is not the ARN of a role")
    sections[-1] = "role/" + resource.rsplit("/", 1)[-1]
    return ":".join(["arn", *sections])


# -- google ---------------------------------------------------------------------------------------


def _part_of_id(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def function(text: str) -> str:
        match = compiled.search(text)
        if match is None:
            raise EvaluationError(f"{text!r} does not hold {pattern!r}")
        return match.group(1)

    return function


def _region_from_zone(zone: str) -> str:
    if zone.count("-") < 2:
        raise EvaluationError(f"{zone!r} is not the name of a zone")
    return zone.rsplit("-", 1)[0]


# -- kubernetes -----------------------------------------------------------------------------------


def _manifests(text: str) -> list[Any]:
    from readiness.sources.yaml_source import read

    file = read("", text)
    if file.errors:
        raise EvaluationError(f"the text is not YAML: {file.errors[0].message}")
    found = []
    for document in file.documents:
        if document.root is None or document.root == {}:
            continue
        _check_manifest(document.root)
        found.append(structural(_bare(document.root)))
    return found


def _check_manifest(value: Any) -> None:
    if not isinstance(value, dict):
        raise EvaluationError("a manifest is an object")
    for key in _MANIFEST_KEYS:
        if key not in value:
            raise EvaluationError(f"the manifest has no {key}")


def _bare(value: Any) -> Any:
    """The same value without the spans of its text, which is in no file."""
    if isinstance(value, dict):
        return Map({key: _bare(item) for key, item in value.items()})
    if isinstance(value, list):
        return List([_bare(item) for item in value])
    return value


def _manifest_decode(text: str) -> Any:
    found = _manifests(text)
    if len(found) != 1:
        raise EvaluationError(f"the text holds {len(found)} manifests, not one")
    return found[0]


def _manifest_decode_multi(text: str) -> List:
    return structural(List(_manifests(text)))  # type: ignore[no-any-return]


def _manifest_encode(value: Any) -> Unknown:
    """The text is not worked out, but the structure in it is known."""
    if isinstance(value, Unknown):
        return not_known(value)
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, Unknown):
            _check_manifest(item)
    first = first_unknown(value)
    reason = Unknown("the function provider::kubernetes::manifest_encode() is not evaluated")
    found = partial_json(value, reason if first is None else first)
    if isinstance(value, list):
        found.document = None  # a text of several documents
    return found


# -- terraform --------------------------------------------------------------------------------------


def _encode_tfvars(value: Any) -> str:
    from readiness.terraform.hcl_writer import arguments, is_identifier

    for name in value:
        if not is_identifier(name):
            raise EvaluationError(f"{name!r} cannot be the name of a variable")
    return arguments(value)


def _encode_expr(value: Any) -> Any:
    first = first_unknown(value)
    if first is None:
        from readiness.terraform.hcl_writer import expression

        return expression(value)
    found = not_known(first)
    found.prefix = "{" if isinstance(value, dict) else "[" if isinstance(value, list) else ""
    return found


def _decode_tfvars(text: str) -> Map:
    from readiness.sources.hcl.file import assemble, cut_file
    from readiness.sources.hcl.parse import parse_chunk
    from readiness.terraform.evaluate import strict
    from readiness.terraform.scope import Place, Scope

    file = assemble(".tfvars", cut_file(text), parse_chunk)
    if file.errors:
        raise EvaluationError(f"the text has not the form of a variable file: {file.errors[0].message}")
    if any(chunk.blocks for _, chunk in file.chunks):
        raise EvaluationError("the text has blocks, and a variable file has none")
    result = Map()
    result.kind = OBJECT
    for attribute in (item for _, chunk in file.chunks for item in chunk.attributes):
        if next(_names(attribute.value, frozenset()), None) is not None:
            raise EvaluationError(f"{attribute.name!r} is no constant")
        # Without names there is nothing that a module would be asked for.
        result[attribute.name] = strict(attribute.value, Scope(None, Place("", 0)))  # type: ignore[arg-type]
    return result


def _names(node: Any, bound: frozenset[str]) -> Iterator[ast.Node]:
    """The names and calls in an expression that stand for something outside of it."""
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from _names(item, bound)
    elif isinstance(node, ast.Call):
        yield node
    elif isinstance(node, ast.Name):
        if node.name not in bound:
            yield node
    elif isinstance(node, (ast.For, ast.TplFor)):
        yield from _names(node.items, bound)
        inner = bound | {node.value, *([node.key] if node.key else [])}
        fields = (name for name in node.__struct_fields__ if name not in ("at", "items"))
        for name in fields:
            yield from _names(getattr(node, name), inner)
    elif isinstance(node, ast.Node):
        inner = bound | {"*"} if isinstance(node, ast.Splat) else bound
        for name in node.__struct_fields__:
            if name != "at":
                yield from _names(getattr(node, name), inner)


_GOOGLE = {
    "location_from_id": Function(_part_of_id("locations/([^/]+)/"), "s"),
    "name_from_id": Function(_part_of_id(r"/([^/]+)\Z"), "s"),
    "project_from_id": Function(_part_of_id("projects/([^/]+)/"), "s"),
    "region_from_id": Function(_part_of_id("regions/([^/]+)/"), "s"),
    "region_from_zone": Function(_region_from_zone, "s"),
    "zone_from_id": Function(_part_of_id("zones/([^/]+)/"), "s"),
}
PROVIDER: dict[str, Function] = {
    "provider::aws::arn_build": Function(_arn_build, "s s s s s", unknown="none"),
    "provider::aws::arn_parse": Function(_arn_parse, "s"),
    "provider::aws::trim_iam_role_path": Function(_trim_iam_role_path, "s"),
    **{f"provider::google::{name}": function for name, function in _GOOGLE.items()},
    **{f"provider::google-beta::{name}": function for name, function in _GOOGLE.items()},
    "provider::kubernetes::manifest_decode": Function(_manifest_decode, "s"),
    "provider::kubernetes::manifest_decode_multi": Function(_manifest_decode_multi, "s"),
    "provider::kubernetes::manifest_encode": Function(_manifest_encode, "x", unknown="none"),
    "provider::terraform::decode_tfvars": Function(_decode_tfvars, "s"),
    "provider::terraform::encode_expr": Function(_encode_expr, "x", unknown="none"),
    "provider::terraform::encode_tfvars": Function(_encode_tfvars, "m"),
}
