"""The command `readiness`: finds the subcommand, and turns every error into words and a status."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

import click

from readiness import __version__
from readiness.cli.options import need_command
from readiness.cli.writing import complain
from readiness.errors import UsageError

COMMANDS = {
    "baseline": "readiness.cli.baseline",
    "check": "readiness.cli.check",
    "config": "readiness.cli.config",
    "explain": "readiness.cli.explain",
    "fleet": "readiness.cli.fleet",
    "history": "readiness.cli.history",
    "init": "readiness.cli.init",
    "lsp": "readiness.cli.lsp",
    "policies": "readiness.cli.policies",
    "report": "readiness.cli.report",
    "show": "readiness.cli.show",
}
"""The module of every command; its attribute `command` is the command."""

INTERNAL = 3
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a command only when it is asked for, and knows what was meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was perhaps meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit status: 0 nothing at or above the gate; 1 findings at or above it; 2 wrong usage, settings "
    "or policy file; 3 some input could not be read, or there was nothing to check.",
)
@click.version_option(__version__, "--version", "-V", message="readiness %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Find what is not production-ready in Terraform and Kubernetes, where, why, and how to mend it."""
    need_command(ctx)


def _usage(error: click.ClickException) -> int:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "readiness"
    complain(f"{message[:1].lower()}{message[1:].rstrip('.')}")
    complain(f"try `{where} --help`", label="help")
    return 2


def _internal(error: Exception) -> int:
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" ({code.co_filename.rpartition('readiness')[2].lstrip(os.sep)}:{trace.tb_lineno})"
        trace = trace.tb_next
    complain(f"{type(error).__name__}: {error}{place}", label="internal error")
    complain(
        "this is a bug in readiness: please report it with the command and this message; "
        "READINESS_DEBUG=1 shows where it happened",
        label="help",
    )
    return INTERNAL


@contextmanager
def _without_collector(ends: bool) -> Iterator[None]:
    """Rendering beside a large estate, the collector would look through all of it again and again.

    Nor need it look through it once more when the program `ends`.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        if was_enabled and not ends:
            gc.enable()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; never raises for anything a user can do."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        with _without_collector(ends=argv is None):
            result = cli.main(args=args, prog_name="readiness", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted", label="readiness")
        return INTERRUPTED
    except click.ClickException as error:
        return _usage(error)
    except UsageError as error:
        complain(str(error))
        return 2
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            complain(f"the name is too long: {str(error.filename)[:40]!r}…")
            return 2
        if os.environ.get("READINESS_DEBUG") == "1":
            raise
        return _internal(error)


if __name__ == "__main__":
    sys.exit(main())
