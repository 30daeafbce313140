"""`readiness lsp`: the language server, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from readiness.cli.exceptions import Excepting, exceptions_options
from readiness.cli.options import policies_option, profile_option, reading_options, select_options
from readiness.cli.settings import settings_options, with_settings

if TYPE_CHECKING:
    from readiness.engine.settings import Settings


def _address(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """The parts of `HOST:PORT`."""
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise click.BadParameter(f"{value!r} is not HOST:PORT, such as 127.0.0.1:2087", ctx, param)
    return host.removeprefix("[").removesuffix("]"), int(port)


@click.command("lsp")
@click.option(
    "--tcp",
    metavar="HOST:PORT",
    callback=_address,
    help="Listen there for one editor, in place of standard input and output. Whoever reaches that port may "
    "read what the server can read: use 127.0.0.1.",
)
@select_options
@profile_option
@policies_option
@settings_options
@exceptions_options
@reading_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    tcp: tuple[str, int] | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    excepting: Excepting,
    reading: dict[str, Any],
) -> int:
    """Serve an editor: findings while you type, with their policies and fixes.

    It speaks the Language Server Protocol, and is started by the editor. Settings are those of each folder
    that is open there, as `readiness check` finds them; paths of options count from each of these folders.
    """
    from readiness import __version__
    from readiness.errors import UsageError

    try:
        from readiness.lsp.server import make_server, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            'the language server needs pygls 2: pip install "readiness[lsp]" installs it'
        ) from None
    said = {"select": select, "ignore": ignore, "profile": profile, "policies": policies, **reading}

    def read() -> Settings:
        settings = with_settings(ctx, config, isolated, said | excepting.said, locked=True)
        excepting.complete(settings, isolated)
        return settings

    return serve(make_server(read, __version__), tcp)
