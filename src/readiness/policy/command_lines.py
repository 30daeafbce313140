"""`running` and `flags`: which containers run a program, and with which flags.

A program is recognised by the words of `command` and `args`: as the first of them (with any path), behind
what only starts it (`go-runner`, `hyperkube`, `tini`, `exec`), in the script of a shell, and by the image
where there are only arguments.  Sources: https://kubernetes.io/docs/tasks/inject-data-application/ for how
`command`, `args` and `$(NAME)` make the command line, https://pkg.go.dev/github.com/spf13/pflag and
https://etcd.io/docs/latest/op-guide/configuration/ for flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from readiness.estate.model import Resource
from readiness.policy.shell_words import simple_commands
from readiness.values import List, Map, OpenMap, Span, Unknown, maps

_KEPT = 64
_SHELLS = frozenset({"sh", "ash", "bash", "dash", "ksh", "zsh", "su", "runuser"})
_STARTERS = frozenset(
    {"busybox", "catatonit", "chroot", "chrt", "command", "doas", "dumb-init", "env", "exec", "flock", "gosu"}
    | {"hyperkube", "ionice", "nice", "nohup", "nsenter", "numactl", "runsv", "setpriv", "setsid", "stdbuf"}
    | {"strace", "su-exec", "sudo", "taskset", "time", "timeout", "tini", "unshare", "watch-termination"}
)
_OTHERS = frozenset(
    {"cat", "crictl", "docker", "echo", "grep", "journalctl", "kill", "killall", "kubectl", "man", "pgrep"}
    | {"pidof", "pkill", "printf", "ps", "service", "systemctl", "test", "type", "which"}
)
"""Programs that take the name of another one and do not start it."""
_SCRIPT = re.compile(r"-[A-Za-z]*c")
_FLAG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_FILLED_IN = re.compile(r"\$[({A-Za-z_]|\{\{")
_SHOWN = re.compile(r"\$\([^()]*\)?|\$\{[^{}]*\}?|\$\w+|\$.?|`[^`]*`?|\{\{.*?(?:\}\}|$)", re.DOTALL)
_VALUED = re.compile(r"(?:^|-)(?:address|cluster-state|cluster-token|dir|file|kubeconfig|name|servers|urls)$")
"""No flag with such an ending is a switch, so the next argument is its value."""
_MERGED = frozenset({"feature-gates", "runtime-config", "tls-cipher-suites", "vmodule"})
_LISTS = {
    "kube-apiserver": _MERGED
    | {"admission-control", "api-audiences", "authorization-mode", "disable-admission-plugins"}
    | {"enable-admission-plugins", "etcd-servers", "etcd-servers-overrides", "service-account-issuer"}
    | {"service-account-key-file", "tls-sni-cert-key"},
    "kube-controller-manager": _MERGED | {"controllers"},
    "kube-scheduler": _MERGED,
    "kubelet": _MERGED | {"allowed-unsafe-sysctls", "cluster-dns", "node-labels", "register-with-taints"},
}
"""Flags whose values add up when they are given again; of all others the last one holds.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/
"""
_VARIABLES = {"etcd": "ETCD_"}
"""Programs that take a flag from a variable with such a beginning where the command line lacks it."""


class _Argument(Struct, frozen=True):
    """One argument: its text, as many characters of it as are known, and why no more are.

    `ending` is what it is known to end with.
    """

    text: str
    span: Span | None = None
    known: int | None = None
    why: Unknown | None = None
    ending: str = ""

    @property
    def beginning(self) -> str:
        """The text as far as it is known."""
        return self.text if self.known is None else self.text[: self.known]

    @property
    def program(self) -> str:
        """The name of the program that this runs, without its folder; empty for a flag."""
        return "" if self.beginning.startswith("-") else (self.ending or self.text).rpartition("/")[2]

    def is_flag(self) -> bool:
        """Whether this is written as a flag, or may be one."""
        return _FLAG.match(self.beginning) is not None or self.known == 0

    def unknown(self, after: int = 0) -> Unknown:
        """This argument from a position on, as a value that is not known."""
        prefix = self.beginning[after:]
        if self.why is not None:
            return Unknown(self.why.reason, self.why.refs, self.why.span or self.span, True, prefix)
        match = _SHOWN.search(self.text, self.known or 0)
        shown = match[0] if match else self.text
        reason = f"what {shown} stands for is only known when the container starts"
        return Unknown(reason, (shown,), self.span, True, prefix)


class CommandLines:
    """The command lines of containers, each looked into once for every program that is asked for."""

    def __init__(self) -> None:
        self._resource: Resource | None = None
        self._containers: Any = None
        self._words = ""
        self._none = List()
        self._running: dict[str, List] = {}
        self._flags: dict[int, tuple[Map, dict[str, OpenMap | None]]] = {}

    def running(self, resource: Resource | None, program: Any) -> List:
        """The `containers` of a workload that run a program."""
        if resource is not self._resource:
            workload = resource.workload if resource is not None else None
            self._resource, self._running = resource, {}
            self._containers = workload.containers if workload is not None else None
            self._words = "\n".join(_words(container) for container in maps(self._containers))
        if not isinstance(program, str) or program not in self._words:
            return self._none
        if program not in self._running:
            found = [one for one in maps(self._containers) if self.flags(one, program) is not None]
            self._running[program] = List(found)
        return self._running[program]

    def flags(self, container: Any, program: Any) -> OpenMap | None:
        """The flags with which a container runs a program, by their names without dashes; else null."""
        if not isinstance(container, Map) or not isinstance(program, str):
            return None
        held = self._flags.get(id(container))
        if held is None or held[0] is not container:
            if len(self._flags) >= _KEPT:
                self._flags.clear()
            held = self._flags[id(container)] = (container, {})
        if program not in held[1]:
            held[1][program] = _flags(container, program) if program in _words(container) else None
        return held[1][program]


def _words(container: Map) -> str:
    """Everything in which the name of a program may stand."""
    found = [_text(container.get("image"))]
    for field in ("command", "args"):
        items = container.get(field)
        if isinstance(items, List):
            found += [_text(item) for item in items]
    return "\n".join(found)


def _text(value: Any) -> str:
    if isinstance(value, Unknown):
        return f"{value.prefix}\0{value.suffix}"
    return value if isinstance(value, str) else ""


def _flags(container: Map, program: str) -> OpenMap | None:
    """The flags of a program where a container runs it; what differs from run to run is unknown."""
    command, args = container.get("command"), container.get("args")
    line = [*_arguments(command, container, "command"), *_arguments(args, container, "args")]
    runs = _runs(line, program)
    # The image starts the program; a command that is not known most likely does so too.
    by_image = isinstance(command, Unknown) or not command
    if not runs and by_image and line and line[0].is_flag() and _is_image(container.get("image"), program):
        runs = [line]
    found = [_parsed(run, program, container) for run in runs if not _only_tells(run)]
    return _joined(found) if len(found) > 1 else next(iter(found), None)


def _arguments(items: Any, container: Map, field: str) -> Iterator[_Argument]:
    if isinstance(items, Unknown):
        yield _Argument("", items.span or container.span_of(field), 0, items)
    for index, item in enumerate(items if isinstance(items, List) else ()):
        span = items.span_of(index) or container.span_of(field)
        if isinstance(item, Unknown):
            yield _Argument(item.prefix, span, len(item.prefix), item, item.suffix)
        elif isinstance(item, bool):
            yield _Argument(str(item).lower(), span)
        elif isinstance(item, (str, int, float)):
            filled = _FILLED_IN.search(item) if isinstance(item, str) else None
            yield _Argument(str(item), span, filled.start() if filled else None)


# -- which command runs the program ---------------------------------------------------


def _runs(line: Sequence[_Argument], program: str) -> list[Sequence[_Argument]]:
    """The arguments of a program for each time that a command line starts it."""
    if not line:
        return []
    name = line[0].program
    if name == program:
        return [line[1:]] if _is_start(line, 0) else []
    if name in _SHELLS:
        option = next((i for i, word in enumerate(line) if _SCRIPT.fullmatch(word.text)), None)
        if option is not None:
            script = line[option + 1] if option + 1 < len(line) else None
            return [] if script is None else _of_script(script, program)
    elif name not in _STARTERS and not name.endswith(("sh", "kube", "-runner")):
        return _behind_dashes(line, program)
    for index in range(1, len(line)):
        inner = line[index].program
        if inner == program:
            # A script that takes just the name may do anything with it.
            if _is_start(line, index) and (name in _STARTERS or index + 1 < len(line)):
                return [line[index + 1 :]]
        elif inner in _SHELLS or inner in _STARTERS:
            return _runs(line[index:], program)
        elif inner in _OTHERS:
            return []
    return []


def _is_start(line: Sequence[_Argument], index: int) -> bool:
    """Whether flags or nothing follow the name of a program: no other word, which is a command of it."""
    following = line[index + 1] if index + 1 < len(line) else None
    return following is None or following.is_flag()


def _behind_dashes(line: Sequence[_Argument], program: str) -> list[Sequence[_Argument]]:
    """The same for a starter that is not known: what stands behind `--` is a command."""
    for index, word in enumerate(line[:-1]):
        if word.text == "--" and line[index + 1].program == program and _is_start(line, index + 1):
            return [line[index + 2 :]]
    return []


def _of_script(script: _Argument, program: str) -> list[Sequence[_Argument]]:
    # What follows a part that is not known may belong to another command.
    text = script.text if script.why is None else f"{script.beginning}\0 \0"
    if program not in text:
        return []
    found: list[Sequence[_Argument]] = []
    for words in simple_commands(text):
        command = [_Argument(word.text, script.span, word.known, script.why) for word in words]
        found += _runs(command, program)
    return found


def _only_tells(run: Sequence[_Argument]) -> bool:
    """Whether the program prints its version or its help and ends."""
    return any(word.text in ("-h", "--help", "--version", "--version=raw") for word in run)


def _is_image(image: Any, program: str) -> bool:
    name = _text(image)
    pattern = rf"(?:^|/){re.escape(program)}(?:-(?:amd64|arm|arm64|ppc64le|s390x))?(?:[:@]|$)"
    return any(re.search(pattern, part) for part in name.split("\0"))


# -- its flags ------------------------------------------------------------------------


def _parsed(run: Sequence[_Argument], program: str, container: Map) -> OpenMap:
    flags = OpenMap(span=container.span_of("command" if container.get("command") is not None else "args"))
    index = 0
    while index < len(run):
        word = run[index]
        following = run[index + 1] if index + 1 < len(run) else None
        index += 1
        if word.text == "--" and word.known is None:
            break
        match = _FLAG.fullmatch(word.beginning)
        if match is None or (word.known is not None and match[2] is None):
            # A name that is not known to its end may be any; of other words no flag is made.
            if word.known is not None and (match is not None or not word.beginning.strip("-")):
                _open(flags, _any_flag(word))
            continue
        name = match[1].replace("_", "-")
        value: Any = match[2]
        if word.known is not None:
            value = word.unknown(match.start(2))
        elif value is None and following is not None and _is_value(following):
            value = following.text if following.known is None else following.unknown()
            index += 1
            if following.known == 0 and _VALUED.search(name) is None:
                _open(flags, _any_flag(following))
        _put(flags, name, "true" if value is None else _unquoted(value), word.span, program)
    _add_variables(flags, program, container)
    return flags


def _open(flags: OpenMap, rest: Unknown) -> None:
    """Let any flag that is not written be unknown."""
    if flags.rest is None:
        flags.rest = rest


def _is_value(word: _Argument) -> bool:
    """Whether an argument can be the value of the flag before it: no flag, but `-` and `-1` are none."""
    return word.known == 0 or re.match(r"-(?!\d|$)", word.beginning) is None


def _any_flag(word: _Argument) -> Unknown:
    """An argument that may be any flag, so that one that is not written may be there or not."""
    found = word.unknown()
    return Unknown(found.reason, found.refs, found.span)


def _unquoted(value: Any) -> Any:
    """A value without the quotes around it, which some write where there is no shell to take them away."""
    quoted = isinstance(value, str) and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _put(flags: OpenMap, name: str, value: Any, span: Span | None, program: str) -> None:
    earlier = dict.get(flags, name)
    if earlier is not None and name in _LISTS.get(program, ()):
        if isinstance(value, Unknown) or isinstance(earlier, Unknown):
            either = value if isinstance(value, Unknown) else earlier
            value = Unknown(either.reason, either.refs, either.span, not_null=True)
        else:
            value = f"{earlier},{value}"
        span = flags.value_spans.get(name)
    flags[name] = value
    if span is not None:
        flags.value_spans[name] = span


def _add_variables(flags: OpenMap, program: str, container: Map) -> None:
    """The flags that a program takes from its environment, where the command line does not have them."""
    start = _VARIABLES.get(program)
    if start is None:
        return
    env = container.get("env")
    for item in env if isinstance(env, List) else [env]:
        name = item.get("name") if isinstance(item, Map) else item
        if isinstance(name, Unknown):
            _open(flags, Unknown(name.reason, name.refs, name.span))
        elif isinstance(item, Map) and isinstance(name, str) and name.startswith(start):
            flag = name.removeprefix(start).lower().replace("_", "-")
            if not flags.written(flag):
                _put_variable(flags, flag, item)
    if container.get("envFrom"):
        span = container.span_of("envFrom")
        reason = f"envFrom may bring any variable that begins with {start}"
        _open(flags, Unknown(reason, ("envFrom",), span))


def _put_variable(flags: OpenMap, flag: str, item: Map) -> None:
    value, span = item.get("value"), item.span
    if item.get("valueFrom") is not None:
        reason = f"the value of {item['name']} is only known in the cluster"
        value = Unknown(reason, (item["name"],), span, not_null=True)
    elif isinstance(value, str) and (filled := _FILLED_IN.search(value)):
        value = _Argument(value, span, filled.start()).unknown()
    if value not in (None, ""):
        flags[flag] = value if isinstance(value, Unknown) else str(value)
        if span is not None:
            flags.value_spans[flag] = span


def _joined(found: list[OpenMap]) -> OpenMap:
    """The flags of a program that a script starts in several places: those that differ are unknown."""
    rest = next((flags.rest for flags in found if flags.rest is not None), None)
    result = OpenMap(span=found[0].span, rest=rest)
    for name in dict.fromkeys(name for flags in found for name in flags):
        values = [dict.get(flags, name) for flags in found]
        holder = next(flags for flags in found if flags.written(name))
        span = holder.value_spans.get(name)
        same = all(isinstance(value, str) and value == values[0] for value in values)
        reason = f"the script starts the program in several places, each with its own --{name}"
        result[name] = values[0] if same else Unknown(reason, (f"--{name}",), span)
        if span is not None:
            result.value_spans[name] = span
    return result
