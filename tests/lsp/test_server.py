"""The server as an editor meets it: what it shows, explains, offers, and what it survives."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

if TYPE_CHECKING:
    from conftest import Start

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]

OFF = 'resource "demo_store" "a" {\n  on = false\n}\n'
ON = OFF.replace("false", "true")
SHORT = 'resource "demo_store" "b" {\n  on = true\n  copies {\n    days = 1\n  }\n}\n'
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n      image: b\n"
PLAIN = types.ClientCapabilities()


def at(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def encoded(*names: str) -> types.ClientCapabilities:
    kinds = [types.PositionEncodingKind(name) for name in names]
    return types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=kinds))


async def test_files_of_the_folder_are_looked_at_without_being_opened(start: Start) -> None:
    editor = await start({"main.tf": OFF, "net/more.tf": SHORT, "fine.tf": ""})
    [off] = await editor.until_shown("main.tf", "demo-fix-on")
    [short] = await editor.until_shown("net/more.tf", "demo-fix-days")
    assert editor.shown("fine.tf") is None
    assert (off.range, off.severity, off.source) == (
        at(1, 2, 12),
        types.DiagnosticSeverity.Error,
        "readiness",
    )
    assert off.message == "demo_store.a is off"
    assert isinstance(off.data, str) and len(off.data) == 24
    assert (short.range, short.severity) == (at(3, 4, 12), types.DiagnosticSeverity.Warning)
    await editor.until(lambda: editor.registered)
    assert editor.registered == ["workspace/didChangeWatchedFiles"]
    assert [type(one).__name__ for one in editor.client.progress_reports["readiness-1"]] == [
        "WorkDoneProgressBegin",
        "WorkDoneProgressEnd",
    ]


async def test_typing_the_fix_makes_the_finding_vanish_and_closing_without_saving_brings_it_back(
    start: Start,
) -> None:
    editor = await start({"main.tf": OFF})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")
    editor.type("main.tf", ON)
    await editor.until_shown("main.tf")
    assert (editor.root / "main.tf").read_text() == OFF
    editor.close("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")


async def test_only_the_newest_edit_counts(start: Start) -> None:
    editor = await start({"main.tf": ON})
    editor.open("main.tf")
    await editor.until_shown("main.tf")
    for _ in range(20):
        editor.type("main.tf", OFF)
        editor.type("main.tf", OFF + SHORT)
    await editor.until_shown("main.tf", "demo-fix-days", "demo-fix-on")


async def test_a_new_file_counts_before_it_is_saved(start: Start) -> None:
    editor = await start({"main.tf": 'variable "on" {}\nresource "demo_store" "a" {\n  on = var.on\n}\n'})
    [unknown] = await editor.until_shown("main.tf", "demo-fix-on")
    assert unknown.severity == types.DiagnosticSeverity.Hint
    assert "unknown" in unknown.message
    editor.open("terraform.tfvars", "on = false\n")
    await editor.until(lambda: [one.severity for one in editor.shown("main.tf") or ()] == [1])
    editor.open("new.tf", SHORT)
    await editor.until_shown("new.tf", "demo-fix-days")


async def test_related_information_says_where_the_value_comes_from(start: Start) -> None:
    text = 'resource "demo_store" "a" {\n  on = var.on\n}\n'
    editor = await start({"main.tf": text, "vars.tf": '# 🙂\nvariable "on" {\n  default = false\n}\n'})
    [found] = await editor.until_shown("main.tf", "demo-fix-on")
    [origin] = found.related_information or []
    assert origin.message == "value from default of variable on"
    assert origin.location == types.Location(editor.uri("vars.tf"), at(2, 12, 17))


@pytest.mark.parametrize(
    ("names", "start_at", "end_at"),
    [((), 13, 23), (("utf-16",), 13, 23), (("utf-8", "utf-16"), 17, 27), (("utf-32",), 11, 21)],
)
async def test_columns_count_the_units_of_the_editor(
    start: Start, names: tuple[str, ...], start_at: int, end_at: int
) -> None:
    text = 'resource "demo_store" "a" {\n  /* 😀😀 */ on = false\n}\n'
    able = encoded(*names) if names else PLAIN
    editor = await start({"main.tf": text}, able=able)
    [found] = await editor.until_shown("main.tf", "demo-fix-on")
    assert found.range == at(1, start_at, end_at)


async def test_hover_is_the_page_of_the_policy(start: Start) -> None:
    editor = await start({"main.tf": OFF})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")
    text = await editor.hover("main.tf", 1, 5)
    assert text is not None
    assert text.startswith("**high[`demo-fix-on`]: demo_store.a is off**\n\nIt is not what was meant,")
    assert "Control `own-01`: " in text and "\nWhy: " in text
    assert text.endswith('**Right:**\n\n```hcl\nresource "demo_store" "a" {\n  on = true\n}\n```\n')
    assert await editor.hover("main.tf", 2, 0) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_quick_fix_gives_a_text_without_the_finding(start: Start, end: str) -> None:
    text = 'resource "demo_store" "a" {\n  # 😀 why\n  name = "😀"\n}\n'.replace("\n", end)
    editor = await start({"main.tf": text})
    editor.open("main.tf")
    [found] = await editor.until_shown("main.tf", "demo-fix-on")
    [fix, *_] = await editor.actions("main.tf", found.range, [found])
    assert (fix.title, fix.kind, fix.is_preferred) == ("Set `on` to true (demo-fix-on)", "quickfix", True)
    assert [one.data for one in fix.diagnostics or ()] == [found.data]
    fixed = editor.take(fix, "main.tf")
    assert fixed == text.replace('"😀"' + end, '"😀"' + end + "  on   = true" + end)
    editor.type("main.tf", fixed)
    await editor.until_shown("main.tf")


async def test_an_unsafe_fix_says_so_and_is_not_preferred(start: Start) -> None:
    editor = await start({"main.tf": SHORT}, able=PLAIN)
    editor.open("main.tf")
    [found] = await editor.until_shown("main.tf", "demo-fix-days")
    [fix, _] = await editor.actions("main.tf", found.range)
    assert fix.title == "Set `copies.days` to 7 (demo-fix-days, may change what runs)"
    assert fix.is_preferred is None
    assert editor.take(fix, "main.tf") == SHORT.replace("days = 1", "days = 7")


async def test_a_fix_that_does_not_mend_its_finding_is_not_offered(start: Start) -> None:
    thing = 'resource "demo_thing" "a" {\n  size = 1\n}\n'
    editor = await start({"main.tf": f"{thing}{OFF}"})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-helpless", "demo-fix-on")
    everything = types.Range(types.Position(0, 0), types.Position(6, 0))
    assert [one.title for one in await editor.actions("main.tf", everything, only=["quickfix"])] == [
        "Set `on` to true (demo-fix-on)",
        "Ignore demo-fix-helpless here (write the reason)",
        "Ignore demo-fix-on here (write the reason)",
    ]


async def test_fixes_that_touch_are_each_tried_alone(start: Start) -> None:
    editor = await start({"main.tf": 'resource "demo_clash" "a" {\n  mode = "none"\n}\n'})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-clash-one", "demo-fix-clash-two")
    found = await editor.actions("main.tf", at(1, 3, 3), only=["quickfix"])
    texts = {one.title: editor.take(one, "main.tf").split('"')[5] for one in found if one.is_preferred}
    assert texts == {
        "Set `mode` to one (demo-fix-clash-one)": "one",
        "Set `mode` to two (demo-fix-clash-two)": "two",
    }


async def test_actions_are_about_the_text_as_it_is_now(start: Start) -> None:
    editor = await start({"main.tf": OFF})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")
    editor.type("main.tf", f"# A line above.\n{OFF}")
    fix, *_ = await editor.actions("main.tf", at(2, 2, 12))
    assert editor.take(fix, "main.tf") == f"# A line above.\n{ON}"


@pytest.mark.parametrize(
    ("name", "text", "code", "ignored"),
    [
        (
            "main.tf",
            OFF,
            "demo-fix-on",
            OFF.replace("  on", "  # readiness:ignore demo-fix-on reason: \n  on"),
        ),
        (
            "pod.yaml",
            POD,
            "demo-fix-escalation",
            POD.replace("    - name", "    # readiness:ignore demo-fix-escalation reason: \n    - name"),
        ),
        (
            "crlf.tf",
            OFF.replace("\n", "\r\n"),
            "demo-fix-on",
            OFF.replace("  on", "  # readiness:ignore demo-fix-on reason: \n  on").replace("\n", "\r\n"),
        ),
    ],
)
async def test_the_comment_that_ignores_a_finding(
    start: Start, name: str, text: str, code: str, ignored: str
) -> None:
    editor = await start({name: text})
    editor.open(name)
    [found] = await editor.until_shown(name, code)
    actions = await editor.actions(name, found.range, [found])
    [ignore] = [one for one in actions if one.title == f"Ignore {code} here (write the reason)"]
    assert editor.take(ignore, name) == ignored
    editor.type(name, ignored)
    await editor.until_shown(name)


async def test_json_has_no_comments(start: Start) -> None:
    text = '{"resource": {"demo_store": {"a": {"on": false}}}}\n'
    editor = await start({"main.tf.json": text})
    editor.open("main.tf.json")
    [found] = await editor.until_shown("main.tf.json", "demo-fix-on")
    actions = await editor.actions("main.tf.json", found.range, only=["quickfix"])
    assert [one.title for one in actions] == ["Set `on` to true (demo-fix-on)"]


async def test_all_safe_fixes_of_a_file(start: Start) -> None:
    other = OFF.replace('"a"', '"c"')
    editor = await start({"main.tf": f"{OFF}\n{SHORT}\n{other}", "second.tf": other.replace('"c"', '"d"')})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-days", "demo-fix-on", "demo-fix-on")
    [action] = await editor.actions("main.tf", at(0, 0, 0), only=["source.fixAll"])
    assert (action.kind, action.edit) == ("source.fixAll.readiness", None)
    resolved = await editor.client.code_action_resolve_async(action)
    fixed = editor.take(resolved, "main.tf")
    assert fixed == f"{OFF}\n{SHORT}\n{other}".replace("false", "true")
    assert set(resolved.edit.changes or ()) <= {editor.uri("main.tf")}  # type: ignore[union-attr]
    editor.type("main.tf", fixed)
    await editor.until_shown("main.tf", "demo-fix-days")
    assert await editor.actions("main.tf", at(0, 0, 0), only=["source.fixAll"]) == []


async def test_an_editor_that_resolves_nothing_gets_the_edit_at_once_when_it_asks(start: Start) -> None:
    editor = await start({"main.tf": OFF}, able=PLAIN)
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")
    [action] = await editor.actions("main.tf", at(0, 0, 0), only=["source.fixAll.readiness"])
    assert editor.take(action, "main.tf") == ON
    assert [one.kind for one in await editor.actions("main.tf", at(1, 3, 3))] == ["quickfix", "quickfix"]


async def test_a_broken_document_tells_where_and_keeps_the_rest(start: Start) -> None:
    editor = await start({"main.tf": OFF, "other.tf": SHORT})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")
    editor.type("main.tf", f'resource "demo_store" "x" {{\n  on = [\n}}\n\n{OFF}')
    error, off = sorted(
        await editor.until_shown("main.tf", "unread", "demo-fix-on"), key=lambda d: str(d.code)
    )[::-1]
    assert (error.severity, error.range) == (types.DiagnosticSeverity.Error, at(1, 7, 8))
    assert off.range == at(5, 2, 12)
    assert editor.codes("other.tf") == ["demo-fix-days"]
    editor.type("main.tf", ON)
    await editor.until_shown("main.tf")


async def test_settings_count_when_they_are_saved_and_wrong_ones_are_shown_at_their_place(
    start: Start,
) -> None:
    editor = await start({"main.tf": OFF})
    await editor.until_shown("main.tf", "demo-fix-on")
    editor.changed("readiness.yaml", "policies:\n  demo-fix-on:\n    severity: low\n")
    await editor.until(lambda: [one.severity for one in editor.shown("main.tf") or ()] == [3])
    editor.changed("readiness.yaml", "policies:\n  demo-fix-on:\n    severty: low\n")
    [wrong] = await editor.until_shown("readiness.yaml", "settings")
    assert (wrong.range.start, wrong.severity) == (types.Position(2, 4), types.DiagnosticSeverity.Error)
    assert "did you mean" in wrong.message
    assert [one.severity for one in editor.shown("main.tf") or ()] == [3]
    editor.open("main.tf")
    editor.type("main.tf", OFF + SHORT)
    await editor.until_shown("main.tf", "demo-fix-days", "demo-fix-on")
    editor.changed("readiness.yaml", "")
    await editor.until_shown("readiness.yaml")
    await editor.until(lambda: 1 in [one.severity for one in editor.shown("main.tf") or ()])


async def test_waivers_that_are_wrong_leave_what_was_shown(start: Start) -> None:
    editor = await start({"main.tf": OFF})
    editor.open("main.tf")
    await editor.until_shown("main.tf", "demo-fix-on")
    editor.changed("waivers.yaml", "waivers:\n  - polcy: x\n")
    [wrong] = await editor.until_shown("waivers.yaml", "settings")
    assert wrong.range.start.line == 1
    assert editor.codes("main.tf") == ["demo-fix-on"]
    assert await editor.actions("main.tf", at(1, 2, 12)) == []


async def test_every_folder_has_its_settings(start: Start) -> None:
    files = {"one/main.tf": OFF, "two/main.tf": OFF, "two/readiness.yaml": "ignore: [demo-fix-on]\n"}
    own = Path(__file__).parents[1] / "fixes" / "policies"
    options = ("--policies", str(own), "--ignore", "own-02", "--no-cache")
    editor = await start(files, *options, folders=("one",))
    await editor.until(lambda: "demo-fix-on" in editor.codes("one/main.tf"))
    two = types.WorkspaceFolder(editor.uri("two"), "two")
    editor.open("two/main.tf")
    event = types.WorkspaceFoldersChangeEvent(added=[two], removed=[])
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    await editor.until(
        lambda: editor.shown("two/main.tf") is not None and "demo-fix-on" not in editor.codes("two/main.tf")
    )
    gone = types.WorkspaceFolder(editor.uri("one"), "one")
    event = types.WorkspaceFoldersChangeEvent(added=[], removed=[gone])
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    await editor.until_shown("one/main.tf")


async def test_a_file_outside_of_all_folders_is_looked_at_alone(start: Start) -> None:
    editor = await start({"in/main.tf": "", "out/main.tf": OFF, "out/other.tf": SHORT}, folders=("in",))
    editor.open("out/main.tf")
    await editor.until_shown("out/main.tf", "demo-fix-on")
    assert editor.shown("out/other.tf") is None
    editor.close("out/main.tf")
    await editor.until_shown("out/main.tf")


async def test_what_goes_wrong_with_one_request_is_its_own_matter(start: Start) -> None:
    editor = await start({"main.tf": OFF})
    await editor.until_shown("main.tf", "demo-fix-on")
    params = types.HoverParams(types.TextDocumentIdentifier("no address"), types.Position(0, 0))
    assert await editor.client.text_document_hover_async(params) is None
    with pytest.raises(Exception, match="unknown"):
        await editor.client.protocol.send_request_async("textDocument/unknown", {})
    assert await editor.hover("main.tf", 1, 5) is not None


async def test_the_folder_may_vanish(start: Start) -> None:
    editor = await start({"gone/main.tf": OFF}, folders=("gone",))
    await editor.until_shown("gone/main.tf", "demo-fix-on")
    (editor.root / "gone" / "main.tf").unlink()
    (editor.root / "gone").rmdir()
    params = types.DidSaveTextDocumentParams(editor.document("gone/main.tf"))
    editor.client.text_document_did_save(params)
    await editor.until(lambda: any("cannot be entered" in m.message for m in editor.client.log_messages))
    editor.root.joinpath("gone").mkdir()
    editor.changed("gone/main.tf", SHORT)
    await editor.until_shown("gone/main.tf", "demo-fix-days")


async def test_it_ends_with_0_after_goodbye_and_with_1_without(start: Start) -> None:
    editor = await start({"main.tf": ON})
    await editor.client.shutdown_async(None)
    editor.client.exit(None)
    server = editor.client._server
    assert server is not None
    assert await asyncio.wait_for(server.wait(), 30) == 0
    start._clients.clear()
    other = await start({})
    server = other.client._server
    assert server is not None
    other.client.exit(None)
    assert await asyncio.wait_for(server.wait(), 30) == 1
    start._clients.clear()
