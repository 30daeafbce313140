"""The built-in policies: each loads, proves itself, and reads well."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from readiness import __version__
from readiness.engine.proofs import prove_policy
from readiness.policy.bundle import builtin_folder, load_builtin
from readiness.policy.claims import needless, read_shared, unimplemented, wrong_claims
from readiness.policy.controls import load_controls
from readiness.policy.loader import DATA_FILES, load_file
from readiness.policy.locating import Locator
from readiness.policy.model import Policy
from readiness.policy.packs import Place

FOLDER = builtin_folder()
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name not in DATA_FILES)
IDS = [path.stem for path in FILES]
CONTROLS = frozenset(load_controls(FOLDER))
SHARED = read_shared(FOLDER)
LOCATOR = Locator([Place("built-in", FOLDER, "policies")])
PLATFORMS = {path.name for path in FOLDER.iterdir() if path.is_dir()}


def version(text: str) -> list[int]:
    """A version as numbers that order."""
    return [int(part) for part in text.split(".")]


@functools.cache
def loaded(path: Path) -> Policy:
    """The policy of a file."""
    return load_file(path, f"policies/{path.relative_to(FOLDER).as_posix()}", CONTROLS)


def test_there_are_policies() -> None:
    assert len(FILES) >= 80
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_proofs(path: Path) -> None:
    policy = loaded(path)
    assert policy.examples.pass_
    assert policy.examples.fail
    problems = prove_policy(policy, LOCATOR).problems
    assert [f"{p.path}:{p.line}:{p.column}: {p.message}" for p in problems] == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_form(path: Path) -> None:
    policy = loaded(path)
    assert len(path.relative_to(FOLDER).parts) == 3, "the place is policies/<platform>/<topic>/<id>.yaml"
    assert policy.control in CONTROLS
    assert policy.title[0].isupper()
    assert not policy.title.endswith(".")
    assert policy.remediation.endswith((".", "```", ")", ":", "`")), (
        "the remediation ends in the middle of a sentence"
    )
    assert policy.remediation.count("```") % 2 == 0
    # What is said of the estate as a whole names no resource.
    named = r"\{" if policy.on == "estate" else r"\{(address|item|name|object)\b"
    assert re.search(named, policy.message), "the message does not say what it is about"
    assert not policy.message.endswith(".")
    assert all(reference.startswith("https://") for reference in policy.references)
    assert policy.since and version(policy.since) <= version(__version__)
    if (
        version(policy.since) > version("0.1.0")
        and policy.default
        and policy.severity in ("critical", "high")
    ):
        assert policy.warn_until, "what a release adds to the gate is advisory at first"
    assert "TODO" not in path.read_text(encoding="utf-8")


def test_names_are_a_policys_own() -> None:
    wrong = wrong_claims(load_builtin(), shared=SHARED)
    assert [f"{claim.policy.path}: {claim.message}" for claim in wrong] == []


def test_aliases_that_are_shared_have_a_reason() -> None:
    assert needless(load_builtin(), SHARED) == []


def test_every_control_has_a_policy() -> None:
    assert unimplemented(CONTROLS, load_builtin()) == []


def test_the_bundle_is_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_CACHE_DIR", str(tmp_path))
    made = load_builtin()
    assert list(tmp_path.glob("policies-*.bundle"))
    monkeypatch.setattr("readiness.policy.bundle._load", None)  # nothing is read from files again
    assert load_builtin() == made
    assert [policy.id for policy in made] == sorted(IDS)
