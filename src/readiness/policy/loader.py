"""Policy files → policies, through one closed schema, with the exact place of every error."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from readiness.config.settings import is_day
from readiness.errors import UsageError, near
from readiness.policy.model import Example, Examples, Policy
from readiness.policy.packs import policy_files
from readiness.policy.plans import plan_text
from readiness.values import List, Map, Span, Unknown

_AT_TOP = re.compile(r"^(apiVersion|kind|id)[ \t]*:", re.MULTILINE)
SCHEMA_FILE = Path(__file__).with_name("policy.schema.json")
DATA_FILES = frozenset({"controls.yaml", "lifecycles.yaml", "pack.yaml", "aliases.yaml"})
"""Files of a policy folder that are no policies."""


def load_folder(
    folder: Path, controls: frozenset[str] | None = None, shown: str | None = None
) -> list[Policy]:
    """Load every policy file below a folder, sorted by id; or one file.

    `shown` replaces the folder in the paths that users see.

    Raises:
        UsageError: the folder is missing, or a file breaks the schema; with its place.
    """
    policies, errors = load_all(folder, controls, shown)
    if errors:
        raise errors[0]
    return policies


def load_all(
    folder: Path, controls: frozenset[str] | None = None, shown: str | None = None
) -> tuple[list[Policy], list[UsageError]]:
    """As `load_folder`, with what is wrong of every file beside the policies of those that are right.

    Raises:
        UsageError: the folder is missing, or holds no policy files.
    """
    single = folder.is_file() and folder.suffix in (".yaml", ".yml")
    if not single and not folder.is_dir():
        raise UsageError(f"the policy folder {str(folder)!r} does not exist")
    policies: dict[str, Policy] = {}
    errors: list[UsageError] = []
    manifests: list[tuple[str, str]] = []
    for path in policy_files(folder):
        if path.name in DATA_FILES:
            continue
        relative = path.relative_to(folder)
        name = f"{shown}/{relative.as_posix()}" if shown else path.as_posix()
        try:
            text = _text(path, name)
            if is_manifest(text):
                manifests.append((name, text))
                continue
            if path.suffix == ".yml" and not single:
                continue
            policy = load_file(path, name, controls)
        except UsageError as error:
            errors.append(error)
            continue
        if policy.id in policies:
            taken = f"the id {policy.id!r} is taken by {policies[policy.id].path}"
            errors.append(UsageError(taken, name, *policy.lines.get("id", (1, 1))))
            continue
        policies[policy.id] = policy
    if manifests:
        from readiness.policy.admission.read import load

        found, wrong = load(manifests, controls)
        errors += wrong
        for policy in found:
            if policy.id in policies:
                taken = f"the id {policy.id!r} is taken by {policies[policy.id].path}"
                errors.append(UsageError(taken, policy.path, *policy.lines["id"]))
            policies.setdefault(policy.id, policy)
    if not policies and not errors:
        raise UsageError(f"the policy folder {str(folder)!r} holds no policy files (*.yaml)")
    return sorted(policies.values(), key=lambda policy: policy.id), errors


def is_manifest(text: str) -> bool:
    """Whether the text of a policy file is a manifest of Kubernetes."""
    return set(_AT_TOP.findall(text)) == {"apiVersion", "kind"}


def load_file(path: Path, name: str, controls: frozenset[str] | None) -> Policy:
    """Load one policy file.

    Raises:
        UsageError: it cannot be read, breaks the schema, or its id is not its file name.
    """
    from readiness.sources.yaml_source import read

    text = _text(path, name)
    file = read(name, text)
    if file.errors:
        first = file.errors[0]
        raise UsageError(first.message, name, first.line, first.column)
    if len(file.documents) != 1 or not isinstance(file.documents[0].root, Map):
        raise UsageError("a policy file holds one YAML mapping", name, 1, 1)
    data = file.documents[0].root
    _restore_on(data)
    _validate(data, name)
    if data["id"] != path.stem:
        raise _error(f"the id {data['id']!r} must equal the file name {path.stem!r}", name, data, "id")
    if "warn_until" in data and not is_day(data["warn_until"]):
        raise _error(f"warn_until: there is no day {data['warn_until']!r}", name, data, "warn_until")
    if controls is not None and data["control"] not in controls:
        hint = near(data["control"], controls)
        raise _error(f"there is no control {data['control']!r}{hint}", name, data, "control")
    return _policy(data, name)


def _text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", name) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"the file is not UTF-8: the byte 0x{raw[error.start]:02x} does not belong here"
        raise UsageError(message, name, line, column) from None


def _restore_on(data: Map) -> None:
    """YAML 1.1 reads the bare key `on` as true; in a policy only the field is ever meant."""
    for entries in (data, data.key_spans, data.value_spans):
        if "true" in entries and "on" not in entries:
            entries["on"] = entries.pop("true")


def _error(message: str, name: str, data: Map, key: str) -> UsageError:
    span = data.span_of(key) or data.span
    return UsageError(message, name, span.line if span else 1, span.column if span else 1)


@functools.cache
def _validator() -> Any:
    import json

    import jsonschema

    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "array", lambda _checker, value: isinstance(value, list)
    ).redefine("object", lambda _checker, value: isinstance(value, dict))
    extend = cast("Callable[..., Any]", jsonschema.validators.extend)
    return extend(jsonschema.Draft202012Validator, type_checker=types)(schema)


def _validate(data: Map, name: str) -> None:
    errors = sorted(_validator().iter_errors(data), key=lambda e: [str(part) for part in e.absolute_path])
    if not errors:
        return
    error = errors[0]
    path = list(error.absolute_path)
    message = error.message
    if isinstance(error.instance, Unknown):
        message = "a text that begins with `!` is a tag to YAML; write it behind `|` or in quotes"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        extra = next(key for key in error.instance if key not in known)
        message = f"there is no field {extra!r} here{near(str(extra), known)}"
        path.append(extra)
    elif error.validator == "oneOf":
        message = "an example is a text, or a mapping with `code`, `files` or `changes`"
    line, column = _place(data, path)
    where = ".".join(str(part) for part in error.absolute_path)
    raise UsageError(f"{where}: {message}" if where else message, name, line, column)


def _place(data: Any, path: Iterable[Any]) -> tuple[int, int]:
    """Line and column of the value at a path, or of the nearest thing above it."""
    span: Span | None = data.span
    for part in path:
        inner = None
        if isinstance(data, Map):
            inner, data = data.span_of(str(part)), data.get(part)
        elif isinstance(data, List) and isinstance(part, int):
            inner, data = data.span_of(part), data[part]
        span = inner or span
    return (span.line, span.column) if span else (1, 1)


def _policy(data: Map, name: str) -> Policy:
    examples = data["examples"]
    return Policy(
        id=data["id"],
        title=data["title"],
        control=data["control"],
        severity=data["severity"],
        resources=tuple(data["resources"]),
        assert_=data["assert"],
        message=data["message"],
        remediation=data["remediation"].strip(),
        path=name,
        tiers={int(tier): severity for tier, severity in data["tiers"].items()} if "tiers" in data else None,
        params=_plain(data.get("params", {})),
        when=data.get("when"),
        each=data.get("each"),
        at=data.get("at"),
        on=data.get("on", "resource"),
        default=data.get("default", True),
        references=tuple(data.get("references", ())),
        aliases=tuple(data.get("aliases", ())),
        frameworks=_plain(data.get("frameworks", {})),
        fix=_plain(data["fix"]) if "fix" in data else None,
        since=data.get("since", ""),
        warn_until=data.get("warn_until"),
        former_ids=tuple(data.get("former_ids", ())),
        yields_to=tuple(data.get("yields_to", ())),
        examples=Examples(
            list(_examples(examples.get("pass", ()), data)),
            list(_examples(examples.get("fail", ()), data)),
            list(_examples(examples.get("unknown", ()), data)),
        ),
        lines={key: (span.line, span.column) for key, span in data.value_spans.items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _examples(items: List, data: Map) -> Iterator[Example]:
    for index, item in enumerate(items):
        span = items.span_of(index) or data.span
        line, column = (span.line, span.column) if span else (1, 1)
        if isinstance(item, str):
            yield Example({example_name(item): item}, line, column=column)
            continue
        code = item.get("code")
        files = {example_name(code): code} if code is not None else dict(item.get("files", {}))
        if "changes" in item:
            files["plan.json"] = plan_text(_plain(item["changes"]))
        given = _plain(item.get("params", {}))
        yield Example(files, line, item.get("at"), item.get("address"), given, item.get("today"), column)


def example_name(text: str) -> str:
    """The file name of an example: a manifest where it has an `apiVersion`, a plan, else Terraform."""
    if text.lstrip().startswith("{") and '"format_version"' in text:
        return "plan.json"
    manifest = any(line.startswith(("apiVersion:", "kind:")) for line in text.splitlines())
    return "manifest.yaml" if manifest else "main.tf"
