"""What other tools' configuration files leave out.

Each reader knows the format from the tool's public documentation; what a check means is said by the policies'
aliases alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable

from readiness.onboarding.model import Peers
from readiness.onboarding.peers import checkov, kubernetes, others, trivy
from readiness.repo.tree import Tree

Reader = Callable[[str, Tree, Peers], None]

READERS: dict[str, tuple[str, Reader]] = {
    ".checkov.yaml": ("Checkov", checkov.read),
    ".checkov.yml": ("Checkov", checkov.read),
    ".checkov.baseline": ("Checkov", checkov.read_baseline),
    ".trivyignore": ("Trivy", trivy.read_lines),
    ".trivyignore.yaml": ("Trivy", trivy.read),
    ".trivyignore.yml": ("Trivy", trivy.read),
    "trivy.yaml": ("Trivy", trivy.read_settings),
    ".tfsec/config.yml": ("tfsec", trivy.read_tfsec),
    ".tfsec/config.yaml": ("tfsec", trivy.read_tfsec),
    ".tfsec/config.json": ("tfsec", trivy.read_tfsec),
    ".kube-linter.yaml": ("kube-linter", kubernetes.read_kube_linter),
    ".kube-linter.yml": ("kube-linter", kubernetes.read_kube_linter),
    "polaris.yaml": ("Polaris", kubernetes.read_polaris),
    "polaris.yml": ("Polaris", kubernetes.read_polaris),
    ".polaris.yaml": ("Polaris", kubernetes.read_polaris),
    ".polaris.yml": ("Polaris", kubernetes.read_polaris),
    ".tflint.hcl": ("TFLint", others.read_tflint),
    ".tflint.json": ("TFLint", others.read_tflint_json),
    "kics.config": ("KICS", others.read_kics),
    "terrascan.toml": ("Terrascan", others.read_terrascan),
}
"""The tool and the reader of a file, by its name or the end of its path."""


def reader_of(path: str) -> tuple[str, Reader] | None:
    """The tool whose configuration a file is by its path, and what reads it."""
    folder, name = posixpath.split(path)
    return READERS.get(name) or READERS.get(f"{posixpath.basename(folder)}/{name}")


def read_peers(paths: Iterable[str], tree: Tree) -> Peers:
    """What the configuration files among `paths` leave out."""
    found = Peers()
    for path in sorted(paths):
        known = reader_of(path)
        if known is not None:
            found.files.setdefault(known[0], []).append(path)
            known[1](path, tree, found)
    return found
