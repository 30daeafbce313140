"""Functions that read files, and those that fill in templates.

Source: https://developer.hashicorp.com/terraform/language/functions (Filesystem Functions, `templatestring`),
checked with Terraform 1.11.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, check_text, to_text
from readiness.terraform.files import FILE, FOLDER, MISSING, RefusedError, path_between, relative
from readiness.terraform.globs import glob
from readiness.terraform.references import ModuleObject, ResourceObject
from readiness.terraform.scope import Place, Scope
from readiness.values import List, Span, Unknown

Evaluate = Callable[[ast.Expr, Scope], Any]


class TemplateScope(Scope):
    """What a template sees: its variables, and no names of the module."""

    __slots__ = ()

    def _copy(self, names: Mapping[str, Any]) -> Scope:
        return TemplateScope(self.module, self.place, names)


class _Call(NamedTuple):
    """A call: its node and arguments, and how to evaluate what it evaluates."""

    node: ast.Call
    args: list[Any]
    scope: Scope
    strict: Evaluate

    @property
    def where(self) -> tuple[Any, str]:
        """The files, and the folder that their paths start from."""
        return self.scope.module.top.files, self.scope.module.top.root

    @property
    def span(self) -> Span:
        """Where the call is written."""
        return self.scope.place.span(self.node.at)


def call_with_files(name: str, args: list[Any], node: ast.Call, scope: Scope, strict: Evaluate) -> Any:
    """The value of one of the `FILE_FUNCTIONS`.

    Raises:
        EvaluationError: wrong arguments, a file that is not there or that is refused, a broken template.
    """
    count, function = FILE_FUNCTIONS[name]
    try:
        if len(args) != count:
            raise EvaluationError(f"it was given {len(args)} arguments")
        first = args[0] if name == "templatestring" else _path(args[0], 1)
        call = _Call(node, [first, *args[1:]], scope, strict)
        if isinstance(first, Unknown):
            not_null = name not in ("templatefile", "templatestring")
            return Unknown(first.reason, first.refs, first.span, not_null=not_null)
        result = function(call)
    except RefusedError as error:
        if scope.trying:
            # Terraform may well read it: `try` must not take what it falls back on.
            return Unknown(f"{name}(): {error}", span=scope.place.span(node.at))
        raise RefusedError(f"{name}(): {error}") from None
    except EvaluationError as error:
        raise EvaluationError(f"{name}(): {error}") from None
    return unicodedata.normalize("NFC", result) if type(result) is str else result


def _path(value: Any, number: int) -> Any:
    if value is None:
        raise EvaluationError(f"argument {number} must not be null")
    try:
        return to_text(value)
    except EvaluationError as error:
        raise EvaluationError(f"argument {number}: {error}") from None


# -- files ------------------------------------------------------------------------------------


def _content(of: Callable[[bytes], str]) -> Callable[[_Call], Any]:
    """A function of what a file holds."""

    def function(call: _Call) -> Any:
        files, root = call.where
        found = files.read(root, call.args[0])
        return found if isinstance(found, Unknown) else of(found.data)

    return function


def _file(call: _Call) -> Any:
    found = _text(call)
    return found if isinstance(found, Unknown) else found[1]


def _text(call: _Call) -> tuple[str, str] | Unknown:
    """The name and the text of a file."""
    files, root = call.where
    found = files.read(root, call.args[0])
    if isinstance(found, Unknown):
        return found
    try:
        return found.name, found.data.decode("utf-8")
    except UnicodeDecodeError:
        raise EvaluationError(f"{call.args[0]!r} is not UTF-8; filebase64() reads such files") from None


def _fileexists(call: _Call) -> Any:
    files, root = call.where
    kind = files.kind(root, call.args[0])
    if isinstance(kind, Unknown) or kind in (FILE, MISSING):
        return kind if isinstance(kind, Unknown) else kind == FILE
    raise EvaluationError(f"{call.args[0]!r} is {kind}" + (", not a file" if kind == FOLDER else ""))


def _fileset(call: _Call) -> Any:
    if isinstance(call.args[1], Unknown):
        return Unknown(call.args[1].reason, call.args[1].refs, call.args[1].span, not_null=True)
    files, root = call.where
    pattern = _path(call.args[1], 2)
    folder = relative(call.args[0])
    found = glob(files, root, posixpath.normpath(f"{folder}/{pattern}"))
    if isinstance(found, Unknown):
        return found
    result = List(sorted({unicodedata.normalize("NFC", path_between(folder, path)) for path in found}))
    result.kind = ("set", "string")
    return result


def _abspath(_call: _Call) -> Unknown:
    return Unknown("abspath() depends on where Terraform runs", not_null=True)


def _pathexpand(call: _Call) -> Any:
    path: str = call.args[0]
    if not path.startswith("~"):
        return path
    if path[1:2] not in ("", "/", "\\"):
        raise EvaluationError(f"{path!r}: Terraform does not know the home folders of other users")
    reason = "pathexpand() depends on the home folder of who runs Terraform"
    return Unknown(reason, not_null=True, suffix=path[1:])


# -- templates --------------------------------------------------------------------------------


class _At(Place):
    """The place of a template that is a value: all of it stands where the call does."""

    where: Span

    def span(self, at: ast.At) -> Span:
        """The region of the call."""
        return self.where


def _templatefile(call: _Call) -> Any:
    _not_nested(call)
    found = _text(call)
    if isinstance(found, Unknown):
        return Unknown(found.reason, found.refs, found.span)
    name, text = found
    return _filled(call, text, Place(name, 0), f"{name}:")


def _templatestring(call: _Call) -> Any:
    _not_nested(call)
    if not _is_reference(call.node):
        raise EvaluationError("the template must be a direct reference to a string, such as local.template")
    if not isinstance(call.args[0], str):
        raise EvaluationError("the template must be a string")
    place = _At(call.scope.place.path, call.scope.place.base)
    place.where = call.span
    result = _filled(call, call.args[0], place, "the template, line ")
    return to_text(result)


def _not_nested(call: _Call) -> None:
    if isinstance(call.scope, TemplateScope):
        raise EvaluationError("it cannot be called from inside a template")


def _is_reference(node: ast.Call) -> bool:
    first: ast.Expr = node.args[0]
    if node.expand and len(node.args) == 1:
        return False
    while isinstance(first, (ast.Attr, ast.Index)):
        first = first.of
    return isinstance(first, ast.Name)


def _filled(call: _Call, text: str, place: Place, named: str) -> Any:
    """A template with its variables filled in; `named` is how errors begin, before the line."""
    chunk = call.where[0].template(text)
    if chunk.problem is not None:
        raise EvaluationError(f"{named}{chunk.problem.line}: {chunk.problem.message}")
    node = chunk.attributes[0].value
    names = _variables(call, node)
    if isinstance(names, Unknown):
        return Unknown(names.reason, names.refs, names.span)
    for name, at in _free(node, frozenset()):
        if name not in names:
            raise EvaluationError(f"{named}{at[0]}: the template uses {name!r}, which it is not given")
    scope = TemplateScope(call.scope.module, place, names)
    scope.seen, scope.rounds, scope.trying = call.scope.seen, call.scope.rounds, call.scope.trying
    try:
        value = call.strict(node, scope)
    except EvaluationError as error:
        line = _failing_line(node, scope, call.strict)
        raise type(error)(f"{named}{line}: {error}") from None
    if value is None:
        raise EvaluationError(f"{named}{node.at[0]}: the result of the template is null")
    if isinstance(value, str):
        check_text(len(value))
    return _placed(value, call.span)


def _placed(value: Any, span: Span) -> Any:
    """What is not known of a template is not known where it is filled in."""
    if type(value) is not Unknown:
        return value
    return Unknown(value.reason, value.refs, span, value.not_null, value.prefix, value.suffix, value.document)


def _variables(call: _Call, node: ast.Expr) -> Mapping[str, Any] | Unknown:
    """The variables that a template is given."""
    given = call.args[1]
    if isinstance(given, ModuleObject):
        given = given.whole(call.scope)
    if isinstance(given, ResourceObject):
        # What is not written is known after apply only, but it is there.
        return {name: given.attribute(name) for name, _ in _free(node, frozenset())}
    if isinstance(given, Unknown):
        return given
    if not isinstance(given, dict):
        what = "must not be null" if given is None else "must be a map or an object"
        raise EvaluationError(f"argument 2 {what}")
    for name in given:
        if not name.replace("-", "_").isidentifier() or name.startswith("-"):
            raise EvaluationError(f"{name!r} is not the name of a template variable")
    return given


def _free(node: Any, bound: frozenset[str]) -> Iterator[tuple[str, ast.At]]:
    """The names that a template takes from its variables, with their places."""
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from _free(item, bound)
    elif isinstance(node, ast.Name):
        if node.name not in bound and node.name != "*":
            yield node.name, node.at
    elif isinstance(node, (ast.For, ast.TplFor)):
        yield from _free(node.items, bound)
        inner = bound | {node.key, node.value}
        body = [node.body] if isinstance(node, ast.TplFor) else [node.name, node.result, node.test]
        yield from _free(body, inner)
    elif isinstance(node, ast.Node):
        fields = (field for field in node.__struct_fields__ if field != "at")
        yield from _free([getattr(node, field) for field in fields], bound)


def _failing_line(node: ast.Expr, scope: Scope, strict: Evaluate) -> int:
    """The line of the first part of a template that cannot be evaluated."""
    for part in node.parts if isinstance(node, ast.Tpl) else []:
        try:
            to_text(strict(part, scope))
        except EvaluationError:
            if isinstance(part, ast.TplIf):
                return part.test.at[0]
            return part.items.at[0] if isinstance(part, ast.TplFor) else part.at[0]
    return node.at[0]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


FILE_FUNCTIONS: Mapping[str, tuple[int, Callable[[_Call], Any]]] = {
    "abspath": (1, _abspath),
    "file": (1, _file),
    "filebase64": (1, _content(_base64)),
    "filebase64sha256": (1, _content(lambda data: _base64(hashlib.sha256(data).digest()))),
    "filebase64sha512": (1, _content(lambda data: _base64(hashlib.sha512(data).digest()))),
    "fileexists": (1, _fileexists),
    "filemd5": (1, _content(lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest())),
    "fileset": (2, _fileset),
    "filesha1": (1, _content(lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest())),
    "filesha256": (1, _content(lambda data: hashlib.sha256(data).hexdigest())),
    "filesha512": (1, _content(lambda data: hashlib.sha512(data).hexdigest())),
    "pathexpand": (1, _pathexpand),
    "templatefile": (2, _templatefile),
    "templatestring": (2, _templatestring),
}
"""The functions of this module, with how many arguments each takes."""
