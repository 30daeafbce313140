"""Where that stands which a tally says is short."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from readiness.engine.model import Finding
from readiness.engine.tally import Short
from readiness.estate.model import Estate, Resource
from readiness.scorecard.model import Listed


class Places:
    """Finds the places of what is short: that of its finding, else that of its resource."""

    def __init__(self, estate: Estate, findings: Iterable[Finding]) -> None:
        self.estate = estate
        self.findings = {finding.fingerprint: finding for finding in findings}

    def of(self, short: Short, service: str, items: bool) -> list[Listed]:
        """A resource that is short; with `items` what of it is, as far as findings still tell."""
        found = [self.findings[print_] for print_ in short.fingerprints if print_ in self.findings]
        if items and found:
            return [
                Listed(_name(short, finding), finding.span.path, finding.span.line, False, service)
                for finding in found
            ]
        if found:
            return [Listed(short.address, found[0].span.path, found[0].span.line, False, service)]
        # Another policy tells of it: it says nothing here.
        resource = self._resources.get((short.address, service)) or self._resources.get((short.address, ""))
        path, line = ("", 0) if resource is None else (resource.header.path, resource.header.line)
        return [Listed(short.address, path, line, False, service)]

    @functools.cached_property
    def _resources(self) -> dict[tuple[str, str], Resource]:
        """Resources by address and service; each address also without one."""
        found: dict[tuple[str, str], Resource] = {}
        for resource in self.estate.resources:
            found.setdefault((resource.address, resource.service or ""), resource)
            found.setdefault((resource.address, ""), resource)
        return found


def _name(short: Short, finding: Finding) -> str:
    item = finding.identity.item if finding.identity is not None else ""
    return f"{short.address}: {item}" if item else short.address
