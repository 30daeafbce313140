"""Where a hook or a CI job gets readiness from: the address of its repository and a revision to pin.

How the running program was installed is recorded by installers:
https://packaging.python.org/en/latest/specifications/direct-url/
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from readiness import __version__
from readiness.errors import UsageError

PLACEHOLDER = "https://git.example.com/platform/readiness"
"""Stands in files for an address that nobody has named; whoever commits them has to fill it in."""

_PATH, _HOST = r"[A-Za-z0-9._~/-]+", r"[A-Za-z0-9.-]+(?::[0-9]+)?"
_NAMED = re.compile(
    rf"(https://{_HOST}/{_PATH}|ssh://(?:[\w.-]+@)?{_HOST}/{_PATH}|[\w.-]+@[A-Za-z0-9.-]+:{_PATH})"
    r"(?:@([A-Za-z0-9][A-Za-z0-9._/-]*))?"
)
_WITH_USER = re.compile(r"https?://[^/]*@|ssh://[^/]*:[^/]*@")
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Source(Struct, frozen=True):
    """A repository of git, and the tag or commit of it to use; `known` is False for the placeholder."""

    address: str
    revision: str
    known: bool = True

    @property
    def pinned(self) -> bool:
        """Whether the revision is a full hash, which nobody can move."""
        return _HASH.fullmatch(self.revision) is not None

    def requirement(self, extra: str = "") -> str:
        """What `pip install` takes."""
        address = self.address
        if "://" not in address:
            address = "ssh://" + address.replace(":", "/", 1)
        return f"readiness{extra} @ git+{address}@{self.revision}"

    @property
    def action(self) -> str | None:
        """The name under which workflows of GitHub use it; None where it is elsewhere."""
        parts = urlsplit(self.address)
        name = parts.path.strip("/").removesuffix(".git")
        return name if parts.hostname == "github.com" and name.count("/") == 1 else None

    @property
    def schema(self) -> str | None:
        """The address of the JSON Schema of settings, where the host is one that serves files."""
        parts = urlsplit(self.address)
        path = parts.path.strip("/").removesuffix(".git")
        file = "src/readiness/config/settings.schema.json"
        if parts.hostname == "github.com":
            return f"https://raw.githubusercontent.com/{path}/{self.revision}/{file}"
        if parts.hostname == "gitlab.com":
            return f"https://gitlab.com/{path}/-/raw/{self.revision}/{file}"
        return None


def find_source(named: str | None) -> Source:
    """The source that was named, else the one that this program was installed from, else a placeholder.

    Raises:
        UsageError: what was named is no address of a repository, or has a password in it.
    """
    if named is not None:
        return _named(named)
    return _installed() or Source(PLACEHOLDER, f"v{__version__}", known=False)


def _named(text: str) -> Source:
    if _WITH_USER.match(text):
        raise UsageError("--source: an address with a user or password does not belong into files")
    match = _NAMED.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--source: {text!r} is not the address of a git repository, such as "
            "https://git.example.com/platform/readiness@v1.0.0"
        )
    return Source(match[1], match[2] or f"v{__version__}")


def _installed() -> Source | None:
    try:
        text = distribution("readiness").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    try:
        data: Any = msgspec.json.decode(text or "null")
    except msgspec.MsgspecError:
        return None
    info = data.get("vcs_info") if isinstance(data, dict) else None
    if not isinstance(info, dict) or info.get("vcs") != "git":
        return None
    address, revision = data.get("url"), info.get("commit_id")
    if not isinstance(address, str) or not isinstance(revision, str):
        return None
    try:
        return _named(f"{address}@{revision}")
    except UsageError:
        return None
