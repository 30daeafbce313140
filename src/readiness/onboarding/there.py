"""What a repository says already: its settings, ignored policies and waivers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from readiness.config.model import Layer
from readiness.config.settings import SCHEMA_FILE, settings_in
from readiness.config.waivers import WaiverFile, read_waivers
from readiness.engine.prepare import Prepared
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.onboarding.migrate import There
from readiness.policy.model import Policy
from readiness.policy.overrides import override
from readiness.policy.select import matching


class Present(Struct, frozen=True):
    """The file that holds settings (None for none), the file of waivers, the baseline, and what they say."""

    settings: str | None
    waivers: WaiverFile | None
    baseline: str
    says: There


def present(root: Path, settings: Settings, prepared: Prepared) -> Present:
    """What is there at the root of a repository.

    Raises:
        UsageError: one of the files is wrong.
    """
    own = settings_in(root, ".")
    files = read_waivers(settings.waivers, root)
    ignored = {".": _ignored(settings, prepared.written)}
    for layer in own.layers if own is not None else ():
        for folder in _folders(layer):
            ignored[folder] = ignored.get(folder, frozenset()) | _of_layer(layer, prepared.written)
    says = There(ignored, tuple(waiver for file in files for waiver in file.waivers))
    path = None if own is None else own.path
    return Present(path, files[0] if files else None, settings.baseline, says)


def _ignored(settings: Settings, policies: list[Policy]) -> frozenset[str]:
    """The policies that nobody is checked against, by the ids that they have now."""
    found = set(override(policies, settings.overrides).ignored)
    for selector in settings.ignore:
        found.update(policy.id for policy in matching(policies, selector))
    return frozenset(found)


def _of_layer(layer: Layer, policies: list[Policy]) -> frozenset[str]:
    found = set(override(policies, layer.overrides).ignored)
    for selector in layer.values.get("ignore", ()):
        found.update(policy.id for policy in matching(policies, selector))
    return frozenset(found)


def _folders(layer: Layer) -> Iterable[str]:
    """The folders that an entry of `overrides` holds for as a whole."""
    if layer.environments:
        return []
    return [posixpath.normpath(glob.removesuffix("**").rstrip("/")) for glob in layer.paths if glob]


def are_settings(text: str, path: str) -> bool:
    """Whether a text is right as settings, as far as it says so by itself."""
    import msgspec

    from readiness.config.document import hold, read_document

    try:
        data = read_document(path, text, frozenset({"kubernetes-version"}))
        hold(data, msgspec.json.decode(SCHEMA_FILE.read_bytes()), path)
    except UsageError:
        return False
    return True
