"""Looks at a repository: what it declares, who runs its CI, and which other tools check it."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from readiness.estate.build import Loaded, in_scope
from readiness.estate.model import Estate
from readiness.onboarding.keys import find_adjustments, find_keys
from readiness.onboarding.model import Cluster, Found, Note
from readiness.onboarding.peers import read_peers
from readiness.onboarding.peers.inline import inline_skips
from readiness.policy.model import Policy
from readiness.repo.discover import SKIPPED_FOLDERS
from readiness.repo.facts import RepositoryFacts
from readiness.repo.ignored import is_ignored
from readiness.repo.owners import PLACES, read_owners
from readiness.repo.tree import Tree

_CI = {
    "Jenkins": re.compile(r"(?:.*/)?Jenkinsfile"),
    "Azure Pipelines": re.compile(r"(?:.*/)?azure-pipelines[^/]*\.ya?ml"),
    "GitHub Actions": re.compile(r"\.github/workflows/[^/]+\.ya?ml"),
    "GitLab": re.compile(r"\.gitlab-ci\.yml"),
    "CircleCI": re.compile(r"\.circleci/config\.yml"),
    "Buildkite": re.compile(r"\.buildkite/[^/]+\.ya?ml"),
    "Bitbucket Pipelines": re.compile(r"bitbucket-pipelines\.yml"),
}
HOOKS = (".pre-commit-config.yaml",)
_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_VERSIONS = {
    "aws_eks_cluster": "version",
    "azurerm_kubernetes_cluster": "kubernetes_version",
    "google_container_cluster": "min_master_version",
}
"""Where clusters say their release of Kubernetes: arguments of the providers' resources."""

_TRUNKS = frozenset({"main", "master", "trunk", "develop"})
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_RELEASE = re.compile(r"v?(1\.[0-9]{1,2})(?:[.-].*)?")


def files_of(root: Path) -> list[str]:
    """The paths of every file of a repository from its root, sorted; links to folders are not followed."""
    found: list[str] = []
    for current, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        inner = os.path.relpath(current, root).replace(os.sep, "/")
        found += [name if inner == "." else f"{inner}/{name}" for name in names]
    return sorted(found)


def look(root: Path, loaded: Loaded, tree: Tree, policies: Iterable[Policy], migrate: bool) -> Found:
    """What a repository holds; `loaded` is its estate, with paths from `root`."""
    files = files_of(root)
    estate = loaded.estate
    found = Found()
    mine = [r for r in estate.resources if r.platform != "repository" and in_scope(r, loaded)]
    real = {(r.platform, r.root, r.address): r for r in mine if r.mode == "managed"}
    found.platforms = dict(sorted(Counter(r.platform for r in real.values()).items()))
    found.roots = sorted({r.root for r in mine if r.platform == "terraform" and not r.module})
    found.charts = sorted(_folders(files, frozenset({"Chart.yaml"})))
    found.overlays = sorted(_folders(files, _KUSTOMIZATIONS))
    found.environments = sorted({r.environment for r in mine if r.environment})
    found.tiered = sum(r.tier is not None for r in real.values())
    found.keys = find_keys(estate)
    found.adjustments = find_adjustments(estate, policies)
    found.clusters = sorted(_clusters(estate), key=lambda one: (one.path, one.line))
    _look_at_owners(tree, found)
    _look_at_ci(root, tree, files, found)
    if migrate:
        found.peers = read_peers([path for path in files if not is_ignored(root / path)], tree)
        found.peers.skips += inline_skips(loaded)
    found.unread = [Note(error.path, error.line, error.message) for error in loaded.errors]
    return found


def _folders(files: Iterable[str], names: frozenset[str]) -> Iterator[str]:
    for path in files:
        folder, name = posixpath.split(path)
        if name in names and "charts" not in folder.split("/")[1:-1]:
            yield folder or "."


def _clusters(estate: Estate) -> Iterator[Cluster]:
    for type_, argument in _VERSIONS.items():
        for resource in estate.of_type(type_):
            value = resource.body.get(argument)
            match = _RELEASE.fullmatch(value) if isinstance(value, str) else None
            if match and resource.mode == "managed":
                yield Cluster(resource.address, resource.header.path, resource.header.line, match[1])


def _look_at_owners(tree: Tree, found: Found) -> None:
    for place in PLACES:
        raw = tree.read(place)
        if raw is not None:
            found.codeowners = place
            rules = read_owners(raw.decode("utf-8", "replace")).rules
            if len(rules) == 1 and len(rules[0].owners) == 1:
                found.owner = rules[0].owners[0]
            return


def _look_at_ci(root: Path, tree: Tree, files: list[str], found: Found) -> None:
    for path in files:
        for name, pattern in _CI.items():
            if pattern.fullmatch(path):
                found.ci.setdefault(name, []).append(path)
    found.hooks = next((name for name in HOOKS if name in files), None)
    remotes = RepositoryFacts(root).config.remotes
    found.host = remotes[0].partition("/")[0] if remotes else None
    found.branch = _default_branch(tree)


def _default_branch(tree: Tree) -> str:
    """The branch that others are merged into: what the remote says, else the current one if its name fits."""
    for place, prefix in ((".git/refs/remotes/origin/HEAD", "remotes/origin/"), (".git/HEAD", "heads/")):
        text = (tree.read(place) or b"").decode("utf-8", "replace").strip()
        name = text.removeprefix(f"ref: refs/{prefix}")
        if name != text and (prefix != "heads/" or name in _TRUNKS) and _BRANCH.fullmatch(name):
            return name
    return "main"
