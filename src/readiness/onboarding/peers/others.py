"""Tools whose checks no policy has an alias for: what they leave out is told, so that nobody looks for it.

Sources: https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/config.md,
https://docs.kics.io/latest/configuration-file/ and https://runterrascan.io/docs/usage/config_options/
"""

from __future__ import annotations

import posixpath

from readiness.config.document import place_of
from readiness.onboarding.documents import mapping, text_of, texts, toml
from readiness.onboarding.model import Note, Peers, Skip
from readiness.repo.tree import Tree
from readiness.values import Map


def read_tflint(path: str, tree: Tree, found: Peers) -> None:
    """Blocks `rule "name"` with `enabled = false`."""
    text = text_of(tree, path, found.notes)
    if text is None:
        return
    from readiness.sources.hcl import ast
    from readiness.sources.hcl.file import assemble, cut_file
    from readiness.sources.hcl.parse import parse_chunk

    file = assemble(path, cut_file(text), parse_chunk)
    found.notes += [Note(path, error.line, f"{error.message}; it is not taken over") for error in file.errors]
    folder = posixpath.dirname(path) or "."
    for base, chunk in file.chunks:
        for block in chunk.blocks:
            values = {one.name: one.value for one in block.attributes}
            enabled = values.get("enabled")
            if (
                block.type == "rule"
                and block.labels
                and isinstance(enabled, ast.Lit)
                and enabled.value is False
            ):
                line = base + block.at[0]
                found.skips.append(Skip("TFLint", (block.labels[0],), path, line, folder=folder))


def read_tflint_json(path: str, tree: Tree, found: Peers) -> None:
    """The same as JSON."""
    data = mapping(tree, path, found.notes)
    rules = data.get("rule") if data is not None else None
    for name, rule in rules.items() if isinstance(rules, Map) else ():
        if isinstance(rule, Map) and rule.get("enabled") is False:
            line = place_of(data, ("rule", name), at_key=True)[0]
            folder = posixpath.dirname(path) or "."
            found.skips.append(Skip("TFLint", (name,), path, line, folder=folder))


def read_kics(path: str, tree: Tree, found: Peers) -> None:
    """`exclude-queries` of a file of YAML or JSON; its forms in TOML and HCL are told as not understood."""
    data = mapping(tree, path, found.notes)
    for id_, line in texts(data, "exclude-queries"):
        found.skips.append(Skip("KICS", (id_,), path, line, folder=posixpath.dirname(path) or "."))


def read_terrascan(path: str, tree: Tree, found: Peers) -> None:
    """`skip-rules` of the table `rules`."""
    data = toml(tree, path, found.notes)
    for id_, line in texts(data, "rules", "skip-rules"):
        found.skips.append(Skip("Terrascan", (id_,), path, line, folder=posixpath.dirname(path) or "."))
