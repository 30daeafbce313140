"""What sets the variables of a root: its own files, those of its environments, and what the user gives.

Order of precedence: https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct, field

from readiness.sources.hcl.file import HclFile
from readiness.terraform.config import ModuleConfig, Value, file_values, is_auto_values

PATTERNS = (
    "*.tfvars",
    *(f"{folder}/*.tfvars" for folder in ("environments", "environment", "envs", "env")),
    *(f"{folder}/*/*.tfvars" for folder in ("environments", "environment", "envs", "env")),
    *(f"{folder}/*.tfvars" for folder in ("vars", "tfvars", "config", "configs", "workspaces")),
)
"""Where a root keeps the variables of its environments; the first `*` is the name of one."""

SHARED = frozenset({"common", "global", "globals", "shared", "default", "defaults", "base", "all"})
"""Files of variables that belong to every environment beside them."""

_SAMPLE = re.compile(r"(^|[-_.])(example|examples|sample|template|dist)($|[-_.])")

VARIANT_LIMIT = 20
"""Environments of one root that are evaluated."""


class Variant(Struct):
    """One way to evaluate a root: the name of the environment ("" for the only one) and its variables."""

    name: str = ""
    values: list[Value] = field(default_factory=list)
    workspace: str | None = None


class Inputs(Struct):
    """What the user says of variables, for every root.

    `ambient` are those of the process (`TF_VAR_`), which yield to files; `given` those of the command
    line, which nothing overrides.  `environments` maps a name to its variable files; `chosen` are the
    names to evaluate, all that there are where it is empty.
    """

    ambient: list[Value] = field(default_factory=list)
    given: list[Value] = field(default_factory=list)
    environments: dict[str, list[Value]] = field(default_factory=dict)
    workspaces: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    patterns: tuple[str, ...] = PATTERNS


class ValueFiles:
    """The variable files of a run that Terraform does not load by itself, by folder."""

    def __init__(self, files: Iterable[HclFile], roots: Iterable[str]) -> None:
        self._by_folder: dict[str, list[HclFile]] = {}
        self._roots = frozenset(roots)
        for file in files:
            if file.is_values:
                self._by_folder.setdefault(posixpath.dirname(file.path) or ".", []).append(file)

    def matching(self, root: str, pattern: str) -> Iterable[tuple[str, HclFile]]:
        """The files that a pattern finds from a root, with the name that its first `*` stands for."""
        folder = posixpath.normpath(posixpath.join(root, posixpath.dirname(pattern)))
        depth = folder.count("/")
        candidates = (
            [folder] if "*" not in folder else [name for name in self._by_folder if name.count("/") == depth]
        )
        for name in candidates:
            if name not in self._by_folder or (name != root and name in self._roots):
                continue  # those beside the files of a root belong to that root
            for file in self._by_folder[name]:
                if name == root and is_auto_values(file.path):
                    continue
                relative = posixpath.relpath(file.path.removesuffix(".json"), root)
                match = _expression(posixpath.normpath(pattern)).fullmatch(relative)
                if match is not None and match.group(1) != "terraform":
                    yield match.group(1), file


@lru_cache(1024)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.compile(
        parts[0] + "".join(("([^/]+)" if i == 0 else "[^/]+") + p for i, p in enumerate(parts[1:]))
    )


def variants(config: ModuleConfig, files: ValueFiles, inputs: Inputs) -> list[Variant]:
    """The ways to evaluate a root: one for each environment, or one without a name."""
    found, shared = _discovered(config, files, inputs.patterns)
    for name, values in inputs.environments.items():
        if _declares(config, values):
            found[name] = values
    base = [*inputs.ambient, *config.values, *shared]
    names = list(dict.fromkeys([*sorted(found), *inputs.workspaces]))
    if not names:
        return [Variant("", [*base, *inputs.given])]
    return [
        Variant(
            name,
            [*base, *found.get(name, ()), *inputs.given],
            name if name in inputs.workspaces else None,
        )
        for name in names
    ]


def _discovered(
    config: ModuleConfig, files: ValueFiles, patterns: Sequence[str]
) -> tuple[dict[str, list[Value]], list[Value]]:
    """The variables of each environment that lies beside a root, and those of all of them."""
    found: dict[str, list[Value]] = {}
    shared: list[Value] = []
    if not config.variables:
        return found, shared
    for pattern in patterns:
        for name, file in files.matching(config.folder, pattern):
            values = file_values(file)
            if _SAMPLE.search(name) or not _declares(config, values):
                continue
            if name in SHARED:
                shared += values
            else:
                found.setdefault(name, []).extend(values)
    return found, shared


def _declares(config: ModuleConfig, values: Iterable[Value]) -> bool:
    return any(value.attribute.name in config.variables for value in values)
