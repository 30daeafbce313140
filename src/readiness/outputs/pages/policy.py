"""The page of one policy."""

from __future__ import annotations

import re
from typing import Any

from readiness.outputs.pages.markdown import code, document, fenced, inline, prose, table
from readiness.outputs.pages.site import (
    MARK,
    Catalogue,
    control_link,
    platform_file,
    platform_title,
    shown,
    title_of,
)
from readiness.policy.model import Example, Policy

_LANGUAGES = {".tf": "hcl", ".hcl": "hcl", ".tfvars": "hcl", ".json": "json", ".md": "markdown"}
_LANGUAGES |= {".yaml": "yaml", ".yml": "yaml", ".tpl": "yaml"}

LONGEST = 40
"""Lines of an example that are shown where the policy has a shorter one."""

WIDEST = 100
"""Characters of a condition that are left on one line."""

# A text with its escapes, or what may end an operand.
_TOKEN = re.compile(r"""r?"(?:[^"\\]|\\.)*"|r?'(?:[^'\\]|\\.)*'|&&|\|\||[()\[\]{}]""")

_NAMED = 12
"""Types that are named before the rest is counted."""


def policy_page(policy: Policy, catalogue: Catalogue) -> str:
    """Everything about one policy as Markdown."""
    blocks = [[f"# {title_of(policy)}"], _facts(policy, catalogue), *_why(policy, catalogue)]
    if policy.params:
        blocks += [["## Parameters"], _parameters(policy)]
    blocks += [["## Condition"], *_condition(policy)]
    for heading, examples in (("Fails", policy.examples.fail), ("Passes", policy.examples.pass_)):
        if examples:
            blocks += [[f"## {heading}"], *example_blocks(best_example(examples), policy)]
    blocks += [["## Use"], *_use(policy)]
    if policy.references:
        blocks += [["## References"], [f"* <{reference}>" for reference in policy.references]]
    return document([*blocks, [MARK]])


def _facts(policy: Policy, catalogue: Catalogue) -> list[str]:
    platform, topic = catalogue.place(policy)
    where = f"[{inline(platform_title(platform))}]({platform_file(platform)})"
    rows = [
        ("Severity", _severity(policy)),
        ("Control", control_link(policy.control, catalogue.controls, "")),
        ("Platform", f"{where}, {inline(topic)}" if topic else where),
        ("Looks at", _looks_at(policy)),
        ("Profiles", ", ".join(policy.profiles) + _opinionated(policy)),
        ("Fix", inline(f"{policy.fixable}: {_fix(policy.fix)}") if policy.fix else ""),
        ("Since", inline(policy.since)),
        ("Advisory until", inline(policy.warn_until or "")),
        ("Former ids", ", ".join(map(code, policy.former_ids))),
        ("Yields to", ", ".join(f"[{code(id_)}]({id_}.md)" for id_ in policy.yields_to)),
        ("Other tools", ", ".join(map(code, policy.aliases))),
    ]
    rows += [(inline(name), inline(", ".join(parts))) for name, parts in policy.frameworks.items()]
    return table(["Id", code(policy.id)], [(f"**{name}**", text) for name, text in rows if text])


def _severity(policy: Policy) -> str:
    if policy.tiers is None:
        return policy.severity
    tiers = ", ".join(f"tier {tier}: {severity}" for tier, severity in sorted(policy.tiers.items()))
    return f"{policy.severity} ({tiers}; other tiers are not checked)"


def _looks_at(policy: Policy) -> str:
    named = ", ".join(map(code, policy.resources[:_NAMED]))
    rest = len(policy.resources) - _NAMED
    more = f" and {rest:,} more" if rest > 0 else ""
    ons = {
        "change": "what a change does to ",
        "estate": "once a run, where there is ",
        "service": "once a service: ",
    }
    what = (ons | {"triage": "what came of "}).get(policy.on, "")
    return f"{what}{named}{more}"


def _opinionated(policy: Policy) -> str:
    if policy.default:
        return ""
    return " (opinionated: not every organisation wants it, so it is not in the profile `default`)"


def _fix(fix: dict[str, Any]) -> str:
    parts = [f"{name} = {_told(value)}" for name, value in fix.get("set", {}).items()]
    parts += [f"{name} += {_told(value)}" for name, value in fix.get("append", {}).items()]
    return ", ".join([*parts, *(f"no {name}" for name in fix.get("remove", ()))])


def _told(value: Any) -> str:
    return f"params.{value['param']}" if isinstance(value, dict) else shown(value)


def _why(policy: Policy, catalogue: Catalogue) -> list[list[str]]:
    why = str(catalogue.controls.get(policy.control, {}).get("why") or "")
    blocks = [["## Why, and what to do"], prose(policy.remediation)]
    return [*blocks, [f"Why the control asks for it: {inline(why)}"]] if why else blocks


def _parameters(policy: Policy) -> list[str]:
    rows = [
        (
            code(name),
            inline(str(spec.get("type", ""))),
            code(shown(spec.get("default"))) if spec.get("default") not in ("", [], {}) else "none",
            _allowed(spec),
            inline(str(spec.get("description", ""))),
        )
        for name, spec in policy.params.items()
    ]
    return table(["name", "type", "default", "allowed", "what"], rows)


def _allowed(spec: dict[str, Any]) -> str:
    parts = []
    low, high = spec.get("minimum"), spec.get("maximum")
    if low is not None and high is not None:
        parts.append(f"{low} to {high}")
    elif low is not None or high is not None:
        parts.append(f"at least {low}" if low is not None else f"at most {high}")
    if "enum" in spec:
        parts.append(", ".join(code(shown(value)) for value in spec["enum"]))
    for name in ("pattern", "items"):
        if name in spec:
            parts.append(f"{name} {code(shown(spec[name]))}")
    return "; ".join(parts)


def _condition(policy: Policy) -> list[list[str]]:
    parts = [("when", policy.when), ("each", policy.each), ("assert", policy.assert_)]
    heads = {"when": "Applies when", "each": "For each `item` of", "assert": "Must be true"}
    said = [(name, text) for name, text in parts if text]
    out = []
    for name, text in said:
        if len(said) > 1:
            out.append([f"{heads[name]}:"])
        out.append(fenced(_broken(text.strip()), "cel"))
    return out


def _broken(condition: str) -> str:
    """A long condition of one line, broken before each outermost `&&`, else before each `||`."""
    if len(condition) <= WIDEST or "\n" in condition:
        return condition
    for operator in ("&&", "||"):
        parts = _split(condition, operator)
        if len(parts) > 1:
            return f"\n{operator} ".join(part.strip() for part in parts)
    return condition


def _split(condition: str, operator: str) -> list[str]:
    """The operands of an operator outside of brackets and texts."""
    parts, begin, depth = [], 0, 0
    for match in _TOKEN.finditer(condition):
        if match[0] in ("(", "[", "{"):
            depth += 1
        elif match[0] in (")", "]", "}"):
            depth -= 1
        elif match[0] == operator and depth == 0:
            parts.append(condition[begin : match.start()])
            begin = match.end()
    return [*parts, condition[begin:]]


def best_example(examples: list[Example]) -> Example:
    """The first example, or the shortest where that is long."""

    def length(example: Example) -> int:
        texts = [*example.files.values(), *(example.before or {}).values()]
        return sum(text.count("\n") + 2 for text in texts)

    return examples[0] if length(examples[0]) <= LONGEST else min(examples, key=length)


def example_blocks(example: Example, policy: Policy) -> list[list[str]]:
    """The files of an example as blocks of Markdown, with what it is given above."""
    blocks: list[list[str]] = []
    notes = []
    if example.params:
        given = ", ".join(f"`{name}` = {code(shown(value))}" for name, value in example.params.items())
        notes.append(f"with {given}")
    if example.today:
        notes.append(f"on {inline(example.today)}")
    if notes:
        blocks.append([f"{', '.join(notes)[0].upper()}{', '.join(notes)[1:]}:"])
    if example.before is not None:
        blocks += [["Before:"], *_files(example.before), ["Now:"]]
    return [*blocks, *_files(example.files)]


def _files(files: dict[str, str]) -> list[list[str]]:
    """The texts of an example; nothing is left of one that is empty."""
    blocks: list[list[str]] = []
    for name, text in files.items():
        if len(files) > 1:
            blocks.append([f"{code(name)}:"])
        suffix = f".{name.rpartition('.')[2]}" if "." in name else ""
        blocks.append(fenced(text, _LANGUAGES.get(suffix, "text")) if text.strip() else ["nothing"])
    return blocks


def _use(policy: Policy) -> list[list[str]]:
    comment = f"# readiness:ignore {policy.id} reason: why not here, until 2027-01-31"
    commands = [f"readiness check --select {policy.id}", f"readiness explain {policy.id}"]
    settings = ["policies:", f"  {policy.id}:", "    severity: low   # or ignore: true"]
    if policy.params:
        name, spec = next(iter(policy.params.items()))
        default = spec.get("default")
        if isinstance(default, str | int | float) and default != "":
            import json

            settings.append(f"    params: {{{name}: {json.dumps(default, ensure_ascii=False)}}}")
    return [
        fenced("\n".join(commands), "console"),
        ["In `readiness.yaml`:"],
        fenced("\n".join(settings), "yaml"),
        ["To ignore one finding, a comment above what it points to:"],
        fenced(comment, "yaml"),
    ]
