"""Policy files → policies, through one closed schema, with the exact place of every error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from readiness.config.document import place_of
from readiness.config.settings import is_day
from readiness.errors import UsageError, near
from readiness.policy.files import FILE_LIMIT, policy_files, read_text
from readiness.policy.model import Example, Examples, Policy
from readiness.policy.params import wrong_spec, wrong_values
from readiness.policy.plans import plan_text
from readiness.policy.validate import joined, validate
from readiness.values import List, Map, plain

_AT_TOP = re.compile(r"^(apiVersion|kind|id)[ \t]*:", re.MULTILINE)
DATA_FILES = frozenset(
    {"controls.yaml", "lifecycles.yaml", "pack.yaml", "aliases.yaml", "levels.yaml", "kpis.yaml"}
)
"""Files of a policy folder that are no policies."""

OWN_DATA = frozenset({"controls.yaml", "kpis.yaml", "levels.yaml"})
"""Those of them that a pack may bring without any policy."""


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
    has_data = False
    for path in policy_files(folder):
        if path.name in DATA_FILES:
            has_data = has_data or path.name in OWN_DATA
            continue
        relative = path.relative_to(folder)
        name = path.as_posix()
        if shown:
            name = shown if path == folder else f"{shown}/{relative.as_posix()}"
        try:
            text = read_text(path, name, FILE_LIMIT)
            if is_manifest(text):
                manifests.append((name, text))
                continue
            if path.suffix == ".yml" and not single and "id" not in _AT_TOP.findall(text):
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
    if not policies and not errors and not has_data:
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

    file = read(name, read_text(path, name))
    if file.errors:
        first = file.errors[0]
        # What Kubernetes makes of a key that stands there twice is no matter here.
        raise UsageError(first.message.partition("; Kubernetes")[0], name, first.line, first.column)
    data = _only_mapping([document.root for document in file.documents], name)
    _restore_on(data)
    validate(data, name)
    _check_params(data, name)
    _check_before(data, name)
    if data["id"] != path.stem or "\n" in data["id"]:
        raise _error(f"the id {data['id']!r} must equal the file name {path.stem!r}", name, data, "id")
    if "warn_until" in data and not is_day(data["warn_until"]):
        raise _error(f"warn_until: there is no day {data['warn_until']!r}", name, data, "warn_until")
    if controls is not None and data["control"] not in controls:
        hint = near(data["control"], controls)
        raise _error(f"there is no control {data['control']!r}{hint}", name, data, "control")
    return _policy(data, name)


def _only_mapping(roots: list[Any], name: str) -> Map:
    if len(roots) == 1 and isinstance(roots[0], Map):
        return roots[0]
    if not roots:
        raise UsageError("a policy file holds one YAML mapping, and this one is empty", name, 1, 1)
    wrong = roots[1] if len(roots) > 1 else roots[0]
    span = getattr(wrong, "span", None)
    line, column = (span.line, span.column) if span else (1, 1)
    what = ", and a second begins here" if len(roots) > 1 else ""
    raise UsageError(f"a policy file holds one YAML mapping{what}", name, line, column)


def _restore_on(data: Map) -> None:
    """YAML 1.1 reads the bare key `on` as true; in a policy only the field is ever meant."""
    for entries in (data, data.key_spans, data.value_spans):
        if "true" in entries and "on" not in entries:
            entries["on"] = entries.pop("true")


def _error(message: str, name: str, data: Map, key: str) -> UsageError:
    span = data.span_of(key) or data.span
    return UsageError(message, name, span.line if span else 1, span.column if span else 1)


def _check_params(data: Map, name: str) -> None:
    """See that parameters can have the values that their declarations and the examples give them."""
    specs = data.get("params", {})
    for param, spec in specs.items():
        wrong = wrong_spec(spec)
        if wrong is not None:
            path = ("params", param, *wrong.path)
            raise UsageError(f"{joined(path)}: {wrong.message}", name, *place_of(data, path, wrong.at_key))
    for kind, items in data["examples"].items():
        for index, item in enumerate(items):
            given = item.get("params", {}) if isinstance(item, dict) else {}
            for param, value in given.items():
                here = ("examples", kind, index, "params", param)
                if param not in specs:
                    message = f"{joined(here)}: there is no parameter {param!r}{near(param, specs)}"
                    raise UsageError(message, name, *place_of(data, here, True))
                for violation in wrong_values(value, specs[param]):
                    there = (*here, *violation.path)
                    raise UsageError(f"{joined(there)}: {violation.message}", name, *place_of(data, there))


def _check_before(data: Map, name: str) -> None:
    """See that `before` stands where something is made of it."""
    for kind, items in data["examples"].items():
        for index, item in enumerate(items):
            if isinstance(item, str) or "before" not in item:
                continue
            here = ("examples", kind, index, "before")
            why = ""
            if data.get("on") != "change" and "gate-change" not in data["resources"]:
                why = 'only a policy on changes (`"on": change`, `gate-change`) sees what was before'
            elif "changes" in item:
                why = "each of the `changes` has a `before` of its own"
            elif "code" not in item and "files" not in item:
                why = "it needs `code` or `files`, which say what is now"
            if why:
                raise UsageError(f"{joined(here)}: {why}", name, *place_of(data, here, True))


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
        params=plain(data.get("params", {})),
        when=data.get("when"),
        each=data.get("each"),
        at=data.get("at"),
        on=data.get("on", "resource"),
        default=data.get("default", True),
        references=tuple(data.get("references", ())),
        aliases=tuple(data.get("aliases", ())),
        frameworks=plain(data.get("frameworks", {})),
        fix=plain(data["fix"]) if "fix" in data else None,
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
            files["plan.json"] = plan_text(plain(item["changes"]))
        before = item.get("before")
        given = plain(item.get("params", {}))
        place, fixed = (item.get("at"), item.get("address")), item.get("fixed", True)
        if before is not None:
            before = {example_name(before): before} if isinstance(before, str) else dict(before)
        yield Example(files, line, *place, given, item.get("today"), column, fixed, before)


def example_name(text: str) -> str:
    """The file name of an example: a manifest where it has an `apiVersion`, a plan, else Terraform."""
    if text.lstrip().startswith("{") and '"format_version"' in text:
        return "plan.json"
    manifest = any(line.startswith(("apiVersion:", "kind:")) for line in text.splitlines())
    return "manifest.yaml" if manifest else "main.tf"
