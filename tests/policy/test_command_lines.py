"""`flags` and `running`: which program a container runs, and with which flags."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy import cel
from readiness.policy.command_lines import CommandLines
from readiness.policy.shell_words import simple_commands
from readiness.values import Map, OpenMap, Unknown

API = "kube-apiserver"


def container(text: str) -> Map:
    """The container of a pod, from its lines in YAML."""
    image = "" if "image:" in text else "image: registry.example.com/c:v1\n"
    lines = "\n".join(f"      {line}" for line in (image + text.strip("\n")).split("\n"))
    manifest = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - name: c\n{lines}\n"
    )
    (resource,) = from_texts({"manifest.yaml": manifest}).estate.resources
    found = resource.body["spec"]["containers"][0]
    assert isinstance(found, Map)
    return found


def in_terraform(body: str) -> Map:
    """The container of a pod that Terraform declares; `var.x` has no value."""
    text = f"""
variable "x" {{}}
resource "kubernetes_pod_v1" "p" {{
  metadata {{ name = "p" }}
  spec {{
    container {{
      name = "c"
      {body}
    }}
  }}
}}
"""
    estate = from_texts({"main.tf": text}).estate
    (resource,) = estate.of_type("Pod")
    found = resource.body["spec"]["containers"][0]
    assert isinstance(found, Map)
    return found


def flags(value: Any, program: str = API) -> OpenMap | None:
    return CommandLines().flags(value, program)


RUN = {
    "command": "command: [kube-apiserver, --v=2]",
    "path": "command: [/usr/local/bin/kube-apiserver, --v=2]",
    "args": "command: [kube-apiserver]\nargs: [--v=2]",
    "args alone": "args: [kube-apiserver, --v=2]",
    "runner": "command: [/go-runner, --log-file=/var/log/a.log, --also-stdout=false]\nargs: [kube-apiserver, --v=2]",
    "hyperkube": "command: [/hyperkube, kube-apiserver, --v=2]",
    "tini": "command: [tini, --, kube-apiserver, --v=2]",
    "a starter that is not known": "command: [/opt/run, --retry=3, --, kube-apiserver, --v=2]",
    "script file": "command: [/entrypoint.sh, kube-apiserver, --v=2]",
    "image and arguments": "image: registry.k8s.io/kube-apiserver:v1.34.2\nargs: [--v=2]",
    "image by digest": "image: kube-apiserver@sha256:00\nargs: [--v=2]",
    "image for one architecture": "image: k8s.gcr.io/kube-apiserver-amd64:v1.15.0\nargs: [--v=2]",
    "image and an empty command": "image: registry.k8s.io/kube-apiserver:v1.34.2\ncommand: []\nargs: [--v=2]",
    "shell": "command: [/bin/sh, -c, kube-apiserver --v=2]",
    "shell with exec": "command: [/bin/bash, -ec, 'exec /usr/local/bin/kube-apiserver --v=2']",
    "script in args": "command: [sh, -c]\nargs: ['kube-apiserver --v=2 1>>/var/log/a.log 2>&1']",
    "options of the shell": "command: [bash, -o, pipefail, -c, 'kube-apiserver --v=2 | tee /tmp/log']",
    "shell behind a starter": "command: [tini, --, sh, -c, 'kube-apiserver --v=2']",
    "user": "command: [su, etcd, -s, /bin/sh, -c, 'kube-apiserver --v=2']",
    "several lines": "command:\n  - sh\n  - -c\n  - |\n    set -e\n    exec kube-apiserver \\\n      --v=2\n",
    "after another command": "command: [sh, -c, 'mkdir -p /a && A=b kube-apiserver --v=2']",
    "in a condition": "command: [sh, -c, 'if true; then kube-apiserver --v=2; fi']",
    "watched": "command: [bash, -ec, 'exec watch-termination --proc=a -- hyperkube kube-apiserver --v=2']",
    "quoted": 'command: [sh, -c, "kube-apiserver --v=2"]',
}


@pytest.mark.parametrize("text", RUN.values(), ids=RUN)
def test_the_program_is_recognised(text: str) -> None:
    found = flags(container(text))
    assert found is not None
    assert dict(found) == {"v": "2"}
    assert found.rest is None


OTHER = {
    "nothing": "image: registry.k8s.io/kube-apiserver:v1.34.2",
    "another program": "command: [/app/server, --v=2]",
    "name in a value": "command: [/app/server, --upstream=kube-apiserver]",
    "name as a value": "command: [/app/server, --upstream, kube-apiserver, --v=2]",
    "name in a path": "command: [/kube-apiserver/proxy, --v=2]",
    "longer name": "command: [kube-apiserver-proxy, --v=2]",
    "echo": "command: [sh, -c, 'echo kube-apiserver --v=2']",
    "pgrep": "command: [sh, -c, 'pgrep -f kube-apiserver --v=2']",
    "systemctl with sudo": "command: [sh, -c, 'sudo systemctl restart kube-apiserver']",
    "journal": "command: [nsenter, -t, '1', --, journalctl, -u, kube-apiserver, --follow]",
    "comment": 'command: [sh, -c, "# kube-apiserver --v=2\\nsleep 1"]',
    "in a text": "command: [sh, -c, \"sleep 1 'kube-apiserver --v=2'\"]",
    "a command of the program": "command: [kube-apiserver, check, --v=2]",
    "version": "command: [kube-apiserver, --version]",
    "help": "image: kube-apiserver:v1\nargs: [--help]",
    "image with a command": "image: registry.k8s.io/kube-apiserver:v1\ncommand: [/app]\nargs: [--v=2]",
    "image with a word": "image: registry.k8s.io/kube-apiserver:v1\nargs: [run, --v=2]",
    "another image": "image: registry.example.com/kube-apiserver/proxy:v1\nargs: [--v=2]",
}


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_another_program_has_no_flags(text: str) -> None:
    assert flags(container(text)) is None


@pytest.mark.parametrize("value", [None, "kube-apiserver --v=2", Map()])
def test_what_is_no_container_has_no_flags(value: Any) -> None:
    assert flags(value) is None


VALUES: dict[str, tuple[str, dict[str, str]]] = {
    "bare": ("--profiling", {"profiling": "true"}),
    "bare before another": ("--profiling, --v=2", {"profiling": "true", "v": "2"}),
    "two items": ("--bind-address, 127.0.0.1, --v=2", {"bind-address": "127.0.0.1", "v": "2"}),
    "dash as a value": ("--audit-log-path, '-'", {"audit-log-path": "-"}),
    "negative number": ("--gc, '-1'", {"gc": "-1"}),
    "number in YAML": ("--port, 6443", {"port": "6443"}),
    "empty": ("--audit-log-path=", {"audit-log-path": ""}),
    "one dash": ("-v=2", {"v": "2"}),
    "equals in a value": ("--feature-gates=A=true", {"feature-gates": "A=true"}),
    "underscores": ("--audit_log_path=/a", {"audit-log-path": "/a"}),
    "quotes": ("'--profiling=\"false\"'", {"profiling": "false"}),
    "the last one wins": ("--profiling=true, --profiling=false", {"profiling": "false"}),
    "lists add up": ("--feature-gates=A=true, --feature-gates, B=false", {"feature-gates": "A=true,B=false"}),
    "after two dashes": ("--v=2, --, --profiling=false", {"v": "2"}),
    "dollar in a pattern": ("--cors=^a$", {"cors": "^a$"}),
}


@pytest.mark.parametrize(("args", "expected"), VALUES.values(), ids=VALUES)
def test_values(args: str, expected: dict[str, str]) -> None:
    found = flags(container(f"command: [kube-apiserver, {args}]"))
    assert found is not None
    assert dict(found) == expected


def test_a_list_of_one_program_is_a_text_of_another() -> None:
    twice = "[--authorization-mode=Node, --authorization-mode=RBAC]"
    joined = flags(container(f"command: [kube-apiserver]\nargs: {twice}"))
    assert joined is not None
    assert joined["authorization-mode"] == "Node,RBAC"
    last = flags(container(f"command: [kubelet]\nargs: {twice}"), "kubelet")
    assert last is not None
    assert last["authorization-mode"] == "RBAC"


UNKNOWN: dict[str, tuple[str, tuple[str, ...], bool]] = {
    # what stands in the container, what an unknown value waits for, whether absent flags are unknown
    "variable of Kubernetes": ("command: [kube-apiserver, --profiling=$(P)]", ("$(P)",), False),
    "template": ("command: [kube-apiserver, '--profiling=${P}']", ("${P}",), False),
    "placeholder": ("command: [kube-apiserver, '--profiling={{ p }}']", ("{{ p }}",), False),
    "variable of the shell": ("command: [sh, -c, 'kube-apiserver --profiling=$P']", ("$P",), False),
    "in double quotes": ("command: [sh, -c, 'kube-apiserver --profiling=\"$P\"']", ("$P",), False),
    "command in a script": ("command: [sh, -c, 'kube-apiserver --profiling=$(cat p)']", ("$(cat p)",), False),
    "value that may be a flag": ("command: [kube-apiserver, --profiling, $(P)]", ("$(P)",), True),
}


@pytest.mark.parametrize(("text", "refs", "rest"), UNKNOWN.values(), ids=UNKNOWN)
def test_values_that_are_not_known(text: str, refs: tuple[str, ...], rest: bool) -> None:
    found = flags(container(text))
    assert found is not None
    value = found["profiling"]
    assert isinstance(value, Unknown)
    assert value.refs == refs
    assert value.not_null
    assert (found.rest is not None) is rest


def test_a_value_of_which_the_beginning_is_known() -> None:
    found = flags(container("command: [kube-apiserver, --bind-address=127.0.0.$(N)]"))
    assert found is not None
    assert found["bind-address"].prefix == "127.0.0."


REST = {
    "argument": "command: [kube-apiserver, --v=2, $(MORE)]",
    "all arguments of a script": "command: [sh, -c, 'kube-apiserver --v=2 \"$@\"']",
    "part of a name": "command: [kube-apiserver, --v=2, '--${NAME}=a']",
}


@pytest.mark.parametrize("text", REST.values(), ids=REST)
def test_absence_is_not_guessed(text: str) -> None:
    found = flags(container(text))
    assert found is not None
    assert found["v"] == "2"
    assert isinstance(found["profiling"], Unknown)
    assert isinstance(found.get("profiling"), Unknown)
    assert "profiling" in found


NO_REST = {
    "value of a name": "command: [etcd, --name, $(POD_NAME), --v=2]",
    "value in a script": "command: [sh, -c, 'etcd --data-dir ${DIR} --v=2']",
    "folder of a path": "command: [etcd, --v=2, --trusted-ca, 'pki/$(CA)']",
}


@pytest.mark.parametrize("text", NO_REST.values(), ids=NO_REST)
def test_a_value_is_no_flag(text: str) -> None:
    found = flags(container(text), "etcd")
    assert found is not None
    assert found["v"] == "2"
    assert found.get("auto-tls") is None
    assert "auto-tls" not in found


TERRAFORM: dict[str, tuple[str, Any, bool]] = {
    "value": ('command = ["kube-apiserver", "--profiling=${var.x}"]', Unknown, False),
    "argument": ('command = ["kube-apiserver", "--profiling=false", var.x]', "false", True),
    "arguments": ('command = ["kube-apiserver"]\nargs = var.x', Unknown, True),
    "script": ('command = ["sh", "-c", "kube-apiserver --profiling=false --v=${var.x} --a"]', "false", True),
    "folder": ('command = ["${var.x}/kube-apiserver", "--profiling=false"]', "false", False),
    "tag": (
        'image = "registry.k8s.io/kube-apiserver:${var.x}"\nargs = ["--profiling=false"]',
        "false",
        False,
    ),
    "registry": ('image = "${var.x}/kube-apiserver:v1"\nargs = ["--profiling=false"]', "false", False),
    "command of the image": (
        'image = "a/kube-apiserver:v1"\ncommand = var.x\nargs = ["--profiling"]',
        "true",
        True,
    ),
}


@pytest.mark.parametrize(("body", "expected", "rest"), TERRAFORM.values(), ids=TERRAFORM)
def test_unknowns_of_terraform(body: str, expected: Any, rest: bool) -> None:
    found = flags(in_terraform(body))
    assert found is not None
    value = found["profiling"]
    if expected is Unknown:
        assert isinstance(value, Unknown)
        assert value.refs == ("var.x",)
    else:
        assert value == expected
    assert (found.rest is not None) is rest


@pytest.mark.parametrize("body", ["command = var.x", "command = [var.x]", 'image = var.x\nargs = ["--v=2"]'])
def test_a_program_that_nothing_names_is_another(body: str) -> None:
    assert flags(in_terraform(body)) is None


def test_a_script_that_starts_the_program_in_two_ways() -> None:
    script = "if a; then exec kube-apiserver --v=2 --a=1; else exec kube-apiserver --v=2 --a=2 --b; fi"
    found = flags(container(f"command: [sh, -c, '{script}']"))
    assert found is not None
    assert found["v"] == "2"
    assert isinstance(found["a"], Unknown)
    assert isinstance(found["b"], Unknown)
    assert found.get("c") is None


def test_flags_of_etcd_in_its_environment() -> None:
    found = flags(
        container(
            """
command: [etcd, --name=a]
env:
  - {name: ETCD_NAME, value: b}
  - {name: ETCD_AUTO_TLS, value: "true"}
  - {name: ETCD_CERT_FILE, valueFrom: {configMapKeyRef: {name: etcd, key: cert}}}
  - {name: ETCD_KEY_FILE, value: $(KEY)}
  - {name: ETCD_DATA_DIR, value: ""}
  - {name: OTHER, value: c}
"""
        ),
        "etcd",
    )
    assert found is not None
    assert (found["name"], found["auto-tls"]) == ("a", "true")
    assert found["cert-file"].refs == ("ETCD_CERT_FILE",)
    assert found["key-file"].refs == ("$(KEY)",)
    assert sorted(found) == ["auto-tls", "cert-file", "key-file", "name"]
    assert found.value_spans["auto-tls"].line == 11
    other = flags(container("command: [kubelet, --v=2]\nenv: [{name: ETCD_NAME, value: b}]"), "kubelet")
    assert other == {"v": "2"}


def test_an_environment_from_elsewhere_may_hold_any_flag_of_etcd() -> None:
    found = flags(container("command: [etcd]\nenvFrom: [{configMapRef: {name: etcd}}]"), "etcd")
    assert found is not None
    assert isinstance(found["cert-file"], Unknown)


def test_places() -> None:
    text = """
command:
  - kube-apiserver
  - --v=2
  - --bind-address
  - 127.0.0.1
  - --profiling=true
  - --profiling=false
  - --feature-gates=A=true
  - --feature-gates=B=true
"""
    found = flags(container(text))
    assert found is not None
    lines = {name: span.line for name, span in found.value_spans.items()}
    assert lines == {"v": 10, "bind-address": 11, "profiling": 14, "feature-gates": 15}
    assert found.span is not None
    assert found.span.line == 8


@pytest.mark.parametrize(
    ("condition", "line"),
    [
        ('flags(item, "kube-apiserver")["v"] == "3"', 10),
        ('flags(item, "kube-apiserver").profiling == false', 8),
    ],
)
def test_what_a_condition_blames(condition: str, line: int) -> None:
    item = container("command:\n  - kube-apiserver\n  - --v=2")
    program = cel.compile(condition, functions={"flags"}, variables={"item"})
    hosts = {"flags": CommandLines().flags}
    assert program.evaluate({"item": item}, hosts) is False
    assert [blame.span.line for blame in program.blame({"item": item}, hosts) if blame.span] == [line]


@pytest.mark.parametrize(
    "condition",
    [
        'flags(item, "kube-apiserver").profiling == false',
        'flags(item, "kube-apiserver")["profiling"] == null',
        'has(flags(item, "kube-apiserver").profiling)',
        '"profiling" in flags(item, "kube-apiserver")',
        'flags(item, "kube-apiserver").?profiling.orValue("") == ""',
    ],
)
def test_conditions_do_not_guess_absence(condition: str) -> None:
    item = container("command: [kube-apiserver, $(MORE)]")
    program = cel.compile(condition, functions={"flags"}, variables={"item"})
    assert isinstance(program.evaluate({"item": item}, {"flags": CommandLines().flags}), Unknown)


def test_running() -> None:
    manifest = """
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - {name: proxy, image: kube-apiserver-proxy}
    - {name: api, command: [kube-apiserver, --v=2]}
---
apiVersion: v1
kind: Service
metadata: {name: s}
"""
    pod, service = from_texts({"manifest.yaml": manifest}).estate.resources
    lines = CommandLines()
    found = lines.running(pod, API)
    assert [one["name"] for one in found] == ["api"]
    assert pod.workload is not None
    assert found[0] is pod.workload.containers[1]
    assert lines.running(pod, "kubelet") == []
    assert lines.running(service, API) == []
    assert lines.running(None, API) == []


def test_each_container_has_its_own_answer() -> None:
    lines = CommandLines()
    for number in range(200):
        found = lines.flags(Map({"command": [], "args": None, "name": number}), API)
        assert found is None
    first, second = container("command: [etcd, --v=1]"), container("command: [etcd, --v=2]")
    assert [lines.flags(one, "etcd") for one in (first, second, first)] == [
        {"v": "1"},
        {"v": "2"},
        {"v": "1"},
    ]


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("a b; c && d || e & f | g", [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a >b 2>&1 <c d", [["a", "d"]]),
        ("X=1 Y='2 3' a X=4", [["a", "X=4"]]),
        ("while true; do a; done", [["true"], ["a"]]),
        ("f() { a; }", [["f"], ["a"]]),
        ("a # b\nc", [["a"], ["c"]]),
        ("a b#c", [["a", "b#c"]]),
        ("a $(b c) `d e` ${f g}", [["a", "$(b c)", "`d e`", "${f g}"]]),
        ("a \\\n  b", [["a", "b"]]),
        ('a "b', [["a", "b"]]),
        ("", []),
    ],
)
def test_simple_commands(script: str, commands: list[list[str]]) -> None:
    assert [[word.text for word in command] for command in simple_commands(script)] == commands


@pytest.mark.parametrize(
    ("word", "known"),
    [("a", None), ("a$B", 1), ('"a$B"', 1), ("'a$B'", None), ("'a$(B)'", 1), ("a\\$B", None), ("{{ a }}", 0)],
)
def test_what_is_known_of_a_word(word: str, known: int | None) -> None:
    ((found,),) = simple_commands(word)
    assert found.known == known


def test_a_long_script_is_read_in_linear_time() -> None:
    script = "kube-apiserver " + "$(" * 20_000 + "'" + '"' * 20_001
    assert flags(Map({"command": ["sh", "-c", script]})) is None


@pytest.mark.parametrize(
    "text",
    [
        "args: [--kubelet-service=kube-system/kubelet, --v=2]",
        "image: quay.io/prometheus-operator/prometheus-operator:v0.93.1\nargs: [--kubelet-service=a/kubelet]",
        "command: [tini, --pidfile=/run/kubelet, --v=2]",
    ],
)
def test_the_value_of_a_flag_is_no_program(text: str) -> None:
    assert flags(container(text), "kubelet") is None
