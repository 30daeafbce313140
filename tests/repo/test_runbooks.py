"""What links to runbooks lead to: form, repository, file, heading and age."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from readiness.repo.facts import RepositoryFacts
from readiness.repo.history import History
from readiness.repo.runbooks import Link, Runbooks
from readiness.values import Unknown

TODAY = datetime.date(2026, 11, 21)
GITHUB = '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:Acme/Web.git\n'
GITLAB = '[remote "origin"]\n\turl = https://gitlab.acme.dev/shop/team/web.git\n'
RUNBOOK = "# Web\n\n## Impact & scope\n\n## Diagnosis\n"


def reader(texts: dict[str, str]) -> Runbooks:
    return Runbooks(RepositoryFacts(Path(), texts=texts, today=TODAY))


def link(
    value: str, texts: dict[str, str], file: str = "deploy/alerts.yaml", others: tuple[str, ...] = ()
) -> Link:
    return reader(texts).read(value, file, lambda: others)


def shown(found: Link, *keys: str) -> tuple[Any, ...]:
    """Values of a link; an unknown is `?`."""
    return tuple("?" if isinstance(found[key], Unknown) else found[key] for key in keys)


@pytest.mark.parametrize(
    ("value", "kind", "well_formed", "placeholder"),
    [
        ("https://wiki.acme.dev/runbooks/web", "web", True, False),
        ("http://wiki/runbooks", "web", True, False),
        ("http://[::1]:8080/runbooks", "web", True, False),
        ("https:/wiki.acme.dev/web", "web", False, False),
        ("https:///web", "web", False, False),
        ("https://wiki.acme.dev:port/web", "web", False, False),
        ("https://-wiki-.acme.dev/web", "web", False, False),
        ("file:///home/me/runbook.md", "web", False, False),
        ("slack://channel?id=C1", "web", True, False),
        ("https://example.com/runbook", "web", False, True),
        ("https://runbooks.example.org/web", "web", False, True),
        ("https://runbooks.acme.example/web", "web", False, True),
        ("https://myexample.com/web", "web", True, False),
        ("https://wiki.acme.dev/TODO", "web", False, True),
        ("https://wiki.acme.dev/todo-list", "web", True, False),
        ("TODO", "name", False, True),
        (" n/a ", "name", False, True),
        ("<your runbook>", "name", False, True),
        ("HighLatency", "name", True, False),
        ("see the wiki", "text", False, False),
        ("1. Look at the queue.\n2. Restart the consumer.", "text", True, False),
        ("wiki.acme.dev/runbooks/web", "web", False, False),
        ("https://wiki.acme.dev/{{ $labels.alertname }}", "template", True, False),
        ("https://example.com/{{ $labels.alertname }}", "template", False, True),
        ("Runbook: https://wiki.acme.dev/web.", "web", True, False),
    ],
)
def test_form(value: str, kind: str, well_formed: bool, placeholder: bool) -> None:
    found = link(value, {})
    assert (found["kind"], found["well_formed"], found["placeholder"]) == (kind, well_formed, placeholder)
    assert (found["why"] == "") == well_formed


def test_a_url_in_a_text_ends_with_it() -> None:
    assert link("Disk full. Runbook: (https://wiki.acme.dev/web).", {})["link"] == "https://wiki.acme.dev/web"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # in_repository, path, exists
        ("https://github.com/acme/web/blob/main/docs/web.md", (True, "docs/web.md", True)),
        ("https://www.github.com/ACME/Web/blob/main/docs/web.md", (True, "docs/web.md", True)),
        ("https://github.com/acme/web/blob/main/docs/gone.md", (True, "docs/gone.md", False)),
        ("https://github.com/acme/web/edit/master/docs/gone.md?plain=1", (True, "docs/gone.md", False)),
        ("https://github.com/acme/web/raw/HEAD/docs/web.md", (True, "docs/web.md", True)),
        ("https://raw.githubusercontent.com/acme/web/main/docs/gone.md", (True, "docs/gone.md", False)),
        (
            "https://raw.githubusercontent.com/acme/web/refs/heads/main/docs/web.md",
            (True, "docs/web.md", True),
        ),
        ("https://github.com/acme/web/tree/main/docs", (True, "docs", True)),
        ("https://github.com/acme/web/blob/main/docs/with%20space.md", (True, "docs/with space.md", True)),
        ("https://github.com/acme/web/blob/main/docs/../docs/web.md", (True, "docs/web.md", True)),
        ("https://github.com/acme/web/blob/main/../../../etc/passwd", (True, None, False)),
        # Of another revision what is missing here may be there.
        ("https://github.com/acme/web/blob/v1.2.0/docs/gone.md", (True, "docs/gone.md", "?")),
        ("https://github.com/acme/web/blob/release/1.2/docs/web.md", (True, "docs/web.md", True)),
        # A file at the top does not stand for one in a folder.
        ("https://github.com/acme/web/blob/main/other/README.md", (True, "other/README.md", False)),
        ("https://github.com/acme/web/wiki/Runbook", (False, None, None)),
        ("https://github.com/acme/web/issues/7", (False, None, None)),
        ("https://github.com/acme/platform/blob/main/docs/gone.md", (False, None, None)),
        # A fork or a mirror has the same name.
        ("https://github.com/fork/web/blob/main/docs/web.md", ("?", "docs/web.md", True)),
        ("https://github.com/fork/web/blob/main/docs/gone.md", ("?", "docs/gone.md", "?")),
        ("docs/web.md", (True, "docs/web.md", True)),
        ("./docs/gone.md", (True, "deploy/docs/gone.md", False)),
        ("../docs/web.md", (True, "docs/web.md", True)),
        ("/docs/web.md#diagnosis", (True, "docs/web.md", True)),
        ("runbooks/of-a-wiki", ("?", "deploy/runbooks/of-a-wiki", "?")),
        ("../../../etc/passwd", (False, None, None)),
    ],
)
def test_files_of_the_repository(value: str, expected: tuple[Any, ...]) -> None:
    texts = {
        ".git/config": GITHUB,
        "README.md": "# Web\n",
        "docs/web.md": RUNBOOK,
        "docs/with space.md": RUNBOOK,
        "deploy/alerts.yaml": "",
    }
    assert shown(link(value, texts), "in_repository", "path", "exists") == expected


@pytest.mark.parametrize(
    ("config", "value"),
    [
        (GITLAB, "https://gitlab.acme.dev/shop/team/web/-/blob/main/docs/gone.md"),
        (
            '[remote "o"]\nurl = ssh://git@github.com:22/acme/web\n',
            "https://github.com/acme/web/blob/main/docs/gone.md",
        ),
        ('[remote "o"]\nurl = work:acme/web.git\n', "https://github.com/acme/web/blob/main/docs/gone.md"),
        (
            '[remote "o"]\nurl = http://token@127.0.0.1:4000/git/acme/web\n',
            "https://github.com/acme/web/blob/main/docs/gone.md",
        ),
        (
            '[remote "o"]\nurl = git@bitbucket.org:acme/web.git\n',
            "https://bitbucket.org/acme/web/src/main/docs/gone.md",
        ),
        (
            '[remote "o"]\nurl = ssh://git@git.acme.dev:7999/SHOP/web.git\n',
            "https://git.acme.dev/projects/SHOP/repos/web/browse/docs/gone.md",
        ),
        (
            '[remote "o"]\nurl = git@ssh.dev.azure.com:v3/acme/shop/web\n',
            "https://dev.azure.com/acme/shop/_git/web?path=/docs/gone.md&version=GBmain",
        ),
        (
            '[remote "o"]\nurl = https://codeberg.org/acme/web.git\n',
            "https://codeberg.org/acme/web/src/branch/main/docs/gone.md",
        ),
    ],
)
def test_hosts(config: str, value: str) -> None:
    found = link(value, {".git/config": config})
    assert shown(found, "in_repository", "path", "exists") == (True, "docs/gone.md", False)
    assert link(value, {".git/config": config, "docs/gone.md": ""})["exists"] is True


def test_without_remotes_another_link_tells_the_repository() -> None:
    gone = "https://github.com/acme/web/blob/main/docs/gone.md"
    texts = {"shop/web/docs/runbooks/slow.md": "", "shop/web/README.md": "", "shop/web/deploy/a.yaml": ""}
    file = "shop/web/deploy/a.yaml"
    assert shown(link(gone, texts, file), "in_repository", "exists") == ("?", "?")
    # What every repository has tells nothing.
    common = ("https://github.com/acme/web/blob/main/README.md",)
    assert shown(link(gone, texts, file, common), "in_repository", "exists") == ("?", "?")
    telling = ("Slow, see https://github.com/acme/web/blob/main/docs/runbooks/slow.md.",)
    found = link(gone, texts, file, telling)
    assert shown(found, "in_repository", "path", "exists") == (True, "shop/web/docs/gone.md", False)
    # A remote of another name is no contradiction for a folder that is published on its own.
    found = link(gone, {**texts, ".git/config": GITLAB.replace("web", "mono")}, file, telling)
    assert shown(found, "in_repository", "path", "exists") == (True, "shop/web/docs/gone.md", False)
    # At the root it is one.
    flat = {"docs/runbooks/slow.md": "", ".git/config": GITLAB.replace("web", "mono")}
    assert shown(link(gone, flat, "deploy/a.yaml", telling), "in_repository", "exists") == (False, None)


def test_the_default_branch_is_judged() -> None:
    texts = {".git/config": GITHUB, ".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/dev/main\n"}
    assert link("https://github.com/acme/web/blob/dev/main/docs/gone.md", texts)["exists"] is False
    assert shown(link("https://github.com/acme/web/blob/dev/other/docs/gone.md", texts), "exists") == ("?",)


def test_a_partial_checkout_says_nothing_of_what_is_missing() -> None:
    texts = {".git/config": GITHUB + "[core]\n\tsparseCheckout = true\n", "docs/web.md": RUNBOOK}
    assert shown(link("docs/gone.md", texts), "exists") == ("?",)
    assert link("docs/web.md", texts)["exists"] is True


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("#diagnosis", True),
        ("#impact--scope", True),
        ("#impact-scope", True),
        ("#Diagnosis", True),
        ("#rollback", False),
        ("#L3-L9", None),
        ("", None),
    ],
)
def test_headings(fragment: str, expected: bool | None) -> None:
    assert link("docs/web.md" + fragment, {"docs/web.md": RUNBOOK})["heading_exists"] is expected


def test_headings_of_a_folder_are_those_of_its_readme() -> None:
    texts = {".git/config": GITHUB, "docs/README.md": RUNBOOK, "docs/bare/x.yaml": ""}
    assert link("https://github.com/acme/web/tree/main/docs#diagnosis", texts)["heading_exists"] is True
    assert link("https://github.com/acme/web/tree/main/docs#gone", texts)["heading_exists"] is False
    assert shown(link("https://github.com/acme/web/tree/main/docs/bare#x", texts), "heading_exists") == ("?",)


def test_what_the_document_says() -> None:
    text = "---\nowner: team-web\nlast_reviewed: 2026-11-01\n---\n" + RUNBOOK
    found = link("docs/web.md", {"docs/web.md": text})
    assert (found["owner"], found["reviewed"], found["age_days"]) == ("team-web", "2026-11-01", 20)
    assert list(found["sections"]) == ["Web", "Impact & scope", "Diagnosis"]


def test_a_template_is_unknown_where_it_may_be_a_file_of_this_repository() -> None:
    found = link(
        "https://github.com/acme/web/blob/main/docs/{{ $labels.service }}.md", {".git/config": GITHUB}
    )
    assert shown(found, "kind", "in_repository", "exists", "age_days") == ("template", "?", "?", "?")
    found = link("https://wiki.acme.dev/{{ $labels.service }}", {})
    assert shown(found, "in_repository", "exists", "age_days") == (False, None, None)


def test_nothing_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# Secret\n")
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "inner.md").symlink_to("../secret.md")
    facts = RepositoryFacts(root)
    assert facts.file("../secret.md") is None
    assert facts.file("inner.md") is None
    found = Runbooks(facts).read("inner.md", "alerts.yaml")
    assert (found["exists"], found["sections"]) == (False, None)


def git(folder: Path, *arguments: str, **environment: str) -> None:
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"]
    command = ["git", "-C", str(folder), *settings, *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})


def commit(folder: Path, day: str) -> None:
    git(folder, "add", "-A")
    git(
        folder,
        "commit",
        "-q",
        "-m",
        day,
        GIT_COMMITTER_DATE=f"{day}T12:00:00Z",
        GIT_AUTHOR_DATE=f"{day}T12:00:00Z",
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose `old.md` changed long before its `new.md`."""
    git(tmp_path, "init", "-q")
    (tmp_path / "docs").mkdir()
    for name in ("old.md", "new.md"):
        (tmp_path / "docs" / name).write_text(RUNBOOK)
    commit(tmp_path, "2026-01-31")
    (tmp_path / "docs" / "new.md").write_text(RUNBOOK + "More.\n")
    commit(tmp_path, "2026-11-11")
    (tmp_path / "docs" / "untracked.md").write_text(RUNBOOK)
    return tmp_path


def test_ages_by_history(repository: Path) -> None:
    runbooks = Runbooks(RepositoryFacts(repository, today=TODAY))
    assert runbooks.read("docs/old.md", "a.yaml")["age_days"] == 294
    assert runbooks.read("docs/new.md", "a.yaml")["age_days"] == 10
    unknown = runbooks.read("docs/untracked.md", "a.yaml")["age_days"]
    assert isinstance(unknown, Unknown)
    assert (
        unknown.reason == "when 'docs/untracked.md' was last changed is not known: git knows no commit of it"
    )


def test_history_is_read_once_and_only_when_asked(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    run = subprocess.Popen

    def counted(*arguments: Any, **options: Any) -> Any:
        started.append(arguments)
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", counted)
    runbooks = Runbooks(RepositoryFacts(repository, today=TODAY))
    found = [runbooks.read(f"docs/{name}.md", "a.yaml") for name in ("old", "new", "untracked")]
    assert started == []
    assert [isinstance(item["age_days"], Unknown) for item in found] == [False, False, True]
    assert len(started) == 1


def test_a_shallow_history_tells_nothing(repository: Path) -> None:
    (repository / ".git" / "shallow").write_text("")
    history = History(repository)
    assert history.changed("docs/old.md") is None
    assert history.why == "the history of git is shallow"


def test_no_git_no_ages(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    history = History(repository)
    assert history.changed("docs/old.md") is None
    assert history.why == "there is no git to read the history"


def test_history_runs_nothing_that_the_repository_asks_for(repository: Path) -> None:
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/trapped\nexit 1\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program", "diff.external"):
        git(repository, "config", key, str(trap))
    for key, value in (
        ("log.showSignature", "true"),
        ("core.hooksPath", str(repository)),
        ("pager.log", str(trap)),
    ):
        git(repository, "config", key, value)
    assert History(repository).changed("docs/old.md") == datetime.date(2026, 1, 31)
    assert not (repository / "trapped").exists()


def test_history_ends_after_its_time(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "slow"
    folder.mkdir()
    slow = folder / "git"
    slow.write_text("#!/bin/sh\nprintf '\\0011770000000\\n\\ndocs/new.md\\n'\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    history = History(repository, seconds=0.5)
    assert history.changed("docs/new.md") == datetime.date(2026, 2, 2)
    assert history.changed("docs/old.md") is None
