"""`Dockerfile`: what it may say; that stage one has all that a wheel needs is a matter of `test_hooks.py`."""

from __future__ import annotations

import re

from tests.ci.conftest import ROOT, copied

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [line for line in TEXT.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
STAGES = [at for at, line in enumerate(INSTRUCTIONS) if line.startswith("FROM ")]


def test_both_stages_are_one_image_by_its_digest() -> None:
    images = [line.split()[1] for line in INSTRUCTIONS if line.startswith("FROM ")]
    assert len(images) == 2 and len(set(images)) == 1
    assert re.fullmatch(r"python:3\.12-slim@sha256:[0-9a-f]{64}", images[0])


def test_who_runs_what() -> None:
    final = INSTRUCTIONS[STAGES[1] :]
    assert "USER 65532:65532" in final
    assert 'ENTRYPOINT ["readiness"]' in final
    assert "WORKDIR /work" in final
    assert any("READINESS_CACHE_DIR=/tmp/readiness" in line for line in final if line.startswith("ENV "))
    # After the user is set nothing is done as root, and nothing is copied that root may change.
    assert not any(
        line.startswith(("RUN ", "COPY ", "ADD ")) for line in final[final.index("USER 65532:65532") :]
    )


def test_the_last_stage_has_no_compiler_and_no_installer() -> None:
    final = " ".join(INSTRUCTIONS[STAGES[1] :])
    for word in ("gcc", "build-essential", "pip", "curl", "wget"):
        assert not re.search(rf"\b{word}\b", final), word
    assert "--only-binary=:all:" in " ".join(INSTRUCTIONS[: STAGES[1]])
    assert "ADD " not in final


def left_out(path: str) -> bool:
    """Whether `.dockerignore` leaves a path out: the last line that matches it or a folder above decides.

    Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    parts = path.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    verdict = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
            if any(re.fullmatch(pattern, one) for one in above):
                verdict = not line.startswith("!")
    return verdict


def test_what_is_copied_is_sent() -> None:
    assert copied() == ["pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src", "policies"]
    for name in copied():
        assert (ROOT / name).exists()
        assert not left_out(name), name
    for name in ("src/readiness/cli/main.py", "policies/controls.yaml"):
        assert not left_out(name), name
    for name in (
        ".git/config",
        "tests/conftest.py",
        "src/readiness/_data/policies.bundle",
        ".env",
        "docs/ci.md",
    ):
        assert left_out(name), name
