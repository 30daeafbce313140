"""Steps of fixes on texts: what they write, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.estate.build import from_texts
from readiness.fixes.model import CannotFixError
from readiness.fixes.render import edits_of
from readiness.fixes.steps import steps
from readiness.fixes.target import changes
from readiness.fixes.text import Text
from readiness.values import dig

Fix = dict[str, Any]


def mended(
    name: str, text: str, *fixes: Fix, item: int | None = None, params: Mapping[str, Any] | None = None
) -> str:
    """A text after fixes of the first resource in it that is written there, all in one round."""
    loaded = from_texts({name: text})
    assert not loaded.errors
    resource = next(r for r in loaded.estate.resources if r.mode == "managed" and r.type != "terraform")
    one = None
    if item is not None:
        assert resource.workload is not None
        one = resource.workload.all_containers[item]
    made = [change for fix in fixes for change in changes(resource, one, steps(fix, params or {}))]
    text_ = Text(name, text)
    return text_.edited(edits_of(text_, made))


HCL: dict[str, tuple[str, list[Fix], str]] = {
    # what: before, fixes, after
    "a value": (
        'resource "demo_db" "a" {\n  on = false # why\n}\n',
        [{"set": {"on": True}}],
        'resource "demo_db" "a" {\n  on = true # why\n}\n',
    ),
    "a text": (
        'resource "demo_db" "a" {\n  mode = "old"\n}\n',
        [{"set": {"mode": 'a "b" ${c}'}}],
        'resource "demo_db" "a" {\n  mode = "a \\"b\\" $${c}"\n}\n',
    ),
    "null": (
        'resource "demo_db" "a" {\n  on = null\n}\n',
        [{"set": {"on": True}}],
        'resource "demo_db" "a" {\n  on = true\n}\n',
    ),
    "a new argument, aligned": (
        'resource "demo_db" "a" {\n  name   = "a"\n  engine = "b" # c\n}\n',
        [{"set": {"on": True}}],
        'resource "demo_db" "a" {\n  name   = "a"\n  engine = "b" # c\n  on     = true\n}\n',
    ),
    "a longer name than its neighbours": (
        'resource "demo_db" "a" {\n  name   = "a"\n\n  # group\n  ab = 1\n  c  = 2\n}\n',
        [{"set": {"protected": True}}],
        'resource "demo_db" "a" {\n  name   = "a"\n\n  # group\n  ab        = 1\n  c         = 2\n'
        "  protected = true\n}\n",
    ),
    "neighbours that are not aligned stay so": (
        'resource "demo_db" "a" {\n  name = "a"\n  engine = "b"\n}\n',
        [{"set": {"protected": True}}],
        'resource "demo_db" "a" {\n  name = "a"\n  engine = "b"\n  protected = true\n}\n',
    ),
    "before blocks and tags": (
        'resource "demo_db" "a" {\n  name = "a"\n  tags = {\n    x = "y"\n  }\n\n  net {\n    z = 1\n  }\n}\n',
        [{"set": {"on": 1}}],
        'resource "demo_db" "a" {\n  name = "a"\n  on   = 1\n  tags = {\n    x = "y"\n  }\n\n'
        "  net {\n    z = 1\n  }\n}\n",
    ),
    "into a block without arguments": (
        'resource "demo_db" "a" {\n  net {\n    z = 1\n  }\n}\n',
        [{"set": {"on": 1}}],
        'resource "demo_db" "a" {\n  on = 1\n\n  net {\n    z = 1\n  }\n}\n',
    ),
    "into an empty block": (
        'resource "demo_db" "a" {\n}\n',
        [{"set": {"on": 1}}],
        'resource "demo_db" "a" {\n  on = 1\n}\n',
    ),
    "into a block on one line": (
        'resource "demo_db" "a" { name = "a" }\n',
        [{"set": {"protected": True}}],
        'resource "demo_db" "a" {\n  name      = "a"\n  protected = true\n}\n',
    ),
    "into an empty block on one line": (
        'resource "demo_db" "a" {}\n',
        [{"set": {"net.on": True}}],
        'resource "demo_db" "a" {\n  net {\n    on = true\n  }\n}\n',
    ),
    "a new block": (
        'resource "demo_db" "a" {\n  name = "a"\n}\n',
        [{"set": {"net.inner.on": True, "net.mode": "x"}}],
        'resource "demo_db" "a" {\n  name = "a"\n\n  net {\n    mode = "x"\n\n    inner {\n      on = true\n'
        "    }\n  }\n}\n",
    ),
    "a new block after others": (
        'resource "demo_db" "a" {\n  name = "a"\n\n  log {\n    x = 1\n  } # end\n}\n',
        [{"set": {"net.on": True}}],
        'resource "demo_db" "a" {\n  name = "a"\n\n  log {\n    x = 1\n  } # end\n\n'
        "  net {\n    on = true\n  }\n}\n",
    ),
    "into a nested block, each of them": (
        'resource "demo_db" "a" {\n  disk {\n    size = 1\n  }\n  disk {\n    size = 2\n    on   = false\n  }\n}\n',
        [{"set": {"disk.on": True}}],
        'resource "demo_db" "a" {\n  disk {\n    size = 1\n    on   = true\n  }\n  disk {\n    size = 2\n'
        "    on   = true\n  }\n}\n",
    ),
    "the content of a dynamic block, once": (
        'resource "demo_db" "a" {\n  dynamic "disk" {\n    for_each = [1, 2]\n    content {\n'
        "      on = false\n    }\n  }\n}\n",
        [{"set": {"disk.on": True}}],
        'resource "demo_db" "a" {\n  dynamic "disk" {\n    for_each = [1, 2]\n    content {\n'
        "      on = true\n    }\n  }\n}\n",
    ),
    "several fixes at one place": (
        'resource "demo_db" "a" {\n  name = "a"\n}\n',
        [{"set": {"on": True}}, {"set": {"net.a": 1}}, {"set": {"net.bcd": 2}}],
        'resource "demo_db" "a" {\n  name = "a"\n  on   = true\n\n  net {\n    a   = 1\n    bcd = 2\n  }\n}\n',
    ),
    "an item of a list": (
        'resource "demo_db" "a" {\n  logs = ["a"]\n}\n',
        [{"append": {"logs": ["a", "b"]}}],
        'resource "demo_db" "a" {\n  logs = ["a", "b"]\n}\n',
    ),
    "an item of a list of several lines": (
        'resource "demo_db" "a" {\n  logs = [\n    "a", # first\n  ]\n}\n',
        [{"append": {"logs": "b"}}],
        'resource "demo_db" "a" {\n  logs = [\n    "a", # first\n    "b",\n  ]\n}\n',
    ),
    "an item after one without a comma": (
        'resource "demo_db" "a" {\n  logs = [\n    "a" # first\n  ]\n}\n',
        [{"append": {"logs": "b"}}],
        'resource "demo_db" "a" {\n  logs = [\n    "a", # first\n    "b"\n  ]\n}\n',
    ),
    "an item of an empty list": (
        'resource "demo_db" "a" {\n  logs = []\n}\n',
        [{"append": {"logs": "b"}}],
        'resource "demo_db" "a" {\n  logs = ["b"]\n}\n',
    ),
    "a list that is not there": (
        'resource "demo_db" "a" {\n  name = "a"\n}\n',
        [{"append": {"logs": "b"}}],
        'resource "demo_db" "a" {\n  name = "a"\n  logs = ["b"]\n}\n',
    ),
    "a list as a whole": (
        'resource "demo_db" "a" {\n  logs = ["a", "b"]\n}\n',
        [{"set": {"logs": ["c"]}}],
        'resource "demo_db" "a" {\n  logs = ["c"]\n}\n',
    ),
    "an argument less": (
        'resource "demo_db" "a" {\n  # keep\n  name = "a"\n  open = var.x\n  b    = 1\n}\nvariable "x" {}\n',
        [{"remove": ["open", "absent"]}],
        'resource "demo_db" "a" {\n  # keep\n  name = "a"\n  b    = 1\n}\nvariable "x" {}\n',
    ),
    "the longest argument less": (
        'resource "demo_db" "a" {\n  name     = "a"\n  ip_modes = 1\n  b        = 1 # c\n}\n',
        [{"remove": ["ip_modes"]}],
        'resource "demo_db" "a" {\n  name = "a"\n  b    = 1 # c\n}\n',
    ),
    "CRLF, no final line feed, and a byte order mark": (
        '\ufeffresource "demo_db" "a" {\r\n  name = "a"\r\n}',
        [{"set": {"protected": True}}],
        '\ufeffresource "demo_db" "a" {\r\n  name      = "a"\r\n  protected = true\r\n}',
    ),
    "several arguments beside some that are not aligned": (
        'resource "demo_db" "a" {\n  name = "a"\n  engine = "b"\n}\n',
        [{"set": {"on": True, "protected": True}}],
        'resource "demo_db" "a" {\n  name = "a"\n  engine = "b"\n  on        = true\n  protected = true\n}\n',
    ),
    "a new block before the lifecycle": (
        'resource "demo_db" "a" {\n  name = "a"\n\n  # why\n  lifecycle {\n    ignore_changes = [name]\n  }\n}\n',
        [{"set": {"net.on": True}}],
        'resource "demo_db" "a" {\n  name = "a"\n\n  net {\n    on = true\n  }\n\n'
        "  # why\n  lifecycle {\n    ignore_changes = [name]\n  }\n}\n",
    ),
    "a new block before a lifecycle that follows at once": (
        'resource "demo_db" "a" {\n  log {\n    x = 1\n  }\n  lifecycle {\n    ignore_changes = [name]\n  }\n}\n',
        [{"set": {"net.on": True, "on": 1}}],
        'resource "demo_db" "a" {\n  on = 1\n\n  log {\n    x = 1\n  }\n\n  net {\n    on = true\n  }\n\n'
        "  lifecycle {\n    ignore_changes = [name]\n  }\n}\n",
    ),
    "a new block where there is a lifecycle alone": (
        'resource "demo_db" "a" {\n  lifecycle {\n    ignore_changes = [name]\n  }\n}\n',
        [{"set": {"net.on": True}}],
        'resource "demo_db" "a" {\n  net {\n    on = true\n  }\n\n'
        "  lifecycle {\n    ignore_changes = [name]\n  }\n}\n",
    ),
    "a new block before what it depends on": (
        'resource "demo_db" "a" {\n  name = "a"\n\n  depends_on = [demo_x.y]\n}\n',
        [{"set": {"net.on": True}}, {"set": {"lifecycle.prevent_destroy": True}}],
        'resource "demo_db" "a" {\n  name = "a"\n\n  net {\n    on = true\n  }\n\n'
        "  depends_on = [demo_x.y]\n\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n",
    ),
    "as it is wanted already": (
        'resource "demo_db" "a" {\n  on = true\n}\n',
        [{"set": {"on": True}}, {"append": {"absent": []}}],
        'resource "demo_db" "a" {\n  on = true\n}\n',
    ),
}


@pytest.mark.parametrize("what", HCL)
def test_terraform(what: str) -> None:
    before, fixes, after = HCL[what]
    assert mended("main.tf", before, *fixes) == after


HEAD = "apiVersion: example.com/v1\nkind: Demo\nmetadata: {name: a}\n"

YAML: dict[str, tuple[str, Fix, str]] = {
    # what: before, fix, after; both below HEAD
    "a value": ("spec:\n  ok: true # why\n", {"set": {"spec.ok": False}}, "spec:\n  ok: false # why\n"),
    "a value in double quotes": ('spec:\n  mode: "a"\n', {"set": {"spec.mode": "b"}}, 'spec:\n  mode: "b"\n'),
    "a value in single quotes": (
        "spec:\n  mode: 'a'\n",
        {"set": {"spec.mode": "it's"}},
        "spec:\n  mode: 'it''s'\n",
    ),
    "a text that reads like something else": (
        "spec:\n  mode: a\n",
        {"set": {"spec.mode": "true"}},
        'spec:\n  mode: "true"\n',
    ),
    "nothing where a value belongs": (
        "spec:\n  mode:\n  b: 1\n",
        {"set": {"spec.mode": "a"}},
        "spec:\n  mode: a\n  b: 1\n",
    ),
    "a new entry": (
        "spec:\n  a: 1 # x\n\n# end\n",
        {"set": {"spec.b": True}},
        "spec:\n  a: 1 # x\n  b: true\n\n# end\n",
    ),
    "a new entry below a list and a text": (
        "spec:\n  a:\n  - x\n  b: |\n    one\n    two\n\nstatus: {}\n",
        {"set": {"spec.c": 3}},
        "spec:\n  a:\n  - x\n  b: |\n    one\n    two\n  c: 3\n\nstatus: {}\n",
    ),
    "new mappings": ("spec:\n  a: 1\n", {"set": {"spec.b.c": "x"}}, "spec:\n  a: 1\n  b:\n    c: x\n"),
    "a mapping for nothing": (
        "spec:\n  b: # later\n  a: 1\n",
        {"set": {"spec.b.c": "x"}},
        "spec:\n  b: # later\n    c: x\n  a: 1\n",
    ),
    "a mapping for null": ("spec:\n  b: null\n", {"set": {"spec.b.c": "x"}}, "spec:\n  b:\n    c: x\n"),
    "into flow style": ("spec: {a: [1, {b: c}]}\n", {"set": {"spec.d": 1}}, "spec: {a: [1, {b: c}], d: 1}\n"),
    "into an empty mapping": ("spec: {}\n", {"set": {"spec.d.e": "f"}}, "spec: {d: {e: f}}\n"),
    "an item of a list": (
        "spec:\n  a:\n  - x # one\n",
        {"append": {"spec.a": "z"}},
        "spec:\n  a:\n  - x # one\n  - z\n",
    ),
    "an item of a flow list": ("spec:\n  a: [x]\n", {"append": {"spec.a": "z"}}, "spec:\n  a: [x, z]\n"),
    "an item of an empty list": ("spec:\n  a: []\n", {"append": {"spec.a": "z"}}, "spec:\n  a: [z]\n"),
    "a list that is not there": (
        "spec:\n  b: 1\n",
        {"append": {"spec.a": "z"}},
        "spec:\n  b: 1\n  a:\n    - z\n",
    ),
    "comments that stand deeper stay with what they are about": (
        "spec:\n  b:\n    c: 1\n    # d: 2\n  # e: 3\n",
        {"set": {"spec.b.x": 1, "spec.f": 2}},
        "spec:\n  b:\n    c: 1\n    x: 1\n    # d: 2\n  f: 2\n  # e: 3\n",
    ),
    "comments that stand deeper, apart": (
        "spec:\n  b:\n    c: 1\n\n    # d: 2\n\n\n# e: 3\n",
        {"set": {"spec.f": 2}},
        "spec:\n  b:\n    c: 1\n\n    # d: 2\n  f: 2\n\n\n# e: 3\n",
    ),
    "lists as they stand above": (
        "spec:\n  b:\n  - 1\n",
        {"append": {"spec.c.a": "z"}},
        "spec:\n  b:\n  - 1\n  c:\n    a:\n    - z\n",
    ),
    "the indentation of four": (
        "spec:\n    b:\n        - c: 1\n          d:\n              e: 1\n",
        {"set": {"spec.f.g": 1}, "append": {"spec.f.a": "z"}},
        "spec:\n    b:\n        - c: 1\n          d:\n              e: 1\n"
        "    f:\n        g: 1\n        a:\n            - z\n",
    ),
    "JSON in a manifest stays JSON": (
        'spec: {"a": "x"}\n',
        {"set": {"spec.b.c": "x"}},
        'spec: {"a": "x", "b": {"c": "x"}}\n',
    ),
    "a text that keeps its last line feed, where there is one": (
        "spec:\n  a:\n    - |+\n      x\n",
        {"set": {"spec.b": 1}},
        "spec:\n  a:\n    - |+\n      x\n  b: 1\n",
    ),
    "an entry less": (
        "spec:\n  a: 1\n  b:\n    - 2\n  c: 3\n",
        {"remove": ["spec.b"]},
        "spec:\n  a: 1\n  c: 3\n",
    ),
    "the first entry less, in flow style": ("spec: {a: 1, b: 2}\n", {"remove": ["spec.a"]}, "spec: {b: 2}\n"),
    "the last entry less, in flow style": ("spec: {a: 1, b: 2}\n", {"remove": ["spec.b"]}, "spec: {a: 1}\n"),
    "the last line without a line feed": ("spec:\n  a: 1", {"set": {"spec.b": 2}}, "spec:\n  a: 1\n  b: 2"),
}


@pytest.mark.parametrize("what", YAML)
def test_manifests(what: str) -> None:
    before, fix, after = YAML[what]
    assert mended("a.yaml", HEAD + before, fix) == HEAD + after
    if "\n\n" not in before:  # the same with other line ends
        assert mended("a.yaml", (HEAD + before).replace("\n", "\r\n"), fix) == (HEAD + after).replace(
            "\n", "\r\n"
        )


CRONJOBS = """apiVersion: v1
kind: List
items:
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: a}
  spec:
    jobTemplate:
      spec:
        template:
          spec:
            containers:
            - name: one
              image: a
            - image: b # second
              name: two
              securityContext:
                runAsUser: 1
            restartPolicy: Never
"""


def test_a_container_of_any_workload_in_a_list() -> None:
    fix = {
        "set": {"item.securityContext.seccompProfile.type": "RuntimeDefault"},
        "append": {"item.securityContext.capabilities.drop": "ALL"},
    }
    lines = CRONJOBS.split("\n")
    new = [
        "                seccompProfile:",
        "                  type: RuntimeDefault",
        "                capabilities:",
        "                  drop:",
        "                  - ALL",
    ]
    at = lines.index("                runAsUser: 1") + 1
    assert mended("a.yaml", CRONJOBS, fix, item=1).split("\n") == lines[:at] + new + lines[at:]
    at = lines.index("              image: a") + 1
    first = ["              securityContext:", *new]
    assert mended("a.yaml", CRONJOBS, fix, item=0).split("\n") == lines[:at] + first + lines[at:]


def test_the_pod_of_a_workload() -> None:
    assert mended("a.yaml", CRONJOBS, {"set": {"pod.hostPID": False, "pod.restartPolicy": "OnFailure"}}) == (
        CRONJOBS.replace("Never\n", "OnFailure\n            hostPID: false\n")
    )


def test_what_stands_deeper_comes_first_where_mappings_end_together() -> None:
    fix = {"set": {"spec.b": 2, "spec.inner.c": 3, "top": 4}}
    text = f"{HEAD}spec:\n  inner:\n    a: 1\n"
    assert mended("a.yaml", text, fix) == f"{text}    c: 3\n  b: 2\ntop: 4\n"


JSON: dict[str, tuple[str, Fix, str]] = {
    "a value": (
        '{"kind": "Demo", "spec": {"a": false}}',
        {"set": {"spec.a": True}},
        '{"kind": "Demo", "spec": {"a": true}}',
    ),
    "a new entry": (
        '{\n  "kind": "Demo",\n  "spec": {\n    "a": 1\n  }\n}\n',
        {"set": {"spec.b": "x", "spec.c.d": [1]}},
        '{\n  "kind": "Demo",\n  "spec": {\n    "a": 1,\n    "b": "x",\n    "c": {\n      "d": [\n        1\n      ]\n    }\n  }\n}\n',
    ),
    "a new entry by tabs": (
        '{\n\t"kind": "Demo",\n\t"spec": {\n\t\t"a": 1\n\t}\n}\n',
        {"set": {"spec.c.d": 1}},
        '{\n\t"kind": "Demo",\n\t"spec": {\n\t\t"a": 1,\n\t\t"c": {\n\t\t\t"d": 1\n\t\t}\n\t}\n}\n',
    ),
    "into an empty object": (
        '{"kind": "Demo", "spec": {}}',
        {"set": {"spec.a": 1}},
        '{"kind": "Demo", "spec": {"a": 1}}',
    ),
    "an item": (
        '{"kind": "Demo", "spec": {"a": ["x"]}}',
        {"append": {"spec.a": "y"}},
        '{"kind": "Demo", "spec": {"a": ["x", "y"]}}',
    ),
    "an entry less": (
        '{"kind": "Demo", "spec": {"a": 1, "b": 2}}',
        {"remove": ["spec.a"]},
        '{"kind": "Demo", "spec": {"b": 2}}',
    ),
}


@pytest.mark.parametrize("what", JSON)
def test_manifests_in_json(what: str) -> None:
    before, fix, after = JSON[what]
    head = '"apiVersion": "example.com/v1", "metadata": {"name": "a"}, '
    before, after = (text.replace('"kind"', head + '"kind"') for text in (before, after))
    assert mended("a.json", before, fix) == after


def test_terraform_in_json() -> None:
    before = '{"resource": {"demo_db": {"a": {\n  "name": "a",\n  "net": {"on": false}\n}}}}\n'
    after = '{"resource": {"demo_db": {"a": {\n  "name": "a",\n  "net": {"on": true, "x": 1},\n  "log": {\n    "on": true\n  }\n}}}}\n'
    assert mended("main.tf.json", before, {"set": {"net.on": True, "net.x": 1, "log.on": True}}) == after


REFUSED: dict[str, tuple[str, str, Fix, str]] = {
    # what: file, text, fix, reason
    "a variable": (
        "main.tf",
        'variable "x" {\n  default = false\n}\nresource "demo_db" "a" {\n  on = var.x\n}\n',
        {"set": {"on": True}},
        "`on` is decided by default of variable x at main.tf:2, which a fix leaves alone",
    ),
    "an expression": (
        "main.tf",
        'resource "demo_db" "a" {\n  on = 1 == 2\n}\n',
        {"set": {"on": True}},
        "`on` is worked out by an expression",
    ),
    "a list of references": (
        "main.tf",
        'resource "demo_db" "a" {\n  logs = [local.x]\n}\nlocals {\n  x = "a"\n}\n',
        {"append": {"logs": "b"}},
        "`logs` is decided by local.x at main.tf:5, which a fix leaves alone",
    ),
    "no such argument": (
        "main.tf",
        'resource "aws_memorydb_cluster" "a" {\n  name = "a"\n}\n',
        {"set": {"transit_encryption_enabled": True}},
        "aws_memorydb_cluster has no argument `transit_encryption_enabled`",
    ),
    "an alias": (
        "a.yaml",
        f"{HEAD}spec:\n  a: &x 1\n  b: *x\n",
        {"set": {"spec.b": 2}},
        "`b` is written in a way that is left alone",
    ),
    "what `<<` brings": (
        "a.yaml",
        f"{HEAD}base: &x\n  a: 1\nspec:\n  <<: *x\n  b: 1\n",
        {"set": {"spec.a": 2}},
        "`a` comes from an anchor, which a fix leaves alone",
    ),
    "a mapping where a value is wanted": (
        "a.yaml",
        f"{HEAD}spec:\n  a: {{b: 1}}\n",
        {"set": {"spec.a": 2}},
        "`a` holds a list or a mapping",
    ),
    "a text that keeps its last line feeds": (
        "a.yaml",
        f"{HEAD}spec:\n  a: |+\n    x\n\n",
        {"set": {"spec.b": 2}},
        "the text above keeps the line breaks at its end",
    ),
    "such a text at the end of a list": (
        "a.yaml",
        f"{HEAD}spec:\n  a:\n    - |+ # c\n      x\n\n\nstatus: {{}}\n",
        {"set": {"spec.b": 2}},
        "the text above keeps the line breaks at its end",
    ),
    "all that a mapping holds": (
        "a.yaml",
        f"{HEAD}spec:\n  a: 1\n",
        {"remove": ["spec.a"]},
        "`a` is all that its mapping holds",
    ),
    "an unknown parameter": (
        "a.yaml",
        f"{HEAD}spec:\n  a: 1\n",
        {"set": {"spec.a": {"param": "day"}}},
        "its policy has no parameter 'day'; did you mean 'days'?",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_left_alone(what: str) -> None:
    name, text, fix, reason = REFUSED[what]
    with pytest.raises(CannotFixError) as told:
        mended(name, text, fix, params={"days": 7})
    assert str(told.value) == reason


def test_parameters() -> None:
    text = 'resource "demo_db" "a" {\n  days = 1\n}\n'
    assert "days = 14\n" in mended("main.tf", text, {"set": {"days": {"param": "days"}}}, params={"days": 14})


def test_fixes_that_disagree_do_not_go_together() -> None:
    with pytest.raises(CannotFixError, match="another fix wants something else of `on`"):
        mended("main.tf", 'resource "demo_db" "a" {}\n', {"set": {"on": 1}}, {"set": {"on": 2}})


names = st.sampled_from(["alpha", "beta_b", "c", "delta_long_name"])
leaves = st.one_of(st.booleans(), st.integers(0, 99), st.text("ab \"'#:{}\\", max_size=6))
trees = st.dictionaries(names, st.one_of(leaves, st.dictionaries(names, leaves, min_size=1)), min_size=1)


def hcl_of(tree: Mapping[str, Any], style: int) -> str:
    """A resource with the tree as arguments and blocks; `style` varies how it is written."""
    from readiness.terraform.hcl_writer import expression

    lines = ['resource "demo_db" "a" {']
    for index, (key, value) in enumerate(tree.items()):
        if isinstance(value, dict):
            lines += [f"  {key} {{", *(f"    {k} = {expression(v)}" for k, v in value.items()), "  }"]
        else:
            lines += [f"  # about {key}"] if (style + index) % 3 == 0 else []
            lines.append(f"  {key} = {expression(value)}{' # c' if style % 2 else ''}")
    return "\n".join([*lines, "}", "", "# the end", ""])


def yaml_of(tree: Mapping[str, Any], style: int) -> str:
    """A manifest with the tree as its `spec`."""
    import json

    lines = [*HEAD.split("\n")[:3], "spec:"]
    for index, (key, value) in enumerate(tree.items()):
        lines += [f"  # about {key}"] if (style + index) % 3 == 0 else []
        if isinstance(value, dict) and (style + index) % 2:
            lines.append(f"  {key}: {json.dumps(value)}")
        elif isinstance(value, dict):
            lines += [f"  {key}:", *(f"    {k}: {json.dumps(v)}" for k, v in value.items())]
        else:
            lines.append(f"  {key}: {json.dumps(value)}{' # c' if style % 2 else ''}")
    return "\n".join([*lines, "# the end", ""])


@settings(max_examples=150, deadline=None)
@given(trees, names, names, leaves, st.integers(0, 5), st.sampled_from(["main.tf", "a.yaml"]))
def test_a_fix_sets_its_value_and_nothing_else(
    tree: dict[str, Any], one: str, two: str, value: Any, style: int, name: str
) -> None:
    hcl = name == "main.tf"
    text = hcl_of(tree, style) if hcl else yaml_of(tree, style)
    there = tree.get(one)
    path = f"{one}.{two}" if isinstance(there, dict) or one not in tree else one
    fix = {"set": {path if hcl else f"spec.{path}": value}}
    after = mended(name, text, fix)
    loaded = from_texts({name: after})
    assert not loaded.errors
    body = next(r for r in loaded.estate.resources if r.mode == "managed" and r.type != "terraform").body
    expected = {key: dict(old) if isinstance(old, dict) else old for key, old in tree.items()}
    if path == one:
        expected[one] = value
    else:
        expected.setdefault(one, {})[two] = value
    found = (
        {k: dict(v[0]) if isinstance(v, list) else v for k, v in body.items()} if hcl else dig(body, "spec")
    )
    assert found == expected
    assert mended(name, after, fix) == after
    kept = [line.split() for line in text.split("\n") if one not in line and two not in line]
    left = [line.split() for line in after.split("\n")]
    assert all(line in left for line in kept)
