"""What ids mean: of policies, by their present and former names, of controls, and of other tools."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.errors import near
from readiness.policy.model import Policy

# The forms in which other tools write their ids; one that no policy claims is not our business.
_OF_A_PEER = re.compile(
    r"(ckv2?|bc)_|avd-|(aws|azu|gcp|ksv|dig|git|nif|ocp|osk|goog)-?[0-9]{4}$|[a-z0-9-]+:"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-"
)


class Names:
    """Every name that some policy answers to, whatever the profile; case does not matter."""

    def __init__(self, policies: Iterable[Policy], retired: dict[str, str] | None = None) -> None:
        self.retired = retired or {}
        self.ids: set[str] = set()
        self.former: dict[str, str] = {}
        self.controls: set[str] = set()
        self._aliases: set[str] = set()
        for policy in policies:
            self.ids.add(policy.id)
            self.controls.add(policy.control)
            self.former |= dict.fromkeys(policy.former_ids, policy.id)
            self._aliases.update(alias.lower() for alias in policy.aliases)

    def now(self, name: str) -> str | None:
        """The present id of a policy for a former one; None for everything else."""
        folded = name.strip().lower()
        return None if folded in self.ids else self.former.get(folded)

    def complaint(self, name: str) -> str | None:
        """What is wrong with a name in an ignore: it is old, retired or of nothing; None if it is right."""
        if name in self.ids or name in self.controls or name == "*":
            return None
        if name in self.former:
            return f"{name!r} is now called {self.former[name]!r}; the old name goes on working"
        if name in self.retired:
            return f"{name!r} is no policy any more: {self.retired[name]}"
        if self._of_another_tool(name):
            return None
        if any(char in name for char in "*?["):
            return f"{name!r} ignores nothing: an ignore in place names ids, or `*` for all of them"
        hint = near(name, sorted({*self.ids, *self.controls, *self.former}))
        return f"{name!r} ignores nothing: there is no policy or control of that name{hint}"

    def _of_another_tool(self, name: str) -> bool:
        names = (name, f"avd-{name}")
        if any(one in self._aliases for one in names) or _OF_A_PEER.match(name):
            return True
        return any(alias.partition(":")[2] == name for alias in self._aliases)


def answering(policies: Iterable[Policy]) -> dict[str, tuple[str, ...]]:
    """The ids of the policies that answer to a name, in lower case.

    Names are ids, former ones, controls and peers' ids, these also without the name of their tool or `avd-`.
    """
    found: dict[str, dict[str, None]] = {}
    for policy in policies:
        for name in names_of(policy.id, policy.control, policy.aliases, policy.former_ids):
            found.setdefault(name, {})[policy.id] = None
    return {name: tuple(ids) for name, ids in found.items()}


def names_of(id_: str, control: str, aliases: Iterable[str], former: Iterable[str]) -> set[str]:
    """The names, in lower case, by which an exception may call a policy."""
    names = {id_, control, *former, *(alias.lower() for alias in aliases)}
    names |= {name.removeprefix("avd-") for name in names}
    return names | {name.split(":", 1)[-1] for name in names}
