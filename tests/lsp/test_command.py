"""`readiness lsp` as a command."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pytest_lsp import make_test_lsp_client

from readiness.cli.main import COMMANDS

if TYPE_CHECKING:
    from conftest import Cli


def test_without_the_extra_it_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("readiness.lsp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    result = cli.run("lsp")
    assert result.status == 2
    assert result.out == ""
    assert (
        result.err == 'error: the language server needs pygls 2: pip install "readiness[lsp]" installs it\n'
    )


@pytest.mark.parametrize(
    "value", ["2087", "localhost:", ":2087", "localhost:http", "localhost:70000", "::1:0"]
)
def test_an_address_is_a_host_and_a_port(cli: Cli, value: str) -> None:
    result = cli.run("lsp", "--tcp", value)
    assert result.status == 2
    assert f"{value!r} is not HOST:PORT, such as 127.0.0.1:2087" in result.err


def test_other_commands_do_not_import_it() -> None:
    code = (
        "import sys; from readiness.cli.main import main; main(['--version']); main(['check', '--help']); "
        "assert not [n for n in sys.modules if n.startswith(('pygls', 'lsprotocol', 'readiness.lsp', 'asyncio'))]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert COMMANDS["lsp"] == "readiness.cli.lsp"


def test_nothing_else_reaches_the_streams_of_the_protocol() -> None:
    code = (
        "import os, subprocess, sys\n"
        "from readiness.lsp.server import _own_streams\n"
        "with _own_streams() as (reader, writer):\n"
        "    print('stray', flush=True)\n"
        "    subprocess.run([sys.executable, '-c', 'import sys; print(repr(sys.stdin.read()))'], check=True)\n"
        "    writer.write(reader.read())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"asked", capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"asked", b"stray\n''\n")


@pytest.mark.asyncio
async def test_an_editor_may_come_by_network(tmp_path: Path, shared_cache: Path) -> None:
    (tmp_path / "main.tf").write_text('terraform {\n  backend "x" {\n')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "readiness", "lsp", "--tcp", f"127.0.0.1:{port}", "--no-cache"),
        env={**os.environ, "READINESS_CACHE_DIR": str(shared_cache)},
    )
    client = make_test_lsp_client()
    for _ in range(600):
        try:
            await client.start_tcp("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.1)
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "work")
    await client.initialize_session(
        types.InitializeParams(types.ClientCapabilities(), workspace_folders=[folder])
    )
    uri = (tmp_path / "main.tf").as_uri()
    for _ in range(3000):
        if uri in client.diagnostics:
            break
        await asyncio.sleep(0.02)
    assert "unread" in [one.code for one in client.diagnostics[uri]]
    await client.shutdown_async(None)
    client.exit(None)
    assert await asyncio.wait_for(server.wait(), 30) == 0
