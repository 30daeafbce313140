"""The entry for `.pre-commit-config.yaml`, which pre-commit and prek read."""

from __future__ import annotations

from readiness.onboarding.blocks import Outline, child, outline, texts_in, with_item
from readiness.onboarding.source import Source

FILE = ".pre-commit-config.yaml"
_FILES = r"\.(tf|tofu|tfvars)(\.json)?$|\.(ya?ml|json|tpl|tftpl)$"


def hook_item(source: Source, baseline: str | None, charts: bool) -> str:
    """The item of `repos`: from the repository of readiness where it is known, else what is installed."""
    args = ["--baseline", baseline] if baseline else []
    if not source.known:
        entry = " ".join(["readiness check --changed --allow-empty", *args])
        return (
            "- repo: local\n"
            "  hooks:\n"
            "    - id: readiness\n"
            "      name: readiness\n"
            "      description: Check what a commit touches, with the readiness that is installed.\n"
            f"      entry: {entry}\n"
            "      language: system\n"
            "      require_serial: true\n"
            f"      files: '{_FILES}'\n"
        )
    lines = [f"- repo: {source.address}", f"  rev: {source.revision}{_pin(source)}", "  hooks:"]
    lines.append("    - id: readiness")
    if baseline:
        lines.append(f"      args: [{', '.join(args)}]")
    if charts:
        lines.append("      additional_dependencies: [helm-python-sdk]  # renders Helm charts")
    return "\n".join(lines) + "\n"


def _pin(source: Source) -> str:
    return "" if source.pinned else "  # a tag can be moved: `pre-commit autoupdate --freeze` pins its hash"


def has_hook(text: str) -> bool:
    """Whether a configuration runs readiness already."""
    before = outline(text)
    repos = None if before is None else before.nodes.get("repos")
    for item in repos.value if repos is not None and repos.id == "sequence" else ():
        for id_ in texts_in(child(item, "hooks"), "id"):
            if id_ == "readiness" or id_.startswith("readiness-"):
                return True
    return False


def new_file(item: str) -> str:
    """A configuration with this item alone."""
    return "repos:\n" + "".join(f"  {line}\n" for line in item.rstrip("\n").split("\n"))


def with_hook(text: str, item: str) -> str | None:
    """A configuration with one more item in `repos`; None where it is not certain how to add it."""
    before: Outline | None = outline(text)
    return None if before is None else with_item(before, "repos", item)
