"""Record what Terraform makes of the calls in `tests/terraform/functions`.

Needs a `terraform` binary and no network; run it after a change of that folder.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from recording import known, lines, terraform

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "terraform" / "functions"
REFUSED = "is refused"
HEAD = """
terraform {
  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}

resource "terraform_data" "u" {
  input = timestamp()
}

locals {
  s = terraform_data.u.id
  u = jsondecode(terraform_data.u.id)
  n = length(terraform_data.u.id)
}
"""
"""A string, a value of any type and a number that a plan does not know: `local.s`, `local.u`, `local.n`."""


def parsed(text: str) -> Any:
    """JSON, with numbers that keep all their digits."""
    return json.loads(text, parse_float=lambda d: {"number": d}, parse_int=lambda d: {"number": d})


def record_values(folder: Path) -> dict[str, dict[str, Any]]:
    """Type and value of each call by the name of its file, or None where Terraform refuses it."""
    files = {path.stem: lines(path) for path in sorted(FOLDER.glob("*.txt")) if path.stem != "unknown"}
    calls = [(name, call) for name, texts in files.items() for call in texts]
    outputs = (
        f'output "r{index}" {{\n  value = try([{call}], "{REFUSED}")\n}}\n'
        for index, (_, call) in enumerate(calls)
    )
    (folder / "main.tf").write_text("".join(outputs), encoding="utf-8")
    terraform(folder, "init", "-no-color")
    terraform(folder, "apply", "-auto-approve", "-no-color")
    found = parsed(terraform(folder, "output", "-json"))
    result: dict[str, dict[str, Any]] = {name: {} for name in files}
    for index, (name, call) in enumerate(calls):
        output = found[f"r{index}"]
        # The type of what only a later version evaluates is not known, and its value is null.
        refused = output["value"] in (REFUSED, None)
        kept = None if refused else {"type": output["type"][1][0], "value": output["value"][0]}
        result[name][call] = kept
    return result


def record_unknown(folder: Path) -> dict[str, Any]:
    """How much a plan knows of calls with unknown arguments."""
    calls = lines(FOLDER / "unknown.txt")
    outputs = (f'output "u{index}" {{\n  value = [{call}]\n}}\n' for index, call in enumerate(calls))
    (folder / "main.tf").write_text(HEAD + "".join(outputs), encoding="utf-8")
    terraform(folder, "init", "-no-color")
    terraform(folder, "plan", "-out=plan", "-no-color")
    changes = parsed(terraform(folder, "show", "-json", "plan"))["output_changes"]
    result = {}
    for index, call in enumerate(calls):
        change = changes[f"u{index}"]
        found = known(change.get("after"), change["after_unknown"], "unknown")
        result[call] = found[0] if isinstance(found, list) else found
    result["plantimestamp()"] = {"unknown": True}  # another one in each plan
    return result


def laid_out(value: Any, depth: int) -> str:
    """JSON with a line for each call, which are that many levels down."""
    if depth and isinstance(value, dict):
        items = (
            f"{json.dumps(key, ensure_ascii=False)}: {laid_out(item, depth - 1)}"
            for key, item in value.items()
        )
        return "{\n" + ",\n".join(items) + "\n}"
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Write `recorded.json`."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        version = json.loads(terraform(Path(first), "version", "-json"))["terraform_version"]
        values = record_values(Path(first))
        unknown = record_unknown(Path(second))
    record = {"terraform": {"version": version}, "unknown": {"calls": unknown}, "values": values}
    (FOLDER / "recorded.json").write_text(laid_out(record, 3) + "\n", encoding="utf-8")
    print({name: len(calls) for name, calls in values.items()}, len(unknown))


if __name__ == "__main__":
    main()
