"""What only a person can do once the files are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from readiness.config.settings import FILE as SETTINGS
from readiness.onboarding import hook, jobs
from readiness.onboarding.files import host_of
from readiness.onboarding.migrate import WAIVERS, Migration
from readiness.onboarding.model import Plan
from readiness.onboarding.wish import Wish
from readiness.repo.facts import RepositoryFacts


def todo(plan: Plan, wish: Wish, migration: Migration, root: Path) -> list[str]:
    """One line for each thing, in the order of doing."""
    return [
        *_source(plan, wish),
        *_job(plan, wish),
        *_waivers(migration),
        *_owners(plan, root),
        *_baseline(plan, wish),
    ]


def _source(plan: Plan, wish: Wish) -> Iterator[str]:
    written = [file.path for file in plan.changed if file.path in (jobs.WORKFLOW, jobs.GITLAB)]
    if not wish.source.known:
        if written:
            yield (
                f"{written[0]}: put the address of the repository of readiness in place of "
                f"{wish.source.address}"
            )
    elif not wish.source.pinned and any(
        file.path in (jobs.WORKFLOW, jobs.GITLAB, hook.FILE) for file in plan.changed
    ):
        yield f"pin {wish.source.revision} by its full commit hash: a tag can be moved"


def _job(plan: Plan, wish: Wish) -> Iterator[str]:
    if host_of(wish) == "none" and wish.options.ci == "auto":
        others = ", ".join(sorted(wish.found.ci.keys() - {"GitHub Actions", "GitLab"}))
        if not any(file.what == "it runs readiness" for file in plan.files):
            what = f"{others} runs the CI" if others else "no CI was found"
            yield f"{what}: run `readiness check` there, or name another with --ci github|gitlab"


def _waivers(migration: Migration) -> Iterator[str]:
    missing = [
        name
        for name, lacks in (
            ("owner", any(waiver.owner is None for waiver in migration.waivers)),
            ("reason", any(waiver.reason is None for waiver in migration.waivers)),
            ("expires", any(waiver.expires is None for waiver in migration.waivers)),
        )
        if lacks
    ]
    if missing:
        yield f"{WAIVERS}: some waivers have no {', '.join(missing)} yet, which policies ask for"


def _owners(plan: Plan, root: Path) -> Iterator[str]:
    if plan.found.codeowners is None:
        return
    facts = RepositoryFacts(root)
    names = [SETTINGS, *([WAIVERS] if any(file.path == WAIVERS for file in plan.files) else [])]
    bare = [name for name in names if not facts.owner(name)]
    if bare:
        verb = "has" if len(bare) == 1 else "have"
        what = f"{' and '.join(bare)} {verb} no owner"
        yield f"{plan.found.codeowners}: {what}, so anybody may silence the gate"


def _baseline(plan: Plan, wish: Wish) -> Iterator[str]:
    if wish.baseline is None and plan.found.platforms:
        yield "where there are findings already: `readiness init --baseline`, so that only new ones gate"
