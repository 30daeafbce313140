"""`readiness check --fix` and `--diff`: mend what policies say how to mend, or show it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from msgspec import Struct

if TYPE_CHECKING:
    from readiness.engine.settings import Settings
    from readiness.errors import SourceError
    from readiness.fixes.model import Fixed, Left

F = TypeVar("F", bound=Callable[..., Any])

_TOLD = 10
"""Reasons why findings could not be fixed that are told without `--verbose`."""


class Fixing(Struct, frozen=True):
    """What is to be fixed: `--fix`, `--unsafe-fixes` and `--diff`."""

    fix: bool = False
    unsafe: bool = False
    diff: bool = False

    @property
    def wanted(self) -> bool:
        """Whether anything is."""
        return self.fix or self.diff


def fix_options(function: F) -> F:
    """The options about fixes, passed on as `fixing`."""

    @wraps(function)
    def collected(*args: Any, **options: Any) -> Any:
        fixing = Fixing(options.pop("fix"), options.pop("unsafe_fixes"), options.pop("diff"))
        if fixing.unsafe and not fixing.wanted:
            raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
        if fixing.fix and fixing.diff:
            raise click.UsageError("--fix and --diff exclude each other: --diff writes nothing")
        return function(*args, fixing=fixing, **options)

    wrapped: Any = collected
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return cast("F", wrapped)


_OPTIONS = (
    click.option(
        "--fix",
        is_flag=True,
        help="Apply safe fixes, which leave what runs as it is, and report what is left.",
    ),
    click.option(
        "--unsafe-fixes",
        is_flag=True,
        help="With --fix or --diff: also fixes that may change what runs. Read them before you apply.",
    ),
    click.option(
        "--diff",
        is_flag=True,
        help="Show what --fix would change as a diff for `git apply`, in place of the report, and write "
        "nothing; the exit status is 1 where there is a difference.",
    ),
)


def show_diff(
    paths: Sequence[str],
    settings: Settings,
    stdin: bytes | None,
    fixing: Fixing,
    color: str,
    quiet: bool,
    exit_zero: bool,
) -> int:
    """Print what fixes would change; gives the exit status.

    It is that of a run without fixes, and 1 where there is a difference.

    Raises:
        UsageError: a path does not exist, a policy or setting is wrong.
    """
    from readiness import api
    from readiness.cli.writing import to_stdout, wants_color
    from readiness.fixes.diff import unified
    from readiness.outputs.options import exit_status

    fixed = api.fix(paths, settings, stdin, fixing.unsafe)
    text = unified(fixed.was, fixed.texts)
    terminal = sys.stdout.isatty()
    if terminal or wants_color(color, terminal):
        text = _shown(text, wants_color(color, terminal))
    to_stdout(text)
    if not quiet:
        _tell(fixed, "would fix", fixing.unsafe, verbose=False)
    if fixed.texts and not exit_zero:
        return 1
    return exit_status(fixed.before or fixed.report, exit_zero)


def fix(
    paths: Sequence[str],
    settings: Settings,
    stdin: bytes | None,
    fixing: Fixing,
    quiet: bool,
    verbose: bool,
) -> list[SourceError]:
    """Write what fixes change, and say so; gives what could not be written.

    Raises:
        UsageError: a path does not exist, a policy or setting is wrong.
    """
    from readiness import api
    from readiness.fixes.write import write

    fixed = api.fix(paths, settings, stdin, fixing.unsafe)
    errors = write(fixed)
    for error in errors:
        fixed.texts.pop(error.path, None)
    fixed.fixed = [one for one in fixed.fixed if one.path in fixed.texts]
    if not quiet:
        _tell(fixed, "fixed", fixing.unsafe, verbose)
    return errors


def _shown(text: str, color: bool) -> str:
    """A diff for a terminal: nothing in it drives the terminal, and the sides have their colours."""
    from readiness.outputs.terminal import Painter, clean_path

    paint = Painter(color)
    codes = {"+++": "1", "---": "1", "@@ ": "36", "+": "32", "-": "31"}
    lines = []
    for line in text.split("\n"):
        code = next((code for start, code in codes.items() if line.startswith(start)), "")
        lines.append(paint(clean_path(line.replace("\t", "    ")).removeprefix("./"), code))
    return "\n".join(lines)


def _tell(fixed: Fixed, verb: str, unsafe: bool, verbose: bool) -> None:
    from readiness.cli.writing import complain
    from readiness.outputs.terminal import count

    if verbose:
        for one in fixed.fixed:
            complain(f"{one.path}:{one.span.line}: {one.policy}: {one.address}: {one.title}", verb)
    by_reason: dict[str, list[Left]] = {}
    for left in fixed.left:
        by_reason.setdefault(f"{left.fingerprint} {left.reason}" if verbose else left.reason, []).append(left)
    told = list(by_reason.values()) if verbose else list(by_reason.values())[:_TOLD]
    for several in told:
        first = several[0]
        what = f"{first.span.path}:{first.span.line}: {first.policy}: {first.address}"
        more = f" (and {count(len(several) - 1, 'finding')} more)" if len(several) > 1 else ""
        complain(f"{what}: {first.reason}{more}", "not fixed")
    if len(told) < len(by_reason):
        rest = len(fixed.left) - sum(map(len, told))
        complain(f"{count(rest, 'finding')} more (--verbose tells all)", "not fixed")
    complain(summary(fixed, verb, unsafe), "readiness")


def summary(fixed: Fixed, verb: str, unsafe: bool) -> str:
    """`fixed 12 findings in 4 files (7 left: 3 unsafe, 4 without a fix)`."""
    from readiness.outputs.terminal import count

    failing = [finding for finding in fixed.report.findings if finding.status == "fail"]
    without = sum(finding.fixable is None for finding in failing)
    parts = Counter({"unsafe": fixed.unsafe, "not fixed": len(fixed.left), "without a fix": without})
    listed = ", ".join(f"{number:,} {name}" for name, number in parts.items() if number)
    text = f"{verb} {count(len(fixed.fixed), 'finding')}"
    if fixed.fixed:
        text += f" in {count(len(fixed.texts), 'file')}"
    if listed:
        text += f" ({sum(parts.values()):,} left: {listed})"
    if fixed.unsafe and not unsafe:
        text += "; --unsafe-fixes fixes more"
    return text
