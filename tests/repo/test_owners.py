"""CODEOWNERS by the rules of GitHub and, with sections, of GitLab."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.repo.facts import RepositoryFacts
from readiness.repo.owners import read_owners

# The examples of GitHub's documentation.
GITHUB = """\
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ["@global-owner1", "@global-owner2"]),
        ("src/a.js", ["@js-owner"]),
        ("src/a.go", ["docs@example.com"]),
        ("build/logs/x.out", ["@octocat"]),
        ("other/build/logs/x.out", ["@octocat"]),
        ("docs/x.md", ["@doctocat"]),
        ("docs/deep/x.md", ["@doctocat"]),
        ("inner/docs/x.md", ["@global-owner1", "@global-owner2"]),
        ("inner/apps/x.md", ["@octocat"]),
        ("scripts/x.sh", ["@doctocat", "@octocat"]),
        ("apps/x.js", ["@octocat"]),
        ("apps/github", []),
        ("apps/github/x.js", []),
    ],
)
def test_github(path: str, owners: list[str]) -> None:
    assert read_owners(GITHUB).of(path) == owners


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/deep/a.md", False),
        ("/docs/*", "docs/deep/a.md", False),
        ("docs/**", "docs/deep/a.md", True),
        ("docs", "docs/a.md", True),
        ("docs", "x/docs/a.md", True),
        ("docs", "docs.md", False),
        ("/docs", "x/docs/a.md", False),
        ("x/docs", "y/x/docs/a.md", False),
        ("*.tf", "infra/main.tf", True),
        ("infra/*.tf", "infra/deep/main.tf", False),
        ("infra/**/main.tf", "infra/main.tf", True),
        ("infra/**/main.tf", "infra/a/b/main.tf", True),
        ("infra/", "infra/", True),
        ("file?.md", "file1.md", True),
        ("a+b.md", "a+b.md", True),
        ("a+b.md", "aab.md", False),
        ("with\\ space/", "with space/a.md", True),
        ("README.md", "readme.md", False),
        ("/", "any/thing", True),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert read_owners(f"{pattern} @owner\n").of(path) == (["@owner"] if matches else [])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("!docs/ @a", "a pattern cannot be negated with `!`"),
        ("\\#docs @a", "a leading `#` cannot be escaped"),
        ("*.[ch] @a", "a pattern cannot have a range of characters in `[ ]`"),
        ("/docs/ acme/writers", "acme/writers is neither @user, @organisation/team nor an e-mail address"),
        ("/docs/ @a, @b", "@a, is neither @user, @organisation/team nor an e-mail address"),
    ],
)
def test_a_wrong_line_is_told_and_skipped(line: str, why: str) -> None:
    owners = read_owners(f"# comment\n* @all\n{line}\n")
    assert [(p.line, p.text, p.why) for p in owners.problems] == [(3, line, why)]
    assert owners.of("docs/a.c") == ["@all"]


def test_sections_of_gitlab() -> None:
    owners = read_owners(
        "* @all\n"
        "[Documents] @writers\n"
        "docs/\n"
        "docs/api/ @api\n"
        "!docs/generated/\n"
        "^[Database][2]\n"
        "*.sql @dba @@maintainer\n"
    )
    assert owners.problems == []
    assert owners.of("docs/a.md") == ["@all", "@writers"]
    assert owners.of("docs/api/a.md") == ["@all", "@api"]
    assert owners.of("docs/generated/a.md") == ["@all"]
    assert owners.of("docs/a.sql") == ["@all", "@writers", "@dba", "@@maintainer"]


def test_many_wildcards_do_not_take_long() -> None:
    assert read_owners("/" + "**/" * 40 + "x @a\n").of("a/" * 60 + "y") == []


def test_the_place_of_the_file() -> None:
    rule = "* @{}\n"
    texts = {
        name: rule.format(i) for i, name in enumerate((".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"))
    }
    for expected in ("@0", "@1", "@2"):
        assert RepositoryFacts(Path(), texts=texts).owner("main.tf") == [expected]
        texts.pop(next(iter(texts)))
    facts = RepositoryFacts(Path(), texts={})
    assert facts.codeowners() is None
    assert facts.owner("main.tf") == []


def test_paths_are_those_of_findings(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "CODEOWNERS").write_text("/infra/prod/ @prod\n")
    base = tmp_path / "infra"
    base.mkdir()
    facts = RepositoryFacts(tmp_path, base)
    assert facts.owner("prod/main.tf") == ["@prod"]
    assert facts.owner("/infra/prod/main.tf") == ["@prod"]
    assert facts.owner("/prod/main.tf") == []
    assert facts.owner("../../elsewhere/infra/prod/main.tf") == []


def test_a_project_in_a_folder_has_its_own_file(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    base = tmp_path / "fixtures" / "shop"
    (base / ".github").mkdir(parents=True)
    (base / ".github" / "CODEOWNERS").write_text("/deploy/ @shop\nbad owner\n")
    facts = RepositoryFacts(tmp_path, base)
    assert facts.owner("deploy/a.yaml") == ["@shop"]
    found = facts.codeowners()
    assert found is not None
    assert (found["path"], found["rules"], len(found["problems"])) == (
        "fixtures/shop/.github/CODEOWNERS",
        1,
        1,
    )
    (tmp_path / "CODEOWNERS").write_text("* @root\n")
    assert RepositoryFacts(tmp_path, base).owner("deploy/a.yaml") == ["@root"]
