"""Renews the schemas of Terraform providers in `src/readiness/terraform/provider_schemas/`.

    python scripts/refresh_provider_schemas.py PROVIDER FORM FOLDER LABEL [PROVIDER FORM FOLDER LABEL ...]

PROVIDER is the first word of the types (`aws`, `azurerm`), FOLDER a checkout, LABEL what the file says of its
source: repository, commit, version of the provider.  FORM is one of

* `upjet`: a Crossplane provider (`crossplane-contrib/provider-upjet-aws`), whose Go types below
  `apis/namespaced` are generated from the provider's schema;
* `schema`: the answer of `terraform providers schema -json`, at `config/schema.json` or FOLDER itself;
* `docs`: the provider's own documentation, below `docs/resources` or `website/docs/r`.  Pages of
  tfplugindocs tell what is nested where; of other pages the names alone are kept.
* `guides`: its upgrade guides, of which the names are added that were removed or renamed: configurations for
  other versions use them.  It stands behind the other sources of a provider.

A provider may be named several times: what an earlier source has of a type, a later one leaves alone.
Nothing is downloaded here.  How the files are written is said in their header, and read by `store.py`.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src" / "readiness" / "terraform" / "provider_schemas"
HEADER = """\
# What the resource types of the Terraform provider {provider} have: the names of arguments and attributes.
# Made by scripts/refresh_provider_schemas.py of
{sources}
# `type<TAB>shape`; a shape is a list of names: `name` a scalar, `name[]` a list of scalars, `name*` anything,
# `name{{…}}` blocks, `name={{…}}` an object, `name?{{…}}` one or the other; `@n` is the shape that is defined
# as `@n`; `~name,name` are the names of a type of which it is not known what is nested where.
"""
Shape = dict[str, Any]
"""Names, each with `""`, `"[]"`, `"*"` or (`""`, `"="` or `"?"`, Shape)."""

_STRUCT = re.compile(r"type (\w+) struct")
_FIELD = re.compile(r'(\w+)\s+(\S+)\s+`json:"[^"]*" tf:"([^",]*)')
_TYPE = re.compile(r'func \(\w+ \*(\w+)\) GetTerraformResourceType\(\) string \{\s*return "([^"]+)"')
_SECRETS = re.compile(
    r"func \(\w+ \*(\w+)\) GetConnectionDetailsMapping\(\)[^{]*\{\s*return (?:nil|map[^{]*\{(.*)\})"
)
_KINDS = re.compile(r"(InitParameters|Parameters|Observation)(_[0-9]+)?$")
_FOR_PROVIDER = re.compile(r"type (\w+)Spec struct \{[^}]*?\bForProvider\s+(\w+)")
_NAMED = re.compile(r'^\s*"(\w+)":\s*(config\.)?(\w+)(.*)')
_LITERAL = re.compile(r'"([a-z][a-z0-9_.]*)"')
_OMITTED = re.compile(r"OmittedFields = append\(([^)]*)\)|OmittedFields: \[\]string\{([^}]*)\}")
_DELETED = re.compile(r'delete\(r\.TerraformResource\.Schema, "(\w+)"\)')
_NESTED = re.compile(r"^#+ Nested Schema for `([^`]+)`")
_ITEM = re.compile(r"^- `(\w+)` \(([^)]*)\)(.*)")
_BULLET = re.compile(
    r"^\s*[*+-]\s+(?:<a[^>]*>(?:</a>)?\s*)?((?:\[?`+[a-z0-9_]+`+\]?(?:\([^)]*\))?(?:\s*(?:,|/|and|or)\s*)?)+)"
)
_CODE = re.compile(r"`+([a-z][a-z0-9_]*)`+")
_BLOCK = re.compile(r"`+([a-z][a-z0-9_]*)`+\)? (?:optional |nested |configuration )?(?:blocks?\b|supports? )")
_ARGUMENT = re.compile(r"\s+(?:dynamic \"(?=\w+\"))?([a-z][a-z0-9_]*)\"?\s*(?:=(?![=>])|\{)")
_HEADING = re.compile(r"^##? +(?:Resource:? +)?`?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`?")


def upjet(folder: Path) -> Iterator[tuple[str, Shape]]:
    """The types of a Crossplane provider that upjet made."""
    removed = _removed(folder / "config")
    for package in sorted(path for path in (folder / "apis" / "namespaced").glob("*/*") if path.is_dir()):
        structs: dict[str, dict[str, str]] = defaultdict(dict)
        roots: dict[str, str] = {}
        secrets: dict[str, list[str]] = {}
        specs: dict[str, str] = {}
        for path in sorted(package.glob("zz_*.go")):
            if path.name.endswith("_terraformed.go"):
                text = path.read_text(encoding="utf-8")
                roots.update(_TYPE.findall(text))
                for kind, pairs in _SECRETS.findall(text):
                    secrets[kind] = re.findall(r'"([^"]+)": "', pairs)
            elif path.name.endswith("_types.go"):
                text = path.read_text(encoding="utf-8")
                _go_fields(text, structs)
                specs.update(_FOR_PROVIDER.findall(text))
        for kind, type_ in sorted(roots.items(), key=lambda pair: pair[1]):
            shape = _go_shape(specs[kind], structs, frozenset())
            for place in secrets.get(kind, ()):
                _put(shape, place.split("."))
            for place in sorted(removed.get(type_, ())):
                _put(shape, place.split("."), "*")
            yield type_, shape


def _removed(config: Path) -> dict[str, set[str]]:
    """The arguments that Crossplane leaves out, by type: what names a resource, and a few others."""
    removed: dict[str, set[str]] = defaultdict(set)
    text = (config / "externalname.go").read_text(encoding="utf-8")
    functions = dict(re.findall(r"^func (\w+)\([^\n]*\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    for line in text.splitlines():
        match = _NAMED.match(line)
        if match is None:
            continue
        type_, _, function, rest = match.groups()
        names = set(_LITERAL.findall(rest)) | ({"name"} if "NameAsIdentifier" in function else set())
        body = functions.get(function, "")
        names.update(re.findall(r'\["(\w+)"\]', body))
        for listed in _OMITTED.findall(body):
            names.update(_LITERAL.findall("".join(listed)))
        removed[type_] |= names | {f"{name}_prefix" for name in names}
    for path in sorted((config / "namespaced").glob("*/config.go")):
        for part in re.split(r"AddResourceConfigurator\(", path.read_text(encoding="utf-8"))[1:]:
            type_ = part.partition(",")[0].strip('"')
            removed[type_].update(_DELETED.findall(part))
            for listed in _OMITTED.findall(part):
                removed[type_].update(_LITERAL.findall("".join(listed)))
    return removed


def _go_fields(text: str, structs: dict[str, dict[str, str]]) -> None:
    current: str | None = None
    for line in text.splitlines():
        struct = _STRUCT.match(line)
        if struct:
            current = struct[1]
        elif line == "}":
            current = None
        elif current is not None:
            field = _FIELD.match(line.strip())
            if field and field[3] not in ("", "-"):
                structs[current].setdefault(field[3], field[2])


def _go_shape(struct: str, structs: dict[str, dict[str, str]], above: frozenset[str]) -> Shape:
    """The shape of a struct (`BucketParameters`, `RuleParameters_2`) with what its siblings add."""
    shape: Shape = {}
    family = _KINDS.sub(r"\2", struct)
    for word in ("Parameters", "InitParameters", "Observation"):
        for name, type_ in structs.get(_KINDS.sub(rf"{word}\2", struct), {}).items():
            if name in shape:
                continue
            bare = type_.replace("*", "")
            inner = bare.removeprefix("[]")
            if _KINDS.search(inner):
                # A pointer is a block of which there is one, which Terraform has as a list, or an object.
                form = "" if bare.startswith("[]") else "?"
                recursive = _KINDS.sub(r"\2", inner) in above
                shape[name] = "*" if recursive else (form, _go_shape(inner, structs, above | {family}))
            elif inner in ("string", "bool", "float64", "int64"):
                shape[name] = "[]" if bare.startswith("[]") else ""
            else:
                shape[name] = "*"
    return shape


def _put(shape: Shape, place: list[str], value: str = "") -> None:
    """Add what Crossplane keeps elsewhere: sensitive values (`config[*].password`), names."""
    name = re.sub(r"\[[^]]*\]", "", place[0])
    if len(place) == 1:
        shape.setdefault(name, value)
        return
    inner = shape.get(name)
    if place[1] in ("*", "[*]", "0"):
        _put(shape, [name, *place[2:]], value)
    elif isinstance(inner, tuple):
        _put(inner[1], place[1:], value)
    elif inner is None:
        shape[name] = "*"


def schema(folder: Path) -> Iterator[tuple[str, Shape]]:
    """The types of the answer of `terraform providers schema -json`."""
    file = folder if folder.is_file() else folder / "config" / "schema.json"
    for provider in json.loads(file.read_text(encoding="utf-8"))["provider_schemas"].values():
        for type_, entry in sorted(provider["resource_schemas"].items()):
            yield type_, _block(entry["block"])


def _block(block: dict[str, Any]) -> Shape:
    shape: Shape = {}
    for name, attribute in block.get("attributes", {}).items():
        nested = attribute.get("nested_type")
        if nested is not None:
            form = {"single": "=", "list": "", "set": ""}.get(nested["nesting_mode"])
            shape[name] = "*" if form is None else (form, _block(nested))
        else:
            shape[name] = _type(attribute["type"])
    for name, inner in block.get("block_types", {}).items():
        form = {"single": "?", "group": "?", "list": "", "set": ""}.get(inner["nesting_mode"])
        shape[name] = "*" if form is None else (form, _block(inner["block"]))
    return shape


def _type(type_: Any) -> Any:
    if isinstance(type_, str):
        return "*" if type_ == "dynamic" else ""
    if type_[0] in ("list", "set"):
        inner = _type(type_[1])
        if isinstance(inner, tuple) and inner[0] == "=":
            return ("", inner[1])
        return "[]" if inner == "" else "*"
    if type_[0] == "object":
        return ("=", {name: _type(inner) for name, inner in type_[1].items()})
    return "*"


def docs(folder: Path, provider: str) -> Iterator[tuple[str, Shape | list[str]]]:
    """The types of a provider's documentation."""
    for place in ("docs/resources", "website/docs/r"):
        for path in sorted((folder / place).glob("*.m*")) + sorted((folder / place).glob("*.html.markdown")):
            text = path.read_text(encoding="utf-8").replace("\\_", "_")
            stem = path.name.partition(".")[0]
            types = {f"{provider}_{stem.removeprefix(provider + '_')}"}
            if stem.endswith("_iam"):
                # One page for `google_…_iam_policy`, `_binding`, `_member` and others.
                types = {m[1] for m in map(_HEADING.match, text.splitlines()) if m and "_iam_" in m[1]}
            found: Shape | list[str] = (
                _generated(text) if "generated by tfplugindocs" in text else _names(text, types)
            )
            if len(found) > 1:
                for type_ in sorted(types):
                    yield type_, found


def _generated(text: str) -> Shape:
    """A page of tfplugindocs: lists of `name (Type)`, and sections for what is nested."""
    sections: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    place, begun = "", False
    for line in text.splitlines():
        begun = begun or line.startswith("## Schema")
        if begun and line.startswith("## ") and not line.startswith("## Schema"):
            break
        nested = _NESTED.match(line)
        if nested:
            place = nested[1]
        item = _ITEM.match(line) if begun else None
        if item:
            sections[place].append((item[1], item[2], item[3]))
    return _section("", sections)


def _section(place: str, sections: dict[str, list[tuple[str, str, str]]]) -> Shape:
    shape: Shape = {}
    for name, type_, rest in sections[place]:
        below = f"{place}.{name}" if place else name
        if below in sections:
            listed = re.match(r"(Block|Attributes|List of Object|Set of Object)( List| Set)?", type_)
            form = "?" if listed is None or (not listed[2] and "of Object" not in listed[1]) else ""
            shape[name] = (
                "=" if form == "?" and type_.startswith("Attributes") else form,
                _section(below, sections),
            )
        elif "below for nested" in rest or re.match(
            r"Map|Dynamic|Block|Attributes|Object|.*of (Map|Object|List)", type_
        ):
            shape[name] = "*"
        else:
            shape[name] = "[]" if type_.startswith(("List", "Set")) else ""
    return shape


def _names(text: str, types: set[str]) -> list[str]:
    """The names that a page lists, speaks of as blocks or uses in its examples, wherever they are nested."""
    names = {"id"}
    inside = False
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        if bullet:
            names.update(_CODE.findall(bullet[1]))
        names.update(_BLOCK.findall(line))
        resource = re.match(r'\s*resource "(\w+)"', line)
        if resource:
            inside = resource[1] in types
        elif line.startswith(("}", "```")):
            inside = False
        elif inside and (argument := _ARGUMENT.match(line)):
            names.add(argument[1])
    return sorted(names)


def guides(folder: Path, provider: str) -> Iterator[tuple[str, str]]:
    """What the upgrade guides say was removed or renamed: types and paths, with the new names too."""
    for path in sorted((folder / "website" / "docs" / "guides").glob("*upgrade*")):
        types: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            named = re.findall(rf"`({provider}_\w+)`", line)
            if line.startswith("##") and (named or line.startswith("## ")):
                types = named
            if not re.search(r"removed|renamed|superseded|replaced", line):
                continue
            for place in re.findall(r"`([a-z_0-9]+(?:\.[a-z_0-9]+)*)`", line):
                if place not in ("true", "false") and not place.startswith(f"{provider}_"):
                    yield from ((type_, place.replace(".0.", ".")) for type_ in types)


class Writer:
    """The lines of a file: definitions of what is nested in several places, then the types."""

    def __init__(self, shapes: dict[str, Shape | list[str]]) -> None:
        self.shapes = shapes
        self._spelled: dict[int, str] = {}
        self._times: Counter[str] = Counter()
        self._bodies: dict[str, Shape] = {}
        for shape in shapes.values():
            if isinstance(shape, dict):
                self._count(shape)
        often = sorted(text for text, times in self._times.items() if times > 1 and len(text) > 12)
        self._numbers = {text: f"@{index}" for index, text in enumerate(often)}

    def lines(self) -> Iterator[str]:
        """The lines in their order."""
        for text, number in self._numbers.items():
            yield f"{number}\t{self._short(self._bodies[text])}"
        for type_, shape in sorted(self.shapes.items()):
            yield f"{type_}\t" + ("~" + ",".join(shape) if isinstance(shape, list) else self._short(shape))

    def _count(self, shape: Shape) -> None:
        for value in shape.values():
            if isinstance(value, tuple):
                text = self._whole(value[1])
                self._times[text] += 1
                if self._times[text] == 1:
                    self._bodies[text] = value[1]
                    self._count(value[1])

    def _whole(self, shape: Shape) -> str:
        """A shape as text, without definitions."""
        found = self._spelled.get(id(shape))
        if found is None:
            found = self._spelled[id(shape)] = _text(shape, lambda inner: f"{{{self._whole(inner)}}}")
        return found

    def _short(self, shape: Shape) -> str:
        """A shape as text, with definitions for what is nested."""
        return _text(
            shape, lambda inner: self._numbers.get(self._whole(inner)) or f"{{{self._short(inner)}}}"
        )


def _text(shape: Shape, nested: Callable[[Shape], str]) -> str:
    return ",".join(
        f"{name}{value[0]}{nested(value[1])}" if isinstance(value, tuple) else name + value
        for name, value in sorted(shape.items())
    )


def main(arguments: list[str]) -> None:
    """Write a file for each provider that is named."""
    if not arguments or len(arguments) % 4:
        sys.exit(__doc__)
    found: dict[str, dict[str, Shape | list[str]]] = defaultdict(dict)
    labels: dict[str, list[str]] = defaultdict(list)
    for provider, form, folder, label in zip(*[iter(arguments)] * 4, strict=True):
        if form == "guides":
            retired = 0
            for type_, place in guides(Path(folder), provider):
                shape = found[provider].get(type_)
                if isinstance(shape, dict):
                    _put(shape, place.split("."), "*")
                    retired += 1
            labels[provider].append(f"# * {label}: {retired:,} names of other versions")
            continue
        read: Any = {"upjet": upjet, "schema": schema}.get(form)
        shapes = docs(Path(folder), provider) if form == "docs" else read(Path(folder))
        types = 0
        for type_, shape in shapes:
            if type_ not in found[provider]:
                found[provider][type_] = shape
                types += 1
        labels[provider].append(f"# * {label}: {types:,} types")
    for provider, shapes_of in found.items():
        text = HEADER.format(provider=provider, sources="\n".join(labels[provider]))
        text += "\n".join(Writer(shapes_of).lines()) + "\n"
        (TARGET / f"{provider}.txt").write_text(text, encoding="utf-8")
        print(f"{provider}: {len(shapes_of):,} types, {len(text):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
