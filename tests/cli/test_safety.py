"""What a checked repository cannot do: run anything, reach the network or files outside, steer a terminal."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Cli

from readiness.kubernetes.charts import binary
from readiness.kubernetes.charts.worker import Setting
from readiness.repo.history import History
from readiness.sources import workers
from readiness.sources.workers import Job

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"
ABOUT = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
TRAP = "import pathlib; pathlib.Path({!r}).write_text('ran')\n"
SECRET = "text-of-a-stranger"  # in every file that lies outside of the checked repository
SECRET_FILES = {
    "objects.yaml": CONFIG.format(SECRET),
    "main.tf": f'output "{SECRET}" {{}}\n',
    "terraform.tfvars": f'name = "{SECRET}"\n',
    "runbook.md": f"# {SECRET}\n",
    "CODEOWNERS": f"* @{SECRET}\n",
    "lib/Chart.yaml": f"apiVersion: v2\nname: {SECRET}\nversion: 1.0.0\n",
    "overlay/kustomization.yaml": "resources: [objects.yaml]\n",
    "overlay/objects.yaml": CONFIG.format(SECRET),
}


@pytest.fixture
def _engine() -> None:
    pytest.importorskip("helm_python", reason="the engine of charts (readiness[helm]) is not installed")


# -- nothing is executed --------------------------------------------------------------


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize("module", ["readiness/__init__.py", "tarfile.py", "helm_python.py", "msgspec.py"])
def test_modules_of_a_repository_are_not_imported(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """The process that renders charts starts in the checked repository, where Python would look first."""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", str(cli.root))])
    cli.write({"chart/Chart.yaml": ABOUT, "chart/templates/a.yaml": CONFIG.format("a")})
    cli.write({module: TRAP.format(str(tmp_path / "trap"))})
    result = cli.run("check", "--select", "k8s-image-digest", "--no-cache", "-f", "json")
    assert result.errors == []
    assert result.report["summary"]["resources"] == 1
    assert not (tmp_path / "trap").exists()


def test_modules_of_a_repository_are_not_imported_by_parsers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where processes are spawned, each is a Python of its own that starts in the checked repository."""
    (tmp_path / "multiprocessing.py").write_text(TRAP.format(str(tmp_path / "trap")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    monkeypatch.setattr(sys, "platform", "a platform without fork")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    jobs = [Job("json", f"{index}.json", f'{{"a": {index}}}' + " " * 50_000) for index in range(4)]
    results = workers.parse_all(jobs, 2)
    assert len(results) == 4
    assert not (tmp_path / "trap").exists()
    assert "PYTHONSAFEPATH" not in os.environ


def test_the_name_of_a_release_is_no_option_of_helm(tmp_path: Path) -> None:
    program = _program(tmp_path / "helm", 'for word in "$@"; do echo "$word" >> "$0.args"; done')
    binary.render(program, b"", Setting({}, "--post-renderer=/bin/sh", "--debug"), [])
    words = (tmp_path / "helm.args").read_text().splitlines()
    assert words[-3:] == ["--", "--post-renderer=/bin/sh", "chart.tgz"]
    assert words[words.index("--namespace") + 1] == "--debug"


@pytest.mark.parametrize("name", ["a\0b", "\udcff\ud800"])
def test_a_name_that_no_program_can_be_given_is_refused(tmp_path: Path, name: str) -> None:
    program = _program(tmp_path / "helm", "exit 0")
    with pytest.raises(binary.HelmFailed, match="gave up"):
        binary.render(program, b"", Setting({}, name, "default"), [])


@pytest.mark.parametrize("where", ["helm", "git"])
def test_programs_of_a_repository_are_not_run(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("PATH", ".")
    monkeypatch.setattr("readiness.kubernetes.charts.engine.sdk", lambda: False)
    _program(cli.root / where, f"echo ran > {tmp_path / 'trap'}")
    (cli.root / ".git").mkdir()
    cli.write({"chart/Chart.yaml": ABOUT, "chart/templates/a.yaml": CONFIG.format("a")})
    result = cli.run("check", "--select", "k8s-image-digest", "--no-cache")
    assert "the engine is not installed" in " ".join(result.out.split())
    history = History(cli.root)
    assert history.changed("README.md") is None
    assert history.why == "there is no git to read the history"
    assert not (tmp_path / "trap").exists()


HOSTILE = """\
[core]
	repositoryformatversion = 1
	fsmonitor = {trap}
	pager = {trap}
	sshCommand = {trap}
	gitProxy = {trap}
	askPass = {trap}
	editor = {trap}
	alternateRefsCommand = {trap}
	hooksPath = {hooks}
[alias]
	log = !{trap}
[diff]
	external = {trap}
[diff "trap"]
	command = {trap}
	textconv = {trap}
[filter "trap"]
	clean = {trap}
	smudge = {trap}
	process = {trap}
	required = true
[gpg]
	program = {trap}
[log]
	showSignature = true
	follow = true
[pager]
	log = {trap}
[color]
	ui = always
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::{trap}
	promisor = true
	uploadpack = {trap}
[credential]
	helper = !{trap}
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("lacking", [False, True], ids=["whole", "an object is missing"])
def test_the_configuration_of_a_repository_runs_nothing(tmp_path: Path, lacking: bool) -> None:
    root = tmp_path / "repository"
    (root / "docs").mkdir(parents=True)
    (root / "docs" / "a.md").write_text("# A\n")
    (root / ".gitattributes").write_text("*.md diff=trap filter=trap\n")
    (root / "--output=x.md").write_text("# Option\n")
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "a")
    if lacking:
        tree = _git(root, "rev-parse", "HEAD:docs").strip()
        (root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    trap = _program(tmp_path / "trap", f"echo ran >> {tmp_path / 'ran'}")
    shutil.rmtree(root / ".git" / "hooks", ignore_errors=True)
    (root / ".git" / "config").write_text(HOSTILE.format(trap=trap, hooks=tmp_path))
    before = sorted(path for path in root.rglob("*") if ".git" not in path.parts)
    changed = History(root).changed("docs/a.md")
    assert (changed is not None and changed.year == 2020) or lacking
    assert not (tmp_path / "ran").exists()
    assert sorted(path for path in root.rglob("*") if ".git" not in path.parts) == before


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_does_not_look_above_the_repository(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    (tmp_path / "inner" / ".git").mkdir(parents=True)
    (tmp_path / "inner" / "a.md").write_text("# A\n")
    _git(tmp_path, "add", "-A", "-f", "inner/a.md", check=False)
    _git(tmp_path, "commit", "-q", "--allow-empty", "-m", "a")
    history = History(tmp_path / "inner")
    assert history.changed("a.md") is None
    assert history.changed("inner/a.md") is None


# -- nothing outside is read ----------------------------------------------------------


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[str]]:
    """The files and folders outside of the repository that this process opens, by their real paths."""
    outside = f"{tmp_path / 'outside'}{os.sep}"
    found: list[str] = []
    watching = True

    def hook(event: str, args: tuple[object, ...]) -> None:
        if watching and event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], (str, bytes)):
            real = os.path.realpath(os.fsdecode(args[0])) + os.sep
            if real.startswith(outside):
                found.append(real)

    sys.addaudithook(hook)  # it cannot be taken away again
    yield found
    watching = False


OVERLAY = """\
resources: [own.yaml, ../../outside/overlay, ../../outside/objects.yaml, {outside}/objects.yaml, link.yaml, folder,
  ~/objects.yaml, '..\\..\\outside\\objects.yaml']
patches: [{{path: ../../outside/objects.yaml}}, {{path: link.yaml}}]
configMapGenerator:
  - {{name: c, files: [../../outside/objects.yaml, a={outside}/objects.yaml, link.yaml]}}
  - {{name: d, envs: [../../outside/terraform.tfvars]}}
secretGenerator: [{{name: s, files: [../../outside/objects.yaml]}}]
crds: [../../outside/objects.yaml]
openapi: {{path: ../../outside/objects.yaml}}
configurations: [../../outside/objects.yaml]
components: [../../outside/overlay]
generators: [../../outside/objects.yaml]
transformers: [../../outside/objects.yaml]
validators: [../../outside/objects.yaml]
replacements: [{{path: ../../outside/objects.yaml}}]
helmGlobals: {{chartHome: ../../outside}}
helmCharts: [{{name: ../../outside/lib, valuesFile: ../../outside/objects.yaml}}]
"""
DELIVERIES = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: a}}
spec:
  source:
    repoURL: https://github.com/acme/shop
    path: chart
    helm:
      valueFiles: [../../outside/objects.yaml, {outside}/objects.yaml, $values/../outside/objects.yaml, /../outside/o.yaml]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: b}}
spec: {{source: {{path: ../outside/lib, repoURL: "https://github.com/acme/shop"}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: c}}
spec:
  chart: {{spec: {{chart: ../outside/lib, valuesFiles: [../outside/o.yaml], sourceRef: {{kind: GitRepository, name: x}}}}}}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {{name: d}}
spec: {{targets: [../outside/objects.yaml, {outside}/objects.yaml]}}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {{name: e}}
spec:
  groups:
    - name: a
      rules:
        - {{alert: A, expr: up, annotations: {{runbook_url: ../outside/runbook.md}}}}
        - {{alert: B, expr: up, annotations: {{runbook_url: "{outside}/runbook.md"}}}}
        - {{alert: C, expr: up, annotations: {{runbook_url: "docs/..%2f..%2foutside/runbook.md"}}}}
        - {{alert: D, expr: up, annotations: {{runbook_url: docs/link.md}}}}
"""
TERRAFORM = """\
module "a" {{
  source = "../../outside"
}}
module "b" {{
  source = "../module"
}}
locals {{
  a = file("../../outside/objects.yaml")
  b = templatefile("{outside}/objects.yaml", {{}})
  c = fileset("../../outside", "*")
  d = file("link.yaml")
}}
resource "helm_release" "a" {{
  name   = "a"
  chart  = "../../outside/lib"
  values = [file("link.yaml"), local.a]
}}
"""
LINKS = {
    "data.yaml": "objects.yaml",
    "CODEOWNERS": "CODEOWNERS",
    ".gitignore": "CODEOWNERS",
    "overlay/link.yaml": "objects.yaml",
    "overlay/folder": "overlay",
    "chart/values-prod.yaml": "objects.yaml",
    "chart/templates/link.yaml": "objects.yaml",
    "chart/.helmignore": "CODEOWNERS",
    "docs/link.md": "runbook.md",
    "terraform/link.tf": "main.tf",
    "terraform/link.yaml": "objects.yaml",
    "terraform/terraform.tfvars": "terraform.tfvars",
    "module/link.tf": "main.tf",
}
TEMPLATE = """\
data:
  a: {{ .Files.Get "../../outside/objects.yaml" | quote }}
  b: {{ .Files.Get "values-prod.yaml" | quote }}
  c: {{ (.Files.Glob "../../outside/*").AsConfig | quote }}
  d: {{ getHostByName "example.com" | quote }}
  e: {{ lookup "v1" "Secret" "kube-system" "" | toJson | quote }}
"""


@pytest.mark.parametrize("where", [".", "terraform"])
def test_nothing_outside_the_repository_is_read(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str], where: str
) -> None:
    outside = tmp_path / "outside"
    for name, text in SECRET_FILES.items():
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text(text)
    (cli.root / ".git").mkdir()
    cli.write(
        {
            "overlay/kustomization.yaml": OVERLAY.format(outside=outside),
            "overlay/own.yaml": CONFIG.format("own"),
            "deliveries.yaml": DELIVERIES.format(outside=outside),
            "chart/Chart.yaml": ABOUT
            + f"dependencies:\n  - {{name: {SECRET}, version: 1.0.0, repository: 'file://../../outside/lib'}}\n",
            "chart/templates/a.yaml": CONFIG.format("rendered") + TEMPLATE,
            "terraform/main.tf": TERRAFORM.format(outside=outside),
            "module/main.tf": 'output "own" {}\n',
            "docs/own.md": "# Own\n",
        }
    )
    for link, target in LINKS.items():
        (cli.root / link).symlink_to(os.path.relpath(outside / target, (cli.root / link).parent))
    (outside / "main.tf").read_bytes()
    assert opened.pop() == f"{outside / 'main.tf'}{os.sep}"
    opened.clear()
    monkeypatch.chdir(cli.root / where)
    shown = cli.run("show", "--no-cache", "--jobs", "1", "--format", "json")
    checked = cli.run("check", "--no-cache", "--jobs", "1", "--profile", "all", "-f", "json")
    named = f"{SECRET}, version"  # in the Chart.yaml of the repository itself
    assert SECRET not in shown.out.replace(named, "").replace(f'"name": "{SECRET}"', "")
    assert [e for e in checked.errors if SECRET in e[3]] == []
    assert opened == []


# -- what files say does not steer a terminal ------------------------------------------

NASTY = "\x1b[31m\u202e\r::error::x\x07"
FORMATS = ["text", "concise", "github"]


@pytest.mark.parametrize("format_", FORMATS)
def test_control_characters_of_files_are_made_visible(cli: Cli, format_: str) -> None:
    quoted = NASTY.encode("unicode_escape").decode().replace("\\x1b", "\\e")
    quoted = '"' + quoted.replace("\\u202e", "\\u202e") + '"'
    cli.write(
        {
            "overlay/kustomization.yaml": f"resources: [{quoted}, own.yaml]\nnamePrefix: {quoted}\n"
            f"images: [{{name: {quoted}, newName: {quoted}}}]\n",
            "overlay/own.yaml": CONFIG.format(quoted),
            "chart/Chart.yaml": f"apiVersion: v2\nname: {quoted}\nversion: 1.0.0\n"
            f"dependencies: [{{name: {quoted}, version: 1.0.0, repository: 'https://a'}}]\n",
            "chart/templates/a.yaml": "{{ fail " + quoted.replace("\\e", "\\x1b") + " }}\n",
            "rules.yaml": f"groups:\n  - name: {quoted}\n    rules:\n      - alert: {quoted}\n"
            f"        expr: {quoted}\n        annotations: {{runbook_url: {quoted}}}\n",
            "am.yaml": f"route: {{receiver: {quoted}}}\nreceivers:\n  - name: a\n",
            "objects.yaml": f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {quoted}}}\n"
            f"spec: {{{quoted}: 1, template: {{spec: {{serviceAccountName: {quoted}, containers: [{{name: {quoted},"
            f" image: {quoted}}}]}}}}}}\n",
        }
    )
    result = cli.run("check", "-f", format_, "--profile", "all", "--color", "never")
    assert result.status in (1, 3)
    assert not set(result.out) & set("\x1b\u202e\r\x07")
    assert not any(line.startswith("::error::x") for line in result.out.split("\n"))


# -- what is sensitive is not printed ---------------------------------------------------


@pytest.mark.usefixtures("_engine")
def test_a_release_with_sensitive_values_is_not_rendered(cli: Cli) -> None:
    cli.write(
        {
            "chart/Chart.yaml": ABOUT,
            "chart/values.yaml": "password: none\n",
            "chart/templates/a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
            "data:\n  password: {{ .Values.password | b64enc }}\n",
            "main.tf": 'variable "password" {\n  sensitive = true\n}\n\nresource "helm_release" "shop" {\n'
            '  name  = "shop"\n  chart = "./chart"\n\n  set {\n    name  = "password"\n    value = var.password\n  }\n}\n',
        }
    )
    result = cli.run("check", "--var", "password=correct-horse", "--select", "k8s-secret-manifest")
    assert "helm_release.shop is not rendered, because a part of its values is sensitive" in result.out
    shown = cli.run("show", "--var", "password=correct-horse", "Secret/*", "--format", "json")
    assert "Y29ycmVjdC1ob3JzZQ==" not in shown.out + result.out
    assert "correct-horse" not in shown.out + result.out


@pytest.mark.usefixtures("_engine")
def test_values_of_secrets_are_not_in_messages(cli: Cli) -> None:
    cli.write(
        {
            "chart/Chart.yaml": ABOUT,
            "chart/values.yaml": "db:\n  password: hunter2-chart\n",
            "chart/templates/a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
            "data:\n  password: {{ .Values.db.password | b64enc }}\n",
            "overlay/kustomization.yaml": "secretGenerator:\n  - name: b\n    literals: [password=hunter2-overlay]\n",
            "c.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\nstringData: {password: hunter2-plain}\n",
        }
    )
    result = cli.run("check", "--select", "k8s-secret-manifest", "-f", "json")
    assert [f["resource"]["address"].partition("-")[0] for f in result.findings] == [
        "Secret/c",
        "Secret/a",
        "Secret/b",
    ]
    for format_ in ("json", "sarif", "github", "concise"):
        out = cli.run("check", "--profile", "all", "-f", format_).out
        assert "hunter2" not in out
        assert "aHVudGVyMi" not in out


def _program(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def _git(root: Path, *args: str, check: bool = True) -> str:
    """Run git with no settings of the machine; commits are of the first day of 2020."""
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@b", f"GIT_{who}_DATE": "2020-01-01T00:00:00Z"}
    done = subprocess.run(["git", *args], cwd=root, env=env, capture_output=True, check=check, text=True)
    return done.stdout
