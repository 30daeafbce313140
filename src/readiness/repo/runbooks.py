"""What a link to a runbook leads to: the web, or a file of this repository, its heading, its age.

Nothing is fetched: of what stands elsewhere only the form is known.
"""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from readiness.repo.facts import RepositoryFacts
from readiness.repo.markdown import ASCIIDOC, HTML, MARKDOWN, Document, has_anchor
from readiness.repo.remotes import HostedFile, hosted_file, same_repository
from readiness.values import List, Map, Span, Unknown

DOCUMENTS = (*MARKDOWN, *ASCIIDOC, *HTML, ".rst", ".txt", ".org", ".pdf", ".ipynb")
"""How the names of documents end: such a path is one, whether it is there or not."""

_TEMPLATE = re.compile(r"\{\{|\$\{|\$\(|<%|%\(|\$labels|__[A-Z_]{3,}__")
_URL = re.compile(r"https?://[^\s<>\"'`|]+", re.IGNORECASE)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?=//|[^\s/\d])")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_HOST_LIKE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(:\d+)?")
# Reserved names: https://www.rfc-editor.org/rfc/rfc2606, which nobody can have.
_RESERVED = re.compile(r"(.*\.)?(example\.(com|org|net|edu)|example|invalid|test)")
_PLACEHOLDERS = frozenset(
    {
        "todo",
        "tbd",
        "fixme",
        "xxx",
        "changeme",
        "change-me",
        "placeholder",
        "none",
        "n/a",
        "na",
        "-",
        "null",
        "wip",
    }
    | {"tba", "later", "missing", "unknown", "not available", "no runbook", "coming soon", "your-runbook-url"}
)
_IN_PATH = frozenset({"todo", "tbd", "fixme", "changeme", "change-me", "placeholder", "xxx", "your-runbook"})
_PUNCTUATION = ".,;:!?)]}"
_LINES = re.compile(r"L\d+(C\d+)?(-L\d+(C\d+)?)?", re.IGNORECASE)
_COMMON = frozenset({"readme.md", "index.md", "contributing.md", "changelog.md"})
_PROSE = 80
"""Characters from which a text without a link is taken for the instructions themselves."""


class Link(Map):
    """What is known of a link; its age is worked out when a condition reads it."""

    __slots__ = ("age",)

    def __init__(self, items: dict[str, Any], span: Span | None = None) -> None:
        super().__init__(items, span)
        self.age: Callable[[], Any] = lambda: None

    def __missing__(self, key: str) -> Any:
        if key != "age_days":
            raise KeyError(key)
        return self.age()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, worked out where need be."""
        return self[key] if key == "age_days" or dict.__contains__(self, key) else default

    def __contains__(self, key: object) -> bool:
        return key == "age_days" or dict.__contains__(self, key)


class Runbooks:
    """Links to runbooks, seen from the files that hold them."""

    def __init__(self, facts: RepositoryFacts) -> None:
        self.facts = facts
        self._known: dict[tuple[str, str], Link] = {}

    def read(self, value: str, file: str, others: Callable[[], Iterable[str]] | None = None) -> Link:
        """What a link in a file leads to.

        `file` is shown as in findings; `others` are further texts of the same resource, whose links may tell
        which hosted repository this one is.  The map has `link`, `kind` (`file`, `web`, `template`, `name` or
        `text`), `well_formed`, `placeholder`, `why` (what is wrong with its form), `in_repository`, `path`,
        `exists`, `heading`, `heading_exists`, `sections`, `owner`, `reviewed` and `age_days`.
        """
        text = value.strip()
        found = _URL.search(text)
        if found and len(found[0]) < len(text):
            templated = _TEMPLATE.search(found[0])
            text = text[found.start() :] if templated else found[0].rstrip(_PUNCTUATION)
        key = (text, file)
        if key not in self._known:
            self._known[key] = self._read(text, file, others)
        return self._known[key]

    def _read(self, text: str, file: str, others: Callable[[], Iterable[str]] | None) -> Link:
        if text.lower() in _PLACEHOLDERS or re.search(r"<[^<>]*>", text):
            return _link(text, "name", placeholder=True, why="it is a placeholder")
        if _TEMPLATE.search(text):
            return self._template(text)
        scheme = _SCHEME.match(text)
        if scheme is None and re.match(r"https?:/", text, re.IGNORECASE):
            return _link(text, "web", why="it is no valid URL")
        if scheme:
            return self._web(text, scheme[1].lower(), file, others)
        if re.search(r"\s", text):
            long = len(text) > _PROSE or "\n" in text
            return _link(text, "text", why="" if long else "it is neither a URL nor a path")
        return self._path(text, file)

    def _template(self, text: str) -> Link:
        """What only an alert fills in: its host may be written, and tell that it is elsewhere."""
        host = re.match(r"https?://([^/{$<%]+)/", text, re.IGNORECASE)
        hosted = hosted_file(_TEMPLATE.split(text)[0] + "x/x/x/x/x/x") if host else None
        if host and hosted is None:
            placeholder = _RESERVED.fullmatch(host[1].lower()) is not None
            why = f"{host[1]} is a name for examples" if placeholder else ""
            return _link(text, "template", placeholder=placeholder, why=why)
        unknown = Unknown(f"the link {text!r} is filled in when the alert fires")
        link = _link(text, "template")
        link.update(dict.fromkeys(("in_repository", "path", "exists", "heading_exists", "sections"), unknown))
        link.update({"owner": unknown, "reviewed": unknown})
        link.age = lambda: unknown
        return link

    def _web(self, text: str, scheme: str, file: str, others: Callable[[], Iterable[str]] | None) -> Link:
        if scheme not in ("http", "https"):
            local = scheme == "file"
            return _link(text, "web", why="it leads to a file of one machine" if local else "")
        why, placeholder = _wrong_url(text)
        if why:
            return _link(text, "web", placeholder=placeholder, why=why)
        parts = urlsplit(text)
        hosted = hosted_file(text)
        if hosted is None:
            return _link(text, "web", heading=unquote(parts.fragment) or None)
        return self._hosted(text, hosted, unquote(parts.fragment), file, others)

    # -- files of a repository ------------------------------------------------------

    def _hosted(
        self,
        text: str,
        hosted: HostedFile,
        fragment: str,
        file: str,
        others: Callable[[], Iterable[str]] | None,
    ) -> Link:
        same = same_repository(hosted.repository, self.facts.config.remotes)
        folders = list(self._folders(file))
        if same is True:
            return self._found(text, fragment, True, self._paths(hosted, [""]), hosted)
        if same is False:
            folders = [folder for folder in folders if folder]
        paths = self._paths(hosted, folders)
        if any(self.facts.kind_at(path) for path in paths) and same is None:
            return self._found(text, fragment, Unknown(_WHOSE.format(hosted.repository)), paths, hosted)
        home = self._home(hosted.repository, folders, others() if others else ())
        if home is not None:
            return self._found(text, fragment, True, self._paths(hosted, [home]), hosted)
        if same is False:
            return _link(text, "file", heading=fragment or None)
        unknown = Unknown(_WHOSE.format(hosted.repository))
        return self._found(text, fragment, unknown, paths, hosted)

    def _home(self, repository: str, folders: list[str], others: Iterable[str]) -> str | None:
        """The folder that a hosted repository stands for here: one in which another link to it resolves."""
        for other in others:
            for written in _URL.findall(other):
                url = written.rstrip(_PUNCTUATION)
                hosted = hosted_file(url) if repository.rpartition("/")[2] in url.lower() else None
                if hosted is None or hosted.repository != repository:
                    continue
                for folder in folders:
                    for path in self._paths(hosted, [folder]):
                        if self.facts.kind_at(path) != "file":
                            continue
                        inner = posixpath.relpath(path or ".", folder or ".")
                        if "/" in inner and posixpath.basename(inner).lower() not in _COMMON:
                            return folder
        return None

    def _folders(self, file: str) -> Iterator[str]:
        """The root, and the folders between it and a file: a project may be published from any of them."""
        yield ""
        place = self.facts.place(file)
        parts = posixpath.dirname(place).split("/") if place else []
        for length in range(1, len(parts) + 1):
            if parts[0]:
                yield "/".join(parts[:length])

    def _paths(self, hosted: HostedFile, folders: list[str]) -> list[str]:
        """Where a hosted file would be: a revision may hold `/`, so it may end at any of them."""
        if hosted.revision is not None:
            rests = [hosted.rest]
        else:
            parts = hosted.rest.split("/")
            single = parts[0] in self.facts.branches
            rests = ["/".join(parts[i:]) for i in range(1, 2 if single else len(parts))]
            for branch in self.facts.branches:
                if "/" in branch and hosted.rest.startswith(branch + "/"):
                    rests = [hosted.rest.removeprefix(branch + "/")]
        joined = (posixpath.normpath(posixpath.join(folder, rest)) for folder in folders for rest in rests)
        paths = ("" if path == "." else path for path in joined)
        return [path for path in paths if path != ".." and not path.startswith("../")]

    def _judged(self, hosted: HostedFile) -> bool:
        """Whether the checked files stand for the revision that a link names."""
        if hosted.revision is not None:
            return hosted.revision in self.facts.branches
        return any(branch and hosted.rest.startswith(branch + "/") for branch in self.facts.branches)

    def _path(self, text: str, file: str) -> Link:
        path, _, fragment = text.partition("#")
        path, fragment = unquote(path.partition("?")[0]), unquote(fragment)
        document = path.lower().endswith(DOCUMENTS)
        if "/" not in path and not document:
            return _link(text, "name")
        here = posixpath.dirname(self.facts.place(file) or "")
        folders = [here, *self._folders(file)] if not path.startswith("/") else list(self._folders(file))
        joined = [posixpath.normpath(posixpath.join(folder, path.lstrip("/"))) for folder in folders]
        paths = [found for found in joined if found != ".." and not found.startswith("../")]
        if not paths:
            return _link(text, "file", why="it leads out of the repository")
        if any(self.facts.kind_at(found) for found in paths):
            return self._found(text, fragment, True, paths, None)
        if _HOST_LIKE.fullmatch(path.split("/")[0].lower()) and "/" in path:
            return _link(text, "web", why="it has no https:// before its host")
        unknown = Unknown(f"whether {path!r} is a path in this repository is not known")
        return self._found(text, fragment, True if document else unknown, paths, None)

    def _found(
        self, text: str, fragment: str, ours: bool | Unknown, paths: list[str], hosted: HostedFile | None
    ) -> Link:
        """A link to one of some paths of this repository; `ours` says whether it is this one."""
        there = next((path for path in paths if self.facts.kind_at(path)), None)
        exists: bool | Unknown = there is not None
        if there is None:
            if hosted is not None and not self._judged(hosted):
                exists = Unknown(f"the link {text!r} names a revision that is not the checked one")
            elif self.facts.config.sparse:
                exists = Unknown("the repository is checked out only in part")
            elif isinstance(ours, Unknown):
                exists = ours
        path = there if there is not None else paths[0] if paths else None
        link = _link(text, "file", in_repository=ours, path=path, exists=exists, heading=fragment or None)
        if there is not None:
            self._describe(link, there, fragment)
        elif isinstance(exists, Unknown):
            link["heading_exists"] = exists if fragment else None
            link.update(dict.fromkeys(("sections", "owner", "reviewed"), exists))
            link.age = lambda: exists
        return link

    def _describe(self, link: Link, path: str, fragment: str) -> None:
        """What the file itself says."""
        document = self.facts.document(path)
        if document is None and self.facts.kind_at(path) == "folder":
            readme = posixpath.join(path, "README.md")
            document = self.facts.document(readme) if self.facts.kind_at(readme) == "file" else None
        if fragment and not _LINES.fullmatch(fragment):
            link["heading_exists"] = (
                has_anchor(document, fragment)
                if isinstance(document, Document)
                else Unknown(f"the headings of {path!r} are not read")
            )
        if self.facts.kind_at(path) != "file":
            return
        reviewed = None
        if isinstance(document, Document):
            reviewed = document.reviewed
            link["sections"] = List(document.headings)
            link["owner"] = document.owner
            link["reviewed"] = reviewed.isoformat() if reviewed else None
        link.age = lambda: self._age(path, reviewed)

    def _age(self, path: str, reviewed: datetime.date | None) -> int | Unknown:
        """Days since a review, else since the last commit."""
        day = reviewed or self.facts.history.changed(path)
        if day is None:
            return Unknown(f"when {path!r} was last changed is not known: {self.facts.history.why}")
        return (self.facts.today - day).days


_WHOSE = "whether this repository is {} is not known"


def _link(text: str, kind: str, *, placeholder: bool = False, why: str = "", **known: Any) -> Link:
    """A link of which nothing more is known than what is given."""
    return Link(
        {
            "link": text,
            "kind": kind,
            "well_formed": not why,
            "placeholder": placeholder,
            "why": why,
            "in_repository": False,
            "path": None,
            "exists": None,
            "heading": None,
            "heading_exists": None,
            "sections": None,
            "owner": None,
            "reviewed": None,
            **known,
        }
    )


def _wrong_url(text: str) -> tuple[str, bool]:
    """What is wrong with a web address, and whether it is a placeholder."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "it is no valid URL", False
    if not host:
        return "it has no host", False
    if ":" not in host and _HOST.fullmatch(host) is None:
        return f"{host!r} is no valid host", False
    if _RESERVED.fullmatch(host.rstrip(".")):
        return f"{host} is a name for examples", True
    if any(segment.lower() in _IN_PATH for segment in parts.path.split("/")):
        return "it is a placeholder", True
    return "", False
