"""Requests to ignore findings, as they are written in comments and annotations: ours and those of peers.

The forms are in docs/usage.md.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from msgspec import Struct

_OWN = re.compile(r"readiness:ignore\s+(.*)", re.DOTALL)
_PEER = re.compile(r"(checkov|bridgecrew):skip=([\w-]+)(?::\s*(.*))?")
_PEER_IDS = re.compile(r"(trivy|tfsec):ignore:([\w,-]+)((?::[\w-]+)*)\s*(.*)")
_PEER_UNTIL = re.compile(r"exp:(\d{4}-\d{2}-\d{2})")
# Also what is meant for a day and written otherwise: it is none, and must not hold for ever.
_DAY = r"\d{4}[-./]?\d{1,2}[-./]?\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}"
_UNTIL = re.compile(rf"[, ]*\buntil[: ]\s*({_DAY})\b")


class Request(Struct, frozen=True):
    """One request: ids of policies, controls or peers' checks in lower case, its reason and last day.

    `around` means the whole block that the comment stands in; `form` names the tool whose form it is.
    """

    ids: frozenset[str]
    reason: str | None
    until: str | None
    around: bool
    form: str

    def expired(self, today: datetime.date) -> bool:
        """Whether its last day is over; one that does not exist, or is no `YYYY-MM-DD`, always is."""
        if self.until is None:
            return False
        try:
            day = datetime.date.fromisoformat(self.until)
        except ValueError:
            return True
        return day < today or day.isoformat() != self.until


def parse_comment(text: str) -> Request | None:
    """The request of a comment, or None if it makes none."""
    own = _OWN.search(text)
    if own is not None:
        return _own(own.group(1))
    peer = _PEER.search(text)
    if peer is not None:
        reason = (peer.group(3) or "").strip()
        return Request(frozenset({peer.group(2).lower()}), reason or None, None, True, "checkov")
    peer = _PEER_IDS.search(text)
    if peer is None:
        return None
    until = _PEER_UNTIL.search(peer.group(3))
    ids = frozenset(part.lower().removeprefix("avd-") for part in peer.group(2).split(","))
    last_day = until.group(1) if until else None
    return Request(ids, peer.group(4).strip() or None, last_day, False, peer.group(1))


def _own(text: str) -> Request | None:
    text = text.strip().removesuffix("*/").strip()
    ids_text, _, reason = text.partition("reason:")
    until = _UNTIL.search(text)
    ids = frozenset(re.split(r"[\s,]+", _UNTIL.sub("", ids_text).strip().lower())) - {""}
    if not ids:
        return None
    last_day = until.group(1) if until else None
    return Request(ids, _UNTIL.sub("", reason).strip(" ,") or None, last_day, False, "readiness")


def parse_annotations(annotations: Mapping[str, object]) -> list[tuple[str, Request]]:
    """The requests that the annotations of an object make, with their keys."""
    found = []
    for key, value in annotations.items():
        request = _annotation(key, value if isinstance(value, str) else "")
        if request is not None and request.ids:
            found.append((key, request))
    return found


def _annotation(key: str, text: str) -> Request | None:
    domain, _, name = key.partition("/")
    if key == "readiness.dev/ignore":
        return _own(text)
    if key.startswith("checkov.io/skip"):
        check, _, reason = text.partition("=")
        return _of_object({check.strip().lower()}, reason.strip(), "checkov")
    if domain == "ignore-check.kube-linter.io":
        return _of_object({f"kube-linter:{name.lower()}"}, text, "kube-linter")
    if key == "kube-linter.io/ignore-all":
        return _of_object({"kube-linter:*"}, text, "kube-linter")
    if key == "kube-score/ignore":
        names = (part.strip().lower() for part in text.split(","))
        return _of_object({f"kube-score:{part}" for part in names if part}, "", "kube-score")
    if domain == "polaris.fairwinds.com" and text == "true":
        if name == "exempt":
            return _of_object({"polaris:*"}, "", "polaris")
        if name.endswith("-exempt"):
            return _of_object({f"polaris:{name.removesuffix('-exempt').lower()}"}, "", "polaris")
    return None


def _of_object(ids: set[str], reason: str, form: str) -> Request:
    return Request(frozenset(ids), reason or None, None, True, form)
