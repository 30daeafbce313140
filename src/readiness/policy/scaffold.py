"""`readiness policies new`: the file of a policy that begins, with examples that run.

What stands in it is true of the argument that was named; what only an author can say is marked by comments
and listed as open.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from textwrap import indent
from typing import Any

from msgspec import Struct

from readiness.errors import UsageError, near
from readiness.policy.bundle import builtin_folder, builtin_pack
from readiness.policy.controls import load_controls, own_controls
from readiness.policy.model import Policy
from readiness.policy.names import Names
from readiness.policy.scaffold_examples import Written
from readiness.policy.scaffold_subject import Subject, subject_of

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
_FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]*")
_UNDECIDED = "undecided-00"
_PLATFORMS = {
    "aws": "aws",
    "azurerm": "azure",
    "google": "google",
    "kubernetes": "kubernetes",
    "helm": "kubernetes",
    "github": "repository",
    **dict.fromkeys(("datadog", "grafana", "newrelic", "opsgenie", "pagerduty"), "observability"),
}
_NAMESPACES = {
    **dict.fromkeys(("aws", "azurerm", "google", "kubernetes", "helm"), "hashicorp"),
    "datadog": "DataDog",
    "github": "integrations",
    "grafana": "grafana",
    "newrelic": "newrelic",
    "opsgenie": "opsgenie",
    "pagerduty": "PagerDuty",
}
"""Who publishes a provider, as its address in the registry has it."""


class Wish(Struct, frozen=True):
    """What is known of the policy: `argument` is `PATH` or `PATH=VALUE`."""

    id: str
    resources: tuple[str, ...]
    argument: str | None = None
    control: str | None = None
    severity: str = "medium"


class Draft(Struct, frozen=True):
    """The text of the file, and what is left to decide."""

    text: str
    open: list[str]


def place_for(wish: Wish, folder: str | None, platform: str | None, topic: str | None) -> Path:
    """The file of a policy: `policies/PLATFORM/TOPIC/ID.yaml`, or `ID.yaml` in a folder that is named.

    Platform and topic are those of the built-in policies that look at the same resources, else by the names.

    Raises:
        UsageError: the id or the name of a folder is none.
    """
    _check_id(wish.id)
    for option, name in (("--platform", platform), ("--topic", topic)):
        if name is not None and not _FOLDER.fullmatch(name):
            raise UsageError(f"{option}: {name!r} is not the name of a folder: lower-case words")
    if folder is not None:
        return Path(folder, *filter(None, (platform, topic)), f"{wish.id}.yaml")
    parts = Counter(
        tuple(policy.path.split("/")[1:-1])
        for policy in builtin_pack().policies
        if wish.resources[0] in policy.resources
    )
    usual = parts.most_common(1)[0][0] if parts else ()
    first = wish.resources[0].removeprefix("data.")
    prefix = first.partition("_")[0] if "_" in first else ""
    own = _PLATFORMS.get(prefix) or ("terraform" if prefix else "kubernetes")
    words = wish.id.split("-")
    platform = platform or (usual[0] if usual else own)
    topic = topic or (usual[1] if len(usual) > 1 and usual[0] == platform else words[1])
    return Path("policies", platform, topic, f"{wish.id}.yaml")


def begin(wish: Wish, target: Path) -> Draft:
    """The file of a policy that is to stand at a place.

    Raises:
        UsageError: the id is taken, there is no such control or argument, or no example can be made of the
            resources.
    """
    _check_id(wish.id)
    builtin = builtin_pack()
    _check_free(wish.id, Names(builtin.policies, builtin.facts.retired), target)
    controls = _controls(target)
    if wish.control is not None and wish.control not in controls:
        hint = near(wish.control.lower(), controls) or f"; there are {', '.join(controls)}"
        raise UsageError(f"there is no control {wish.control!r}{hint}")
    subject = subject_of(wish.resources, wish.argument, builtin.policies)
    left = []
    if wish.control is None:
        left.append("the control" + _usual_controls(wish, builtin.policies))
    if wish.argument is None:
        left.append(f"the condition: `{subject.expression}` is only an example of an argument")
    left += [*subject.notes, "the title, the message and the remediation, in your words"]
    return Draft(_text(wish, subject), left)


def write_new(target: Path, text: str) -> None:
    """Write a file that is not there yet; its folders are made.

    Raises:
        UsageError: the file exists or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target.as_posix()!r} exists already") from None
    except OSError as error:
        message = f"{target.as_posix()!r} cannot be written: {error.strerror or error}"
        raise UsageError(message) from None


def _check_id(id_: str) -> None:
    if _ID.fullmatch(id_):
        return
    slug = re.sub(r"[^a-z0-9]+", "-", id_.lower()).strip("-")
    hint = f"; did you mean {slug!r}?" if _ID.fullmatch(slug) else ""
    raise UsageError(f"{id_!r} is no id: lower-case words joined by hyphens, two at least{hint}")


def _check_free(id_: str, names: Names, target: Path) -> None:
    if target.exists():
        raise UsageError(f"{target.as_posix()!r} exists already")
    if id_ in names.ids:
        raise UsageError(f"the id {id_!r} is taken by a built-in policy: `readiness explain {id_}`")
    if id_ in names.former:
        raise UsageError(f"the id {id_!r} is a former id of {names.former[id_]!r}, which it still names")
    if id_ in names.retired:
        raise UsageError(f"the id {id_!r} is retired: {names.retired[id_]}")


def _controls(target: Path) -> list[str]:
    """The built-in controls, and those of the folders above the file up to the working directory."""
    found = dict.fromkeys(load_controls(builtin_folder()))
    here = Path.cwd()
    for folder in target.resolve().parents:
        found |= dict.fromkeys(own_controls(folder))
        if folder == here:
            break
    return list(found)


def _usual_controls(wish: Wish, policies: list[Policy]) -> str:
    numbers = Counter(p.control for p in policies if set(wish.resources) & set(p.resources))
    usual = [control for control, _ in numbers.most_common(5)]
    return f"; policies on the same resources have {', '.join(usual)}" if usual else ""


def _reference(type_: str) -> str:
    prefix, _, name = type_.partition("_")
    owner = _NAMESPACES.get(prefix)
    if not name:
        return "" if "/" in type_ else "https://kubernetes.io/docs/reference/kubernetes-api/"
    if owner is None:
        return ""
    return f"https://registry.terraform.io/providers/{owner}/{prefix}/latest/docs/resources/{name}"


def _text(wish: Wish, subject: Subject) -> str:
    control = wish.control or f"{_UNDECIDED} # which expectation it implements: an id of controls.yaml"
    lines = [
        "# The fields, the names that conditions know, and functions: docs/policy-language.md",
        f"id: {wish.id}",
        "# The state that you want to see, in a sentence.",
        f"title: {json.dumps(subject.title, ensure_ascii=False)}",
        f"control: {control}",
        f"severity: {wish.severity}",
        "# tiers: {0: high, 1: medium}   # severity by service tier; a tier that is not named is not checked",
        "# default: false                # opinionated: keeps it out of the profile `default`",
        f"resources: [{', '.join((subject.type, *wish.resources[1:]))}]",
    ]
    if subject.minimum is not None:
        kind = "integer" if isinstance(subject.minimum, int) else "number"
        spec = f"{{type: {kind}, default: {subject.minimum}, description: {json.dumps(subject.parameter)}}}"
        lines += ["params:", f"  minimum: {spec}"]
    lines.append('# when: environment == "prod"     # where it applies at all')
    if subject.each:
        lines.append(f"each: {subject.each}")
    lines += [
        "# What must be true. Something absent is null: mind what the provider does then.",
        "assert: >-",
        f"  {subject.condition}",
        "# What was found, with the value.",
        "message: >-",
        f"  {subject.message}",
        "remediation: |",
        "  Say in the first sentence why it matters: it is shown with every finding. Then what to write:",
        "",
        *indent(_remedy(subject), "  ").split("\n"),
    ]
    reference = _reference(subject.type)
    if reference:
        lines += ["references:", f"  - {reference}"]
    lines += [
        "# aliases: []     # ids of other tools that mean exactly the same",
        "# frameworks: {}  # sections that it is evidence for: {soc2: [A1.2]}",
        "examples:",
    ]
    for kind, examples in subject.examples.items():
        lines.append(f"  {kind}:")
        for example in examples:
            lines += _example(example, subject.address if kind == "fail" else None)
    return "\n".join(lines) + "\n"


def _remedy(subject: Subject) -> str:
    good = subject.examples["pass"][0].text
    language = "hcl" if good.startswith("resource") else "yaml"
    return f"```{language}\n{good}```"


def _example(example: Written, address: str | None) -> list[str]:
    """An item of a list of examples, indented."""
    code = [f"        {line}".rstrip() for line in example.text.rstrip("\n").split("\n")]
    if address is None:
        return ["    - |", *(line[2:] for line in code)]
    where: Any = [f"      address: {address}"] if example.line is None else [f"      at: {example.line}"]
    return ["    - code: |", *code, *where]
