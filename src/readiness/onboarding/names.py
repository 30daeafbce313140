"""What ids of other tools mean here: the policies that have them as aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from readiness.policy.model import Policy

_NO_ALIASES = {
    "TFLint": "no policy has an id of TFLint as its alias",
    "KICS": "no policy has an id of KICS as its alias",
    "Terrascan": "no policy has an id of Terrascan as its alias",
}
_SHORT = re.compile(r"([a-z]{2,5})-?0*([0-9]{1,4})")


class Aliases:
    """The policies that answer to other tools' ids; ids and aliases in any case."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._policies: dict[str, list[str]] = {}
        self._aliases: dict[str, tuple[str, ...]] = {}
        for policy in policies:
            self._aliases[policy.id] = policy.aliases
            for alias in policy.aliases:
                self._policies.setdefault(alias.lower(), []).append(policy.id)

    def of(self, tool: str, id_: str) -> tuple[str, ...]:
        """The ids of the policies that an id means, sorted; none where it means nothing here."""
        folded = id_.lower()
        if any(char in folded for char in "*?["):
            names = [name for name in self._policies if fnmatchcase(name, folded)]
        else:
            names = [folded, *_spellings(folded)] if tool in ("Trivy", "tfsec") else [folded]
        return tuple(sorted({policy for name in names for policy in self._policies.get(name, ())}))

    def in_place(self, tool: str, id_: str) -> tuple[str, ...]:
        """The same for an id in a comment or annotation, where an id of ours does as well."""
        folded = id_.lower()
        return self.of(tool, id_) or ((folded,) if folded in self._aliases else ())

    def besides(self, policy: str, id_: str) -> tuple[str, ...]:
        """The other ids of the same kind (`CKV`, `AVD`) that a policy stands for."""
        kind = re.split(r"[_:-]", id_.lower(), maxsplit=1)[0]
        same = [alias for alias in self._aliases.get(policy, ()) if alias.lower().startswith(kind)]
        return tuple(alias for alias in same if alias.lower() not in (id_.lower(), f"avd-{id_.lower()}"))


def why_unknown(tool: str) -> str:
    """Why an id means nothing here."""
    return _NO_ALIASES.get(tool, "no policy has it as an alias")


def _spellings(folded: str) -> list[str]:
    """Trivy's ids have a long form (`AVD-AWS-0088`) and short ones (`AWS-0088`, `AWS0088`, `KSV012`)."""
    match = _SHORT.fullmatch(folded.removeprefix("avd-"))
    return [] if match is None else [f"avd-{match[1]}-{int(match[2]):04d}"]
