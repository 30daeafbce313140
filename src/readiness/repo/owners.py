"""CODEOWNERS: who owns a path, by the rules of GitHub, or of GitLab where the file has sections.

Sources: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
and https://docs.gitlab.com/user/project/codeowners/reference/.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

PLACES = (
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    ".bitbucket/CODEOWNERS",
)
"""Where the file is looked for; the first one holds."""

_SECTION = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$")
_OWNER = re.compile(r"@{1,2}[\w.-]+(?:/[\w.-]+)*|[^@\s]+@[^@\s]+\.[^@\s]+")
_WORDS = re.compile(r"(?:\\.|[^\s\\])+")


class Problem(Struct, frozen=True):
    """A line that the platform skips: its number from 1, its text, and what is wrong with it."""

    line: int
    text: str
    why: str


class Rule(Struct, frozen=True):
    """One line: a pattern and its owners; `excludes` takes paths out of a section of GitLab.

    `line` is its number from 1.
    """

    pattern: re.Pattern[str]
    owners: tuple[str, ...]
    section: str
    line: int
    excludes: bool = False


class Owners(Struct):
    """The rules of a CODEOWNERS file in their order, and the lines that are wrong."""

    rules: list[Rule] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, path: str) -> list[str]:
        """The owners of a path from the root of the repository; a folder ends with `/`.

        The last rule that matches decides, in each section on its own; a rule without owners says that
        nobody owns the path.
        """
        return list(dict.fromkeys(owner for rule in self.deciding(path) for owner in rule.owners))

    def deciding(self, path: str) -> list[Rule]:
        """The rules that say who owns a path: one in each section that is about it."""
        last: dict[str, Rule] = {}
        excluded: set[str] = set()
        for rule in self.rules:
            if rule.pattern.fullmatch(path):
                if rule.excludes:
                    excluded.add(rule.section)
                last[rule.section] = rule
        return [rule for section, rule in last.items() if section not in excluded]


def read_owners(text: str) -> Owners:
    """The rules of a CODEOWNERS file."""
    owners = Owners()
    lines = text.removeprefix("\ufeff").splitlines()
    sections = any(_heads(line) for line in lines)
    section, default = "", tuple[str, ...]()
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        heading = _SECTION.fullmatch(stripped) if sections and _heads(line) else None
        if heading:
            section, default = heading[1].strip().lower(), _named(heading[2] or "")
            continue
        _line(stripped, number, section, default, sections, owners)
    return owners


def _heads(line: str) -> bool:
    """Whether a line begins a section: GitLab's form, which on GitHub is a pattern it does not take."""
    match = _SECTION.fullmatch(line.strip())
    return match is not None and all(_OWNER.fullmatch(word) for word in (match[2] or "").split())


def _named(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split() if _OWNER.fullmatch(word))


def _line(
    text: str, number: int, section: str, default: tuple[str, ...], sections: bool, owners: Owners
) -> None:
    words = _WORDS.findall(text)
    pattern, names = words[0], words[1:]
    comment = next((i for i, word in enumerate(names) if word.startswith("#")), None)
    if comment is not None:
        names = names[:comment]
    excludes = sections and pattern.startswith("!")
    problem = None if excludes else _wrong_pattern(pattern, sections)
    wrong = [name for name in names if not _OWNER.fullmatch(name)]
    if problem is None and wrong:
        problem = f"{wrong[0]} is neither @user, @organisation/team nor an e-mail address"
    if problem is not None:
        owners.problems.append(Problem(number, text, problem))
        return
    rule = Rule(_compiled(pattern.removeprefix("!")), tuple(names) or default, section, number, excludes)
    owners.rules.append(rule)


def _wrong_pattern(pattern: str, sections: bool) -> str | None:
    if sections:
        return None
    if pattern.startswith("!"):
        return "a pattern cannot be negated with `!`"
    if pattern.startswith("\\#"):
        return "a leading `#` cannot be escaped"
    if "[" in pattern or "]" in pattern:
        return "a pattern cannot have a range of characters in `[ ]`"
    return None


def _compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern, for paths without a leading `/`.

    Unlike in `.gitignore`, `docs/*` does not reach into the folders in `docs`.
    """
    text = pattern.replace("\\ ", " ").replace("\\#", "#")
    inner = text.rstrip("/")
    anchored = "/" in inner
    segments = [segment for segment in inner.strip("/").split("/") if segment]
    segments = [s for i, s in enumerate(segments) if s != "**" or segments[i - 1 : i] != ["**"]]
    if not segments:
        return re.compile(".*", re.DOTALL)
    expression = "" if anchored else "(?:.*/)?"
    for index, segment in enumerate(segments):
        final = index == len(segments) - 1
        if segment == "**":
            expression += ".*" if final else "(?:.*/)?"
        else:
            expression += _segment(segment) + ("" if final else "/")
    last = segments[-1]
    if text.endswith("/"):
        expression += "/.*"
    elif last != "**" and not (last == "*" and anchored):
        expression += "(?:/.*)?"
    return re.compile(expression, re.DOTALL)


def _segment(segment: str) -> str:
    parts = {"*": "[^/]*", "?": "[^/]"}
    return "".join(parts.get(char, re.escape(char)) for char in segment.replace("**", "*"))
