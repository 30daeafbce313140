"""Where hook and job get readiness from: addresses that are named, and what installers record."""

from __future__ import annotations

from typing import Any

import pytest

from readiness import __version__
from readiness.errors import UsageError
from readiness.onboarding import source
from readiness.onboarding.source import PLACEHOLDER, Source, find_source

HASH = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "address", "revision"),
    [
        ("https://git.example.com/a/b@v1.0.0", "https://git.example.com/a/b", "v1.0.0"),
        ("https://git.example.com:8443/a/b.git", "https://git.example.com:8443/a/b.git", f"v{__version__}"),
        (f"ssh://git@git.example.com/a/b@{HASH}", "ssh://git@git.example.com/a/b", HASH),
        ("ssh://git@git.example.com:22/a/b", "ssh://git@git.example.com:22/a/b", f"v{__version__}"),
        ("git@git.example.com:a/b.git@release/1", "git@git.example.com:a/b.git", "release/1"),
    ],
)
def test_addresses(text: str, address: str, revision: str) -> None:
    assert find_source(text) == Source(address, revision)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "readiness",
            "http://git.example.com/a",
            "https://git.example.com",
            "--upload-pack=x",
            "/tmp/x",
        ),
        *("https://git.example.com/a b", "https://git.example.com/a@", "https://git.example.com/a@-x"),
        *(
            "https://git.example.com/a\n@v1",
            'https://git.example.com/a"@v1',
            "https://git.example.com/a@v1;rm",
        ),
        "file:///x",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a git repository"):
        find_source(text)


@pytest.mark.parametrize(
    "text", ["https://u:p@git.example.com/a", "https://token@x.org/a", "ssh://u:p@x.org/a"]
)
def test_passwords_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="a user or password does not belong into files"):
        find_source(text)


class Installed:
    """A distribution with what its installer recorded."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f'{{"url": "https://git.example.com/a/b", "vcs_info": {{"vcs": "git", "commit_id": "{HASH}"}}}}',
            Source("https://git.example.com/a/b", HASH),
        ),
        ('{"url": "file:///src", "dir_info": {"editable": true}}', None),
        (f'{{"url": "file:///x", "vcs_info": {{"vcs": "git", "commit_id": "{HASH}"}}}}', None),
        ('{"url": "https://x.org/a", "vcs_info": {"vcs": "hg", "commit_id": "1"}}', None),
        ('{"url": 3, "vcs_info": {"vcs": "git"}}', None),
        ("[]", None),
        ("{", None),
        (None, None),
    ],
)
def test_what_installers_record(text: str | None, expected: Source | None, monkeypatch: Any) -> None:
    monkeypatch.setattr(source, "distribution", lambda _: Installed(text))
    assert find_source(None) == (expected or Source(PLACEHOLDER, f"v{__version__}", known=False))


def test_pins_requirements_and_schemas() -> None:
    pinned = Source("https://github.com/acme/readiness.git", HASH)
    assert (pinned.pinned, Source("https://x.org/a", "v1").pinned) == (True, False)
    assert (
        pinned.requirement("[helm]") == f"readiness[helm] @ git+https://github.com/acme/readiness.git@{HASH}"
    )
    assert Source("git@x.org:a/b", "v1").requirement() == "readiness @ git+ssh://git@x.org/a/b@v1"
    file = "src/readiness/config/settings.schema.json"
    assert pinned.schema == f"https://raw.githubusercontent.com/acme/readiness/{HASH}/{file}"
    assert Source("https://gitlab.com/a/b", "v1").schema == f"https://gitlab.com/a/b/-/raw/v1/{file}"
    assert Source("https://x.org/a", "v1").schema is None
