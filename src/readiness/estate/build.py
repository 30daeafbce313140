"""Paths → the estate: discover, read, build resources, link them, assign their metadata."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field

from readiness.errors import SourceError, UsageError
from readiness.estate.assemble import Rooms, build_estate
from readiness.estate.files import RepositoryFiles, TextFiles
from readiness.estate.metadata import Meaning
from readiness.estate.model import Estate, Resource
from readiness.estate.overlaid import owning_kustomizations
from readiness.estate.reader import Reader, Sources
from readiness.estate.rendered import chart_folders, owning_charts, templates
from readiness.estate.scope import Scope
from readiness.estate.services.find import find_services
from readiness.estate.services.folders import Folders
from readiness.estate.services.read import declared_above, declared_in
from readiness.estate.touched import Made, touched
from readiness.estate.variables import VariableOptions, read_inputs
from readiness.kubernetes.workloads import parse_templates
from readiness.repo.discover import FoundFile, discover, kind_of, repository_root, shown_path
from readiness.repo.facts import RepositoryFacts
from readiness.repo.ignored import is_ignored
from readiness.repo.paths import kind_at, real_path
from readiness.repo.tree import DiskTree, TextTree
from readiness.sources.cache import Cache
from readiness.sources.comments import Comment
from readiness.sources.hcl.file import HclFile
from readiness.sources.store import cache_folder
from readiness.terraform.build import Builder
from readiness.terraform.inputs import Inputs


class Loaded(Struct):
    """An estate with what its outputs need: sources, errors, the files read for context."""

    estate: Estate
    sources: Sources
    errors: list[SourceError]
    notices: list[SourceError] = field(default_factory=list)
    context: set[str] = field(default_factory=set)
    root: Path = Path()
    base: Path = Path()
    today: datetime.date = datetime.date.min
    scope: Scope | None = None  # what was asked for; None for all that there is
    settings: list[str] = field(default_factory=list)  # folders that may hold settings of their own

    def facts(self) -> RepositoryFacts:
        """The facts of its repository, of which nothing is known yet."""
        return RepositoryFacts(self.root, self.base, today=self.today)


def load(
    paths: Sequence[str],
    *,
    base: Path | None = None,
    variables: VariableOptions | None = None,
    stdin: bytes | None = None,
    jobs: int | None = None,
    cache: bool = True,
    pod_templates: Mapping[str, str] | None = None,
    kubernetes_version: str = "",
    edited: Mapping[str, str] | None = None,
    changed: bool = False,
    ignoring: bool = True,
    meaning: Meaning | None = None,
    folders_of_services: Folders | None = None,
    today: datetime.date | None = None,
) -> Loaded:
    """Read everything below `paths` and build the estate, but for what ignore files hide (`ignoring`).

    `meaning` is that of labels and tags, `folders_of_services` are folders that are services;
    `today` is the day as of which ages and ends are judged, that of the run where none is given.

    Where `paths` are what `changed`, everything below `base` is read, and the estate knows what they touch;
    they need not be there any more.

    `edited` are texts by path that take the place of those on disk.  Files that are not on disk yet are
    sources too; those that charts, overlays and functions read must be there.

    Raises:
        UsageError: a path or variable file does not exist, a variable or pod template is set wrongly, or what
            is declared of services is wrong.
    """
    base = base or Path.cwd()
    named = parse_templates(pod_templates or {})
    scope = Scope(paths, base)
    named_paths = [path for path in paths if path != "-"] if not changed else _around(scope, base)
    found = discover(named_paths, base, ignoring)
    store = Cache(cache_folder() if cache else None)
    reader = Reader(store, jobs or os.cpu_count() or 1, kubernetes_version)
    reader.edited = {os.path.realpath(base / path): text for path, text in (edited or {}).items()}
    if edited:
        found.files = sorted([*found.files, *_unsaved(edited, base, scope)], key=lambda file: file.shown)
    tops = _repositories([".", *paths] if changed else paths, base)
    tree = DiskTree(base, tops, reader.edited)
    folders = [*chart_folders(file.shown for file in found.files), *owning_charts(scope.files, tree)]
    left = templates((file.shown for file in found.files), folders)
    sources = reader.read([f for f in found.files if f.shown not in left], stdin if "-" in paths else None)
    errors = [*found.errors, *sources.errors]
    loader = _FolderReader(reader, base, tops)
    inputs, input_errors = read_inputs(variables or VariableOptions(), reader, base)
    files = RepositoryFiles(reader, base, tops)
    builder = Builder(sources.hcl, loader.read, inputs, loader.installed, files)
    today = today or this_day()
    estate, told = build_estate(
        sources,
        builder,
        today,
        Rooms(reader, tree, folders, owning_kustomizations(scope.files, tree), inputs.chosen, named, meaning),
    )
    store.close()
    declared = declared_above(base, tops, [file.shown for file in found.files], reader.edited)
    find_services(estate, today, meaning, declared, folders_of_services)
    _check_chosen(inputs, builder.environments | told.environments)
    errors += [*input_errors, *loader.errors, *told.errors]
    context = {file.shown for file in found.files if file.context}
    context.update(name for name in told.texts if not scope.holds(name))
    sources.texts.update(loader.texts)
    sources.comments.update(loader.comments)
    expanded = {name: text for name, text in files.templates.items() if name not in sources.texts}
    sources.texts.update(expanded)
    context.update(expanded)
    if changed:
        made = Made(told.texts, folders)
        hit = touched(scope, estate.resources, builder, files.readers, made, base)
        estate.focus = hit.ids
        context = {name for name in sources.texts if not hit.holds(name)}
        context.update(error.path for error in (*errors, *told.notices) if not hit.holds(error.path))
    loaded = Loaded(estate, sources, _without(errors, context), told.notices, context, tops[0], base, today)
    loaded.scope = scope
    loaded.settings = found.settings
    return loaded


def _around(scope: Scope, base: Path) -> list[str]:
    """What is read for a change: all that is here, and what changed elsewhere."""
    away = [name for name in (*scope.files, *scope.folders) if name.startswith(("../", "/"))]
    return [".", *(name for name in away if os.path.lexists(base / name))]


def _unsaved(edited: Iterable[str], base: Path, scope: Scope) -> Iterator[FoundFile]:
    """The sources among edited files which are not on disk yet, and which nothing ignores."""
    for name in edited:
        path = base / name
        kind = kind_of(path.name)
        if kind is not None and not path.exists() and scope.holds(name) and not is_ignored(path):
            yield FoundFile(name, path, kind)


def _check_chosen(inputs: Inputs, found: set[str]) -> None:
    """Refuse an environment that no root has: a typing error would check nothing.

    Raises:
        UsageError: there is none of that name.
    """
    for name in inputs.chosen:
        if name not in found:
            there = ", ".join(sorted(found - {""})) or "none"
            raise UsageError(f"no root has the environment {name!r}; there are {there}")


def this_day() -> datetime.date:
    """The day on which an estate is judged, where nobody names another."""
    return datetime.date.today()


def from_texts(texts: Mapping[str, str], today: datetime.date | None = None) -> Loaded:
    """The estate of texts by file name, without a disk: examples of policies, editors, tests.

    `today` is the day on which it is judged, that of the machine where it is left out.

    Raises:
        UsageError: what is declared of services is wrong.
    """
    reader = Reader(Cache(None), 1)
    folders = chart_folders(texts)
    left = templates(texts, folders)
    sources = reader.read_texts({name: text for name, text in texts.items() if name not in left})
    builder = Builder(sources.hcl, lambda _folder: None, files_read=TextFiles(reader, texts))
    rooms = Rooms(reader, TextTree(texts), folders)
    today = today or this_day()
    estate, told = build_estate(sources, builder, today, rooms)
    find_services(estate, today, declared=declared_in(texts))
    return Loaded(estate, sources, [*sources.errors, *told.errors], told.notices)


def _without(errors: list[SourceError], context: set[str]) -> list[SourceError]:
    return sorted({error for error in errors if error.path not in context})


def _repositories(paths: Sequence[str], base: Path) -> list[Path]:
    """The roots of the repositories that the paths lie in; a folder outside of any is its own."""
    home = Path(os.path.realpath(base))
    found: dict[Path, None] = {}
    for name in paths:
        path = home if name == "-" else Path(os.path.realpath(base / name))
        folder = path if path.is_dir() else path.parent
        own = home if folder.is_relative_to(home) else folder
        found[repository_root(folder) or own] = None
    return list(found) or [home]


class _FolderReader:
    """Reads module folders that lie outside the checked paths, never outside the repository."""

    def __init__(self, reader: Reader, base: Path, tops: Sequence[Path]) -> None:
        self.reader = reader
        self.base = base
        self.tops = tops
        self.errors: list[SourceError] = []
        self._installed: dict[str, dict[str, str]] = {}
        self.texts: dict[str, str] = {}
        self.comments: dict[str, list[Comment]] = {}

    def read(self, folder: str) -> list[HclFile] | None:
        """The Terraform files of a folder, or None if there are none to be had."""
        path = real_path(self.base / folder)
        if path is None or not self._inside(path) or kind_at(path) != "folder":
            return None
        names = sorted(entry.name for entry in os.scandir(path) if self._is_file(entry))
        wanted = [(name, kind_of(name)) for name in names]
        files = [
            FoundFile(shown_path(self.base / folder / name, self.base), path / name, kind)
            for name, kind in wanted
            if kind in ("hcl", "hcl-json")
        ]
        if not files:
            return None
        sources = self.reader.read(files)
        self.texts.update(sources.texts)
        self.comments.update(sources.comments)
        return sources.hcl

    def _inside(self, path: str | Path) -> bool:
        real = real_path(path)
        return real is not None and any(real.is_relative_to(top) for top in self.tops)

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        """A file, or a link to one in the repository."""
        return entry.is_file() and (not entry.is_symlink() or self._inside(entry.path))

    def installed(self, root: str) -> Mapping[str, str]:
        """The modules that `terraform init` installed for a root: the path of each call, and its folder.

        Source: the file `.terraform/modules/modules.json`, which Terraform and OpenTofu write alike.
        """
        if root not in self._installed:
            self._installed[root] = self._read_installed(root)
        return self._installed[root]

    def _read_installed(self, root: str) -> dict[str, str]:
        path = self.base / root / ".terraform" / "modules" / "modules.json"
        if not self._inside(path):
            return {}
        try:
            listed = msgspec.json.decode(path.read_bytes(), type=_InstalledModules)
        except OSError:
            return {}
        except msgspec.MsgspecError as error:
            message = f"the list of installed modules cannot be read ({error}): run `terraform init` again"
            self.errors.append(SourceError(shown_path(path, self.base), 1, 1, message))
            return {}
        return {module.key: module.folder for module in listed.modules if module.key}


class _InstalledModule(Struct):
    key: str = field(name="Key")
    folder: str = field(name="Dir")


class _InstalledModules(Struct):
    modules: list[_InstalledModule] = field(name="Modules")


def in_scope(resource: Resource, loaded: Loaded) -> bool:
    """True for a resource that stands in a file of the run, not in one read for context.

    What a chart or overlay puts together was asked for, whichever of its files was named.
    """
    focus = loaded.estate.focus
    if focus is not None:
        return id(resource) in focus
    return resource.scattered or resource.span.path not in loaded.context
