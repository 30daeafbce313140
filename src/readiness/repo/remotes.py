"""Links to files in hosted repositories, and which hosted repository the checked one is.

Sources: the addresses that GitHub, GitLab, Bitbucket, Azure DevOps and Gitea give files, and the forms of
remotes in https://git-scm.com/docs/git-clone#_git_urls and https://git-scm.com/docs/git-config.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

_GITHUB_VIEWS = frozenset({"blob", "tree", "raw", "edit", "blame", "commits"})
_SECTION = re.compile(r"\[\s*([\w.-]+)(?:\s+\"((?:[^\"\\]|\\.)*)\")?\s*\]")
_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)(.+)")


class HostedFile(NamedTuple):
    """A link to something in a repository.

    `rest` is revision and path together where a revision may itself hold `/`; the path alone where
    `revision` is told apart (then "" stands for the default branch).
    """

    repository: str  # host and path in lower case: `github.com/acme/checkout`
    rest: str
    revision: str | None = None


def hosted_file(url: str) -> HostedFile | None:
    """What a web address says of a file or folder of a repository; None where it is about something else."""
    parts = urlsplit(url)
    host = _host(parts.hostname)
    path = [unquote(segment) for segment in parts.path.split("/") if segment]
    if host == "raw.githubusercontent.com" and len(path) >= 4:
        rest = path[4:] if path[2:4] == ["refs", "heads"] and len(path) > 4 else path[2:]
        return HostedFile(f"github.com/{path[0]}/{path[1]}".lower(), "/".join(rest))
    if "-" in path[2:-2] and path[path.index("-", 2) + 1] in _GITHUB_VIEWS:
        at = path.index("-", 2)
        return HostedFile("/".join([host, *path[:at]]).lower(), "/".join(path[at + 2 :]))
    if len(path) >= 4 and path[2] in _GITHUB_VIEWS:
        return HostedFile("/".join([host, *path[:2]]).lower(), "/".join(path[3:]))
    if len(path) >= 4 and path[2] in ("src", "raw"):
        gitea = path[3] in ("branch", "tag", "commit") and len(path) > 4 and host != "bitbucket.org"
        return HostedFile("/".join([host, *path[:2]]).lower(), "/".join(path[4 if gitea else 3 :]))
    if len(path) >= 5 and path[0] == "projects" and path[2] == "repos" and path[4] in ("browse", "raw"):
        at_ref = parse_qs(parts.query).get("at", [""])[0].removeprefix("refs/heads/")
        return HostedFile("/".join([host, path[1], path[3]]).lower(), "/".join(path[5:]), at_ref)
    if "_git" in path[:-1]:
        return _azure(host, path, parts.query)
    return None


def _azure(host: str, path: list[str], query: str) -> HostedFile | None:
    asked = parse_qs(query)
    at = path.index("_git")
    repository = "/".join([_azure_host(host), *_azure_organisation(host), *path[:at], path[at + 1]]).lower()
    if "path" not in asked:
        return None
    revision = asked.get("version", [""])[0]
    return HostedFile(repository, asked["path"][0].strip("/"), revision.removeprefix("GB"))


def _azure_host(host: str) -> str:
    return "dev.azure.com" if host.endswith(".visualstudio.com") else host


def _azure_organisation(host: str) -> list[str]:
    return [host.split(".")[0]] if host.endswith(".visualstudio.com") else []


def _host(name: str | None) -> str:
    return (name or "").lower().removeprefix("www.")


class GitConfig(NamedTuple):
    """What matters of `.git/config`: the remotes as `host/path`, and whether files may be left out."""

    remotes: tuple[str, ...] = ()
    sparse: bool = False


def read_config(text: str) -> GitConfig:
    """The remotes of a git configuration, in lower case and without `.git`."""
    section, name, remotes, sparse = "", "", [], False
    for line in text.splitlines():
        stripped = line.strip()
        match = _SECTION.match(stripped)
        if match:
            section, name = match[1].lower(), match[2] or ""
            continue
        key, _, value = stripped.partition("=")
        if section == "remote" and name and key.strip().lower() == "url":
            found = repository_of(value.strip().strip('"'))
            remotes += [found] if found else []
        if section == "core" and key.strip().lower() == "sparsecheckout":
            sparse = value.strip().lower() in ("true", "yes", "on", "1", "")
    return GitConfig(tuple(dict.fromkeys(remotes)), sparse)


def repository_of(url: str) -> str | None:
    """The repository that a remote names, as `host/path`; None for a folder of this machine."""
    if "://" in url:
        parts = urlsplit(url)
        if parts.scheme == "file" or not parts.hostname:
            return None
        host, path = _host(parts.hostname), unquote(parts.path)
    else:
        match = _SCP.fullmatch(url)
        if match is None or len(match[1]) == 1:  # `C:\folder`
            return None
        host, path = _host(match[1]), match[2]
    path = path.strip("/").removesuffix(".git").strip("/")
    if host in ("ssh.dev.azure.com", "vs-ssh.visualstudio.com"):
        host, path = "dev.azure.com", path.removeprefix("v3/")
    if host == "ssh.github.com":
        host = "github.com"
    segments = [segment for segment in path.split("/") if segment]
    segments = [segment for segment in segments if segment not in ("_git", "scm")]
    segments = [*_azure_organisation(host), *segments]
    return "/".join([_azure_host(host), *segments]).lower() if segments else None


def same_repository(linked: str, remotes: tuple[str, ...]) -> bool | None:
    """Whether a linked repository is the one that has these remotes; None where that is not certain.

    A remote by an alias of SSH or through a proxy on this machine has another host, and a fork or a mirror
    another owner: a repository of the same name may be the same.
    """
    if linked in remotes:
        return True
    path = linked.partition("/")[2]
    name = path.rpartition("/")[2]
    for remote in remotes:
        other, _, its_path = remote.partition("/")
        local = "." not in other or re.fullmatch(r"[\d.]+", other) is not None
        if local and (its_path == path or its_path.endswith("/" + path)):
            return True
    if not remotes or any(remote.rpartition("/")[2] == name for remote in remotes):
        return None
    return False
