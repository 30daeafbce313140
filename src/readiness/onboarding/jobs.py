"""The CI job: a workflow of GitHub Actions, or a job for GitLab."""

from __future__ import annotations

import re

from readiness.onboarding.blocks import Outline, outline, with_entry
from readiness.onboarding.source import Source
from readiness.onboarding.texts import written

WORKFLOW = ".github/workflows/readiness.yml"
GITLAB = ".gitlab-ci.yml"
RUNS = re.compile(r"^(?!\s*#).*(?:\breadiness[\"']? check\b|\buses:\s*\S+/readiness@)", re.MULTILINE)
"""A line of CI configuration that runs the gate."""

_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
# The image of ci/gitlab.yml, which has git.
_IMAGE = "python:3.12@sha256:e5931cdb4a8cec0ad083277c16a39114f14123b8b6c858c8c9689b677789975c"
_STAGES = ("test", "lint", "validate", "check", "checks", "verify", "quality")


def _extra(charts: bool) -> str:
    return "[helm]" if charts else ""


def _origin(source: Source) -> list[str]:
    """What a person should know of where readiness comes from."""
    if not source.known:
        return [
            "Put the address of the repository of readiness here, and a full commit hash behind the last @."
        ]
    if not source.pinned:
        return ["A tag can be moved: put the full commit hash of this release behind the @."]
    return []


def workflow(source: Source, branch: str, baseline: str | None, charts: bool) -> str:
    """A whole file for GitHub Actions: with the action of readiness where it is on GitHub, else with pip."""
    action = source.action if source.known else None
    steps = _pip(source, baseline, charts) if action is None else _action(action, source, baseline)
    return f"""\
# Fails when something is not production-ready: readiness.yaml says from which severity on.
name: readiness
on:
  pull_request:
  push:
    branches: [{written(branch)}]
permissions:
  contents: read
jobs:
  readiness:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: {_CHECKOUT}
        with:
          # With the history, pull requests are held against their base: what is new or worse gates.
          fetch-depth: 0
          persist-credentials: false
{steps}"""


def _action(action: str, source: Source, baseline: str | None) -> str:
    remarks = "".join(f"      # {line}\n" for line in _origin(source))
    options = f"        with:\n          args: --baseline {baseline}\n" if baseline else ""
    return f"{remarks}      - uses: {action}@{source.revision}\n{options}"


def _pip(source: Source, baseline: str | None, charts: bool) -> str:
    options = "--format github" + (f" --baseline {baseline}" if baseline else "")
    remarks = "".join(f"          # {line}\n" for line in _origin(source))
    return f"""\
      - name: Install
        env:
{remarks}          READINESS: {written(source.requirement(_extra(charts)))}
        run: |
          python3 -m venv "$RUNNER_TEMP/readiness"
          "$RUNNER_TEMP/readiness/bin/pip" install --quiet "$READINESS"
      - name: Check
        env:
          BASE: ${{{{ github.event.pull_request.base.sha }}}}
          FROM: ${{{{ github.event.pull_request.head.repo.full_name }}}}
        run: |
          set -- {options}
          if [ -n "$BASE" ]; then set -- "$@" --diff-base "$BASE"; fi
          # What comes from another repository does not decide about its own gate.
          if [ -n "$BASE" ] && [ "$FROM" != "$GITHUB_REPOSITORY" ]; then set -- "$@" --trust-base "$BASE"; fi
          "$RUNNER_TEMP/readiness/bin/readiness" check "$@"
"""


def gitlab_job(source: Source, baseline: str | None, charts: bool, stage: str | None = None) -> str:
    """A job for `.gitlab-ci.yml`."""
    reports = "--report gitlab=gl-code-quality-report.json --report junit=readiness.xml"
    options = reports + (f" --baseline {baseline}" if baseline else "")
    remarks = "".join(f"    # {line}\n" for line in _origin(source))
    return f"""\
# Fails when something is not production-ready: readiness.yaml says from which severity on.
readiness:
  stage: {written(stage or "test")}
  image: {_IMAGE}
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    # With the history, merge requests are held against their base: what is new or worse gates.
    GIT_DEPTH: "0"
{remarks}    READINESS: {written(source.requirement(_extra(charts)))}
  script:
    - python3 -m venv /tmp/readiness
    - /tmp/readiness/bin/pip install --quiet "$READINESS"
    - |
      set -- {options}
      if [ -n "${{CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}}" ]; then
        git fetch --quiet origin "refs/heads/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
        base="$(git rev-parse FETCH_HEAD)"
        set -- "$@" --diff-base "$base"
        # What comes from another project does not decide about its own gate.
        if [ "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID" != "$CI_MERGE_REQUEST_PROJECT_ID" ]; then
          set -- "$@" --trust-base "$base"
        fi
      fi
      /tmp/readiness/bin/readiness check "$@"
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
      junit: readiness.xml
"""


def stage_of(before: Outline) -> str | None:
    """The stage of a new job; None where the one that GitLab takes by itself (`test`) is there.

    `.pre` runs before all others and is always there: https://docs.gitlab.com/ci/yaml/#stage-pre
    """
    stages = before.nodes.get("stages")
    if stages is None or stages.id != "sequence":
        return None
    names = [item.value for item in stages.value if item.id == "scalar"]
    if "test" in names:
        return None
    return next((name for name in _STAGES if name in names), ".pre")


def with_job(text: str, source: Source, baseline: str | None, charts: bool) -> str | None:
    """A configuration of GitLab with our job at its end; None where it is not certain how to add it."""
    before = outline(text)
    if before is None:
        return None
    return with_entry(before, gitlab_job(source, baseline, charts, stage_of(before)))
