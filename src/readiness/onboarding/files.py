"""The files of a plan: created, extended where that is safe, else kept with a snippet for a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from readiness.config.packages import PREFIX, package_folder
from readiness.config.settings import FILE as SETTINGS
from readiness.config.waivers import WaiverFile
from readiness.errors import UsageError
from readiness.onboarding import hook as hooks
from readiness.onboarding import jobs
from readiness.onboarding.blocks import outline, with_entries, with_entry, with_item
from readiness.onboarding.migrate import WAIVERS, Migration
from readiness.onboarding.model import FileChange
from readiness.onboarding.settings_file import (
    override_item,
    overrides_block,
    policies_block,
    policies_entries,
    settings_text,
)
from readiness.onboarding.texts import flow
from readiness.onboarding.there import Present, are_settings
from readiness.onboarding.waivers_file import extended, waivers_text
from readiness.onboarding.wish import Wish


def settings(wish: Wish, there: Present, migration: Migration, release: str | None) -> Iterator[FileChange]:
    """`readiness.yaml`.

    Raises:
        UsageError: a package to extend is not installed, or a file to extend is not there.
    """
    _check_extends(wish)
    if there.settings is None or (wish.options.force and there.settings == SETTINGS):
        text = settings_text(wish, migration.ignored, release)
        was = wish.text(SETTINGS) if there.settings is not None else None
        yield FileChange(SETTINGS, "create" if was is None else "replace", "settings", text, was)
        return
    if wish.options.extends:
        text = f"extends: {flow(wish.options.extends)}\n"
        yield FileChange(there.settings, "print", "put this into your settings", text)
    additions = list(_additions(wish, there, migration))
    if not additions:
        yield FileChange(there.settings, "keep", "settings are there")
        return
    was = wish.text(there.settings) or ""
    text, left, added = was, list[str](), dict[str, None]()
    for one in additions:
        made = one.put(text) if there.settings == SETTINGS else None
        if made is not None and are_settings(made, SETTINGS):
            text = made
            added["the baseline" if one.key == "baseline" else "what other tools leave out"] = None
        else:
            left.append(one.alone)
    if text != was:
        yield FileChange(SETTINGS, "extend", " and ".join(added), text, was)
    if left:
        yield FileChange(there.settings, "print", "put this into your settings", "\n".join(left))


class _Addition(Struct, frozen=True):
    """Something for settings that are there: a key with all that it holds, and the entries or item alone."""

    key: str
    alone: str
    inner: str = ""

    def put(self, text: str) -> str | None:
        """A text with it; None where it is not certain how to add it."""
        before = outline(text)
        if before is None or self.key not in before.nodes:
            return None if before is None else with_entry(before, self.alone)
        if self.key == "policies":
            return with_entries(before, self.key, self.inner)
        return with_item(before, self.key, self.inner) if self.inner else None


def _additions(wish: Wish, there: Present, migration: Migration) -> Iterator[_Addition]:
    if wish.baseline is not None and not there.baseline:
        yield _Addition("baseline", f"baseline: {wish.baseline}\n")
    for folder, ignored in sorted(migration.ignored.items()):
        if folder == ".":
            alone, inner = policies_block([], ignored), policies_entries([], ignored)
            yield _Addition("policies", _lines(alone), _lines(inner))
        else:
            one = {folder: ignored}
            yield _Addition("overrides", _lines(overrides_block(one)), _lines(override_item(folder, ignored)))


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _check_extends(wish: Wish) -> None:
    for name in wish.options.extends:
        if name.startswith(PREFIX):
            folder = package_folder(name.removeprefix(PREFIX))
            if not (folder / SETTINGS).is_file():
                raise UsageError(f"--extends: the package {name!r} has no {SETTINGS}")
        elif wish.tree.read(Path(name).as_posix()) is None:
            raise UsageError(f"--extends: {name!r} is no file of the repository")


def waivers(file: WaiverFile | None, migration: Migration) -> Iterator[FileChange]:
    """`waivers.yaml`, or the file of waivers that settings name."""
    new = migration.waivers
    if not new:
        return
    what = "1 waiver" if len(new) == 1 else f"{len(new)} waivers"
    if file is None:
        yield FileChange(WAIVERS, "create", what, waivers_text(new))
        return
    made = None if file.path.startswith(("/", "../")) else extended(file, new)
    if made is not None:
        yield FileChange(file.path, "extend", what, made, file.text)
    else:
        yield FileChange(file.path, "print", f"put {what} there", waivers_text(new))


def hook(wish: Wish) -> Iterator[FileChange]:
    """`.pre-commit-config.yaml`."""
    if not wish.options.hook:
        return
    item = hooks.hook_item(wish.source, wish.baseline, wish.charts)
    was = wish.text(hooks.FILE)
    if was is None:
        yield FileChange(hooks.FILE, "create", "the hook", hooks.new_file(item))
    elif hooks.has_hook(was):
        yield FileChange(hooks.FILE, "keep", "the hook is there")
    else:
        made = hooks.with_hook(was, item)
        if made is not None:
            yield FileChange(hooks.FILE, "extend", "the hook", made, was)
        else:
            yield FileChange(hooks.FILE, "print", "put this into `repos`", item)


def job(wish: Wish) -> Iterator[FileChange]:
    """The workflow of GitHub, or the job in `.gitlab-ci.yml`."""
    for path in (path for paths in wish.found.ci.values() for path in paths):
        mine = path == jobs.WORKFLOW and wish.options.force
        if not mine and jobs.RUNS.search(wish.text(path) or ""):
            yield FileChange(path, "keep", "it runs readiness")
            return
    host = host_of(wish)
    if host == "github":
        yield from _github(wish)
    elif host == "gitlab":
        yield from _gitlab(wish)


def host_of(wish: Wish) -> str:
    """Where the CI job is for: what was asked, else what the repository shows, else `none`."""
    if wish.options.ci != "auto":
        return wish.options.ci
    found = wish.found
    host = found.host or ""
    gitlab = "gitlab" in host.split(".")
    both = {"GitHub Actions", "GitLab"} <= found.ci.keys()
    if "GitHub Actions" in found.ci and not (both and gitlab):
        return "github"
    if "GitLab" in found.ci:
        return "gitlab"
    if found.ci:
        return "none"
    return "github" if host == "github.com" else "gitlab" if gitlab else "none"


def _github(wish: Wish) -> Iterator[FileChange]:
    was = wish.text(jobs.WORKFLOW)
    text = jobs.workflow(wish.source, wish.found.branch, wish.baseline, wish.charts)
    if was is not None and not wish.options.force:
        yield FileChange(jobs.WORKFLOW, "keep", "a workflow of that name is there")
    else:
        yield FileChange(jobs.WORKFLOW, "create" if was is None else "replace", "the CI job", text, was)


def _gitlab(wish: Wish) -> Iterator[FileChange]:
    was = wish.text(jobs.GITLAB)
    if was is None:
        yield FileChange(jobs.GITLAB, "create", "the CI job", _gitlab_job(wish))
        return
    made = jobs.with_job(was, wish.source, wish.baseline, wish.charts)
    if made is not None:
        yield FileChange(jobs.GITLAB, "extend", "the CI job", made, was)
    else:
        yield FileChange(jobs.GITLAB, "print", "put this job there", _gitlab_job(wish))


def _gitlab_job(wish: Wish) -> str:
    return jobs.gitlab_job(wish.source, wish.baseline, wish.charts)
