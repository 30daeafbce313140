"""Findings as fixes: what is offered for each, and why something is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from readiness.engine.checks import make_checks
from readiness.engine.model import Counts, Report
from readiness.engine.run import Run
from readiness.errors import SourceError
from readiness.estate.build import from_texts
from readiness.fixes.apply import ROUNDS, Checked, apply
from readiness.fixes.barred import is_generated
from readiness.fixes.diff import unified
from readiness.fixes.model import Fixed, Fixes
from readiness.fixes.offer import Failures, fixes_for
from readiness.fixes.proofs import prove_fix
from readiness.policy.loader import load_file
from readiness.policy.model import Policy
from readiness.repo.facts import RepositoryFacts

POLICIES = Path(__file__).parent / "policies"


def policy(name: str) -> Policy:
    path = POLICIES / f"{name}.yaml"
    return load_file(path, path.name, frozenset({"own-01"}))


def looked(texts: dict[str, str], *names: str) -> Checked:
    loaded = from_texts(texts)
    failures = Failures()
    run = Run(loaded.estate, RepositoryFacts(Path(), texts=texts), 1)
    run.watch = failures.note
    run.execute(make_checks([policy(name) for name in names]))
    report = Report(run.results(), list(loaded.errors), Counts())
    return Checked(report, loaded.sources.texts, fixes_for(report, loaded, failures))


def offered(texts: dict[str, str], *names: str) -> Fixes:
    return looked(texts, *names).fixes


def fixed(texts: dict[str, str], *names: str, unsafe: bool = False) -> Fixed:
    return apply(lambda edited: looked({**texts, **edited}, *names), unsafe)


PODS = """apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  template:
    spec:
      containers:
        - &c
          name: one
          image: a
        - name: two
          image: b
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b}
spec:
  template:
    spec:
      containers:
        - name: one
          image: a
          securityContext: &s
            runAsUser: 1
        - name: two
          image: b
          securityContext: *s
"""


def test_a_fix_for_each_container_with_edits_of_its_own() -> None:
    found = offered({"a.yaml": PODS}, "demo-fix-escalation")
    one, two = found.fixes
    assert (one.address, one.title) == (
        "Deployment/a",
        "Set `securityContext.allowPrivilegeEscalation` to false",
    )
    new = "\n          securityContext:\n            allowPrivilegeEscalation: false"
    assert [(edit.span[1:], edit.text) for edit in one.edits] == [((10, 19, 10, 19), new)]
    assert [(edit.span[1:], edit.text) for edit in two.edits] == [((12, 19, 12, 19), new)]
    assert one.fingerprint != two.fingerprint


def test_what_an_anchor_shares_is_left_alone() -> None:
    found = offered({"a.yaml": PODS}, "demo-fix-escalation")
    shared = "the anchor at a.yaml:23 shares it with other places"
    assert [(one.address, one.elsewhere, one.reason) for one in found.left] == [
        ("Deployment/b", True, shared)
    ] * 2
    after = fixed({"a.yaml": PODS}, "demo-fix-escalation")
    assert after.texts["a.yaml"].count("allowPrivilegeEscalation: false") == 2
    assert len(after.report.findings) == 2


def test_fixes_of_one_place_take_rounds() -> None:
    text = 'resource "demo_clash" "a" {}\n'
    done = fixed({"main.tf": text}, "demo-fix-clash-one", "demo-fix-clash-two")
    assert done.texts == {"main.tf": 'resource "demo_clash" "a" {\n  mode = "one"\n}\n'}
    assert [one.policy for one in done.fixed] == ["demo-fix-clash-one"]
    assert [left.reason for left in done.left] == ["it undoes another fix, so it was taken back"]
    assert ROUNDS >= 3


def test_fixes_that_clash_leave_the_others_alone() -> None:
    clash, store = 'resource "demo_clash" "{}" {{}}\n', 'resource "demo_store" "{}" {{}}\n'
    text = clash.format("a") + store.format("b") + clash.format("c") + store.format("d")
    done = fixed({"main.tf": text}, "demo-fix-clash-one", "demo-fix-clash-two", "demo-fix-on")
    on, one = "{\n  on = true\n}", '{\n  mode = "one"\n}'
    assert done.texts == {
        "main.tf": f'resource "demo_clash" "a" {one}\nresource "demo_store" "b" {on}\n'
        f'resource "demo_clash" "c" {one}\nresource "demo_store" "d" {on}\n'
    }


def test_a_fix_that_breaks_its_file_is_taken_back_alone() -> None:
    text = "".join(
        f'resource "demo_store" "{name}" {{\n  on = false # {name}\n}}\n' for name in ("a", "b", "c")
    )

    def look(edited: Mapping[str, str]) -> Checked:
        texts = {"main.tf": text, **edited}
        checked = looked(texts, "demo-fix-on")
        if "on = true # b" in texts["main.tf"]:
            checked.report.errors.append(SourceError("main.tf", 5, 1, "it is odd"))
        return checked

    done = apply(look)
    assert done.texts["main.tf"] == text.replace("false # a", "true # a").replace("false # c", "true # c")
    assert [(left.address, left.reason) for left in done.left] == [
        ("demo_store.b", "with it the file cannot be read (it is odd), so it was taken back")
    ]


def test_unsafe_fixes_wait_for_leave() -> None:
    text = 'resource "demo_store" "a" {\n  on = true\n  copies {\n    days = 1\n  }\n}\n'
    done = fixed({"main.tf": text}, "demo-fix-days")
    assert (done.texts, done.unsafe, done.left) == ({}, 1, [])
    assert fixed({"main.tf": text}, "demo-fix-days", unsafe=True).texts["main.tf"] == text.replace("1", "7")


def test_a_plan_is_left_alone() -> None:
    plan = (
        '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": ['
        '{"address": "demo_store.a", "mode": "managed", "type": "demo_store", "name": "a", "values": {"on": false}}'
        ']}}, "resource_changes": [{"address": "demo_store.a", "mode": "managed", "type": "demo_store", "name": "a",'
        '"change": {"actions": ["create"], "before": null, "after": {"on": false}}}]}'
    )
    found = offered({"plan.json": plan}, "demo-fix-on")
    assert [left.reason for left in found.left] == [
        "it comes from a plan: the files that it is made from can be fixed"
    ]


def test_what_terraform_declares_for_kubernetes_is_left_alone() -> None:
    block = (
        'resource "kubernetes_pod_v1" "a" {\n  metadata {\n    name = "a"\n  }\n  spec {\n    container {\n'
        '      name  = "a"\n      image = "b"\n      security_context {\n'
        "        allow_privilege_escalation = true\n      }\n    }\n  }\n}\n"
    )
    absent = block.replace("        allow_privilege_escalation = true\n", "        run_as_user = 1\n")
    manifest = (
        'resource "kubernetes_manifest" "a" {\n  manifest = {\n    apiVersion = "v1"\n    kind = "Pod"\n'
        '    metadata = { name = "a" }\n    spec = { containers = [{ name = "a", image = "b" }] }\n  }\n}\n'
    )
    in_json = (
        '{"resource": {"kubernetes_pod_v1": {"a": {"metadata": {"name": "a"}, "spec": {"container": '
        '[{"name": "a", "image": "b"}]}}}}}'
    )
    for name, text in (("a.tf", block), ("a.tf", absent), ("a.tf", manifest), ("a.tf.json", in_json)):
        found = offered({name: text}, "demo-fix-escalation")
        assert found.fixes == []
        assert [left.reason for left in found.left] == ["it is made of what Terraform declares"], text


def test_a_file_that_had_an_error_before_can_be_fixed() -> None:
    wrong = 'resource "demo_x" "a" {\n  b = 1\n  b = 2\n}\n'
    text = f'resource "demo_store" "a" {{\n  name = "a"\n}}\n{wrong}'
    done = fixed({"main.tf": text}, "demo-fix-on")
    assert done.texts == {"main.tf": text.replace('"a"\n}', '"a"\n  on   = true\n}')}


def test_generated_files() -> None:
    assert is_generated("# Code generated by x. DO NOT EDIT.\n")
    assert is_generated("/*\n * This file is auto-generated.\n */\n")
    assert is_generated('{\n  "//": "generated by cdktf",\n  "resource": {}\n}')
    licence = "# Licensed.\n#\n" * 9
    assert is_generated(f"{licence}\n# ---\n# WARNING: This file is autogenerated.\n# ---\n\nkind: Pod\n")
    assert is_generated("/*\n  Written by a program.\n  Do not edit.\n*/\n")
    assert not is_generated(f"{licence}\nkind: Pod\n# autogenerated\n")
    assert not is_generated('/* short */\nlocals {\n  note = "do not edit"\n}\n')
    assert not is_generated("# Keys, generated once.\n")
    assert not is_generated('resource "x" "y" {\n  note = "do not edit"\n}\n')
    assert not is_generated("\n" * 20 + "# generated by x\n")


def test_names_in_diffs() -> None:
    for path, header in {
        "a.tf": "--- a/a.tf\n+++ b/a.tf\n",
        "a b.tf": "--- a/a b.tf\t\n+++ b/a b.tf\t\n",
        'a"\t.tf': '--- "a/a\\"\\t.tf"\n+++ "b/a\\"\\t.tf"\n',
    }.items():
        assert unified({path: "a\n"}, {path: "b"}) == (
            f"{header}@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n"
        )


def test_what_a_fix_has_to_prove() -> None:
    for name in ("demo-fix-on", "demo-fix-days", "demo-fix-escalation", "demo-fix-clash-one"):
        assert list(prove_fix(policy(name))) == []
    helpless = policy("demo-fix-helpless")
    assert list(prove_fix(helpless)) == [(9, 6, "fix: it mends none of the examples that fail")]


def test_an_example_that_is_not_mended_has_to_say_so(tmp_path: Path) -> None:
    text = (POLICIES / "demo-fix-helpless.yaml").read_text(encoding="utf-8")
    path = tmp_path / "demo-fix-helpless.yaml"
    path.write_text(text.replace("      fixed: false\n", ""), encoding="utf-8")
    wrong = load_file(path, path.name, frozenset({"own-01"}))
    assert [message for _, _, message in prove_fix(wrong)] == [
        "fix: fail example 1: not mended: its policy does not pass with it, so it was taken back",
        "fix: it mends none of the examples that fail",
    ]
    path.write_text(text.replace("size: 3", "size: 2"), encoding="utf-8")
    right = load_file(path, path.name, frozenset({"own-01"}))
    assert [message for _, _, message in prove_fix(right)] == [
        "fix: fail example 1: it says `fixed: false` and is mended"
    ]
