"""Rendering with a `helm` program, where the SDK is not installed.

The program sees an archive in a folder of its own, no cluster, no settings and no plugins of the user.
What it prints has no marks, as it sorts objects by their kind: they point to their templates.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readiness.kubernetes.charts.worker import Setting

_SOURCE = re.compile(r"^---\n# Source: (\S+)\n", re.MULTILINE)
_SECONDS = 60


class HelmFailed(Exception):
    """What Helm says of a chart that it does not render."""


def render(program: str, archive: bytes, setting: Setting, api_versions: list[str]) -> dict[str, str]:
    """What each template gives, by its path in the chart.

    Raises:
        HelmFailed: the chart does not render.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "chart.tgz").write_bytes(archive)
        Path(folder, "values.json").write_text(json.dumps(setting.values), encoding="utf-8")
        homes = {
            f"HELM_{name}": str(Path(folder, name)) for name in ("CONFIG_HOME", "CACHE_HOME", "DATA_HOME")
        }
        options = ["--namespace", setting.namespace, "--values", "values.json"]
        if setting.kube_version:
            options += ["--kube-version", setting.kube_version]
        options += [f"--api-versions={version}" for version in api_versions]
        try:
            done = subprocess.run(
                # What follows `--` is no option: a release may be called `--post-renderer=...`.
                [program, "template", *options, "--", setting.release, "chart.tgz"],
                cwd=folder,
                env={
                    **homes,
                    "HELM_PLUGINS": folder,
                    "KUBECONFIG": os.devnull,
                    "HOME": folder,
                    "PATH": os.defpath,
                },
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise HelmFailed(f"the program {program} gave up: {error}") from None
    if done.returncode != 0:
        raise HelmFailed(done.stderr.decode("utf-8", "replace").removeprefix("Error: ").strip())
    return _by_template(done.stdout.decode("utf-8", "replace"))


def _by_template(text: str) -> dict[str, str]:
    """The documents of a stream by the template that each is said to come from."""
    found: dict[str, str] = {}
    matches = list(_SOURCE.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)][: len(matches)]
    for match, end in zip(matches, ends, strict=True):
        document = text[match.end() : end]
        found[match[1]] = found.get(match[1], "") + f"---\n{document}"
    return found
