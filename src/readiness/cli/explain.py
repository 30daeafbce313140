"""`readiness explain`: one policy, control or peer's id: why, how to mend, examples."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from readiness.cli.exceptions import Excepting, exceptions_options
from readiness.cli.options import (
    SEVERITIES,
    NearChoice,
    policies_option,
    profile_option,
    reading_options,
    select_options,
)
from readiness.cli.settings import settings_options, with_settings

if TYPE_CHECKING:
    from readiness.policy.model import Example, Policy


def plain_title(policy: Policy) -> str:
    """The title with the defaults of its parameters put in."""
    from readiness.outputs.terminal import clean

    title = policy.title
    for name, value in policy.parameter_values().items():
        title = title.replace(f"{{params.{name}}}", str(value))
    return clean(title)


def find(policies: list[Policy], wanted: str) -> list[Policy]:
    """The policies with that id, else of that control, else with that peer's id; case does not matter."""
    folded = wanted.strip().lower()
    exact = [policy for policy in policies if policy.id == folded]
    exact = exact or [policy for policy in policies if folded in policy.former_ids]
    if exact:
        return exact
    of_control = [policy for policy in policies if policy.control.lower() == folded]
    if of_control:
        return of_control

    def names(alias: str) -> set[str]:
        # `kube-linter:no-liveness-probe` is also asked for without the tool, AVD-AWS-0088 without AVD.
        alias = alias.lower()
        return {alias, alias.partition(":")[2], alias.removeprefix("avd-")}

    return [policy for policy in policies if any(folded in names(alias) for alias in policy.aliases)]


def _not_found(wanted: str, policies: list[Policy], controls: dict[str, dict[str, Any]]) -> str:
    from difflib import get_close_matches

    known = {policy.id.lower(): policy.id for policy in policies}
    known.update((control.lower(), control) for control in controls)
    known.update((alias.lower(), alias) for policy in policies for alias in policy.aliases)
    near = get_close_matches(wanted.lower(), known, 3)
    hint = f"; did you mean {' or '.join(known[name] for name in near)}?" if near else ""
    return f"there is no policy, control or peer's id {wanted!r}{hint or '; see `readiness policies list`'}"


def _example(example: Example) -> list[str]:
    if example.before is None:
        return _files(example.files)
    return ["    # before", *_files(example.before), "    # now", *_files(example.files)]


def _files(files: dict[str, str]) -> list[str]:
    from readiness.outputs.terminal import clean_path

    out: list[str] = []
    for name, code in files.items():
        if len(files) > 1:
            out.append(f"    # {clean_path(name)}")
        # Tabs are the one control character that code needs.
        lines = (clean_path(line.replace("\t", "    ")) for line in code.strip("\n").splitlines())
        out += [f"    {line}".rstrip() for line in lines]
    return out


_NAMED = 20
"""Types that are named before the rest is counted."""


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def _facts(policy: Policy) -> list[tuple[str, str]]:
    from readiness.estate.model import scalar_text

    tiers = ", ".join(f"tier {tier}: {severity}" for tier, severity in sorted((policy.tiers or {}).items()))
    rows = [
        ("severity", policy.severity + (f" ({tiers})" if tiers else "")),
        ("control", policy.control),
        ("resources", _some(policy.resources)),
        ("applies when", policy.when or ""),
        ("for each", policy.each or ""),
        ("asserts", policy.assert_),
        ("profiles", ", ".join(policy.profiles)),
        ("fix", policy.fixable or ""),
        ("since", policy.since),
        ("advisory until", policy.warn_until or ""),
        ("former names", ", ".join(policy.former_ids)),
        ("also known as", ", ".join(policy.aliases)),
    ]
    for framework, sections in policy.frameworks.items():
        rows.append((framework, ", ".join(sections)))
    for name, spec in policy.params.items():
        text = f"{name} = {scalar_text(spec.get('default'))}"
        if spec.get("description"):
            text += f" ({spec['description']})"
        rows.append(("parameter", text))
    rows += [("see", reference) for reference in policy.references]
    rows.append(("file", policy.path))
    return [(label, text) for label, text in rows if text]


def _rendered(markdown: str, columns: int) -> list[str]:
    """Markdown as a terminal with colours shows it best."""
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=StringIO(), force_terminal=True, width=columns, highlight=False)
    with console.capture() as capture:
        console.print(Markdown(markdown, code_theme="ansi_dark", hyperlinks=False))
    return [line.rstrip() for line in capture.get().splitlines()]


def policy_text(
    policy: Policy, controls: dict[str, dict[str, Any]], color: bool = False, columns: int = 100
) -> list[str]:
    """Everything about one policy as lines of text; Markdown is rendered where there is colour."""
    from readiness.outputs.terminal import clean, clean_path

    out = [f"{clean(policy.id)}: {plain_title(policy)}", ""]
    rows = _facts(policy)
    width = max(len(label) for label, _ in rows)
    for label, text in rows:
        if label == "control" and "title" in controls.get(text, {}):
            text = f"{text}: {controls[text]['title']}"
        # A condition of several lines is shown as it is written: it may hold comments.
        first, *rest = text.strip().split("\n")
        out.append(f"  {label:<{width}}  {clean(first)}")
        out += [f"  {'':<{width}}  {clean_path(line)}".rstrip() for line in rest]
    why = str(controls.get(policy.control, {}).get("why") or "")
    if why:
        out += ["", "Why", *(_wrapped(why))]
    out += ["", "What to do"]
    remediation = [clean_path(line).rstrip() for line in policy.remediation.strip().splitlines()]
    if color:
        remediation = _rendered("\n".join(remediation), columns - 2)
    out += [f"  {line}".rstrip() for line in remediation]
    groups = (
        ("Passes", policy.examples.pass_),
        ("Fails", policy.examples.fail),
        ("Unknown", policy.examples.unknown),
    )
    for heading, examples in groups:
        for example in examples:
            out += ["", heading, *_example(example)]
    return out


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    from readiness.outputs.terminal import clean

    return [f"  {line}" for line in wrap(clean(text), 96, break_long_words=False, break_on_hyphens=False)]


def list_text(policies: list[Policy]) -> list[str]:
    """Policies as aligned lines: id, severity, title."""
    width = max((len(policy.id) for policy in policies), default=0)
    return [f"  {policy.id:<{width}}  {policy.severity:<8}  {plain_title(policy)}" for policy in policies]


def _control_text(control: str, facts: dict[str, Any], policies: list[Policy]) -> list[str]:
    from readiness.outputs.terminal import clean

    out = [f"{control}: {clean(str(facts.get('title', '')))}".rstrip(": "), ""]
    for heading, key in (("What", "statement"), ("Why", "why")):
        if facts.get(key):
            out += [heading, *_wrapped(str(facts[key])), ""]
    if not policies:
        return [*out, "No policy implements this control yet."]
    return [*out, "Policies", *list_text(policies)]


def _example_json(example: Example) -> dict[str, Any]:
    shown: dict[str, Any] = {"files": example.files, "line": example.line, "params": example.params}
    return shown if example.before is None else {**shown, "before": example.before}


def policy_json(policy: Policy) -> dict[str, Any]:
    """Everything about one policy as plain values."""
    return {
        "id": policy.id,
        "title": plain_title(policy),
        "severity": policy.severity,
        "tiers": {str(tier): severity for tier, severity in sorted((policy.tiers or {}).items())},
        "control": policy.control,
        "profiles": list(policy.profiles),
        "resources": list(policy.resources),
        "params": policy.params,
        "when": policy.when,
        "each": policy.each,
        "assert": policy.assert_,
        "message": policy.message,
        "remediation": policy.remediation,
        "fixable": policy.fixable,
        "since": policy.since or None,
        "warn_until": policy.warn_until,
        "former_ids": list(policy.former_ids),
        "aliases": list(policy.aliases),
        "frameworks": policy.frameworks,
        "references": list(policy.references),
        "examples": {
            "pass": [_example_json(example) for example in policy.examples.pass_],
            "fail": [_example_json(example) for example in policy.examples.fail],
            "unknown": [_example_json(example) for example in policy.examples.unknown],
        },
        "path": policy.path,
    }


def _controls(packs: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    from readiness.policy.bundle import builtin_folder
    from readiness.policy.controls import load_controls, own_controls
    from readiness.policy.packs import locate

    controls = load_controls(builtin_folder())
    for place in map(locate, packs):
        controls |= own_controls(place.folder, place.shown)
    return controls


@click.command("explain")
@click.argument("identifier", metavar="ID")
@click.argument("address", required=False, metavar="[ADDRESS]")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@select_options
@profile_option
@policies_option
@settings_options
@click.option("--tier", type=click.IntRange(0, 9), default=1, metavar="N", help="As that of `check`.")
@click.option("--fail-on", type=NearChoice(SEVERITIES), default="high", help="As that of `check`.")
@click.option("--diff-base", default="", metavar="REV", help="As that of `check`.")
@exceptions_options
@reading_options
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    identifier: str,
    address: str | None,
    paths: tuple[str, ...],
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    format_: str,
    excepting: Excepting,
    reading: dict[str, Any],
    **said: Any,
) -> int:
    """Explain a policy, a control, or a peer's id (CKV_AWS_19, AVD-AWS-0088, kube-linter:...).

    Says what it asks for, why, how to mend it, and shows its examples.

    With the ADDRESS of a resource (or a glob over addresses) it explains why the policy holds for it or does
    not: who says that it runs, each condition with its result and the values in it, where these come from,
    and what comes of it. It looks in PATH (default: the current folder); options are those of `check`.
    """
    if address is not None:
        from readiness.cli.explaining import Question, answer

        options = said | reading | {"policies": policies}
        question = Question(identifier, address, paths, options, excepting, config, isolated, format_)
        return answer(ctx, question)
    refuse_without_address(ctx)
    return _explain(ctx, identifier, policies, config, isolated, format_)


_WITHOUT_ADDRESS = frozenset({"identifier", "policies", "config", "isolated", "format_"})


def refuse_without_address(ctx: click.Context) -> None:
    """Options that say something of resources do nothing for a policy alone.

    Raises:
        click.UsageError: there is one of them.
    """
    for parameter in ctx.command.params:
        name = parameter.name or ""
        default = ctx.get_parameter_source(name) in (None, ParameterSource.DEFAULT)
        if name not in _WITHOUT_ADDRESS and not default:
            option = max(parameter.opts, key=len)
            raise click.UsageError(f"{option} needs the address of a resource", ctx)


def _explain(
    ctx: click.Context,
    identifier: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    format_: str,
) -> int:
    """Explain policies and controls by themselves."""
    from readiness.cli.writing import complain, terminal_width, to_stdout, wants_color
    from readiness.engine.prepare import prepare
    from readiness.errors import UsageError
    from readiness.outputs.jsontext import dumps

    settings = with_settings(ctx, config, isolated, {"policies": policies}, keep=())
    settings.profile = "all"
    prepared = prepare(settings, examples=True)
    every = prepared.every  # a policy that settings ignore is explained too
    controls = _controls(settings.policies)
    found = find(every, identifier)
    control = identifier.strip().lower()
    if control in prepared.names.former and found:
        complain(f"{identifier!r} is now called {found[0].id!r}", "note")
    if not found and control in prepared.names.retired:
        raise UsageError(f"{identifier!r} is no policy any more: {prepared.names.retired[control]}")
    if not found and control not in controls:
        raise UsageError(_not_found(identifier, every, controls))
    by_control = control in controls or any(policy.control == control for policy in found)
    if format_ == "json":
        facts = controls.get(control, {})
        document = {
            "schema_version": 1,
            "control": {"id": control, **{key: facts.get(key) for key in ("title", "statement", "why")}}
            if by_control
            else None,
            "policies": [policy_json(policy) for policy in found],
        }
        to_stdout(dumps(document, depth=4))
        return 0
    if by_control:
        lines = _control_text(control, controls.get(control, {}), found)
    elif len(found) > 1:
        lines = [f"{identifier} stands for {len(found)} policies:", "", *list_text(found)]
        lines += ["", f"`readiness explain {found[0].id}` says more of one."]
    else:
        terminal = sys.stdout.isatty()
        color = wants_color("auto", terminal)
        lines = policy_text(found[0], controls, color, min(terminal_width(terminal), 100))
    to_stdout("".join(f"{line}\n" for line in lines))
    return 0
