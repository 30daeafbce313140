"""Record what Terraform makes of the expressions in `tests/terraform/oracle`.

Needs a `terraform` binary and no network; run it after a change of that folder.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from recording import known, lines, terraform

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "terraform" / "oracle"
UNKNOWN = """
resource "terraform_data" "u" {
  input = timestamp()
}

locals {
  u = jsondecode(terraform_data.u.output)
}
"""
"""A string and a value of any type that a plan does not know."""

_LOCAL = re.compile(r"^  (\w+) += ", re.MULTILINE)
_MARK = "\ue000"


def parsed(text: str) -> Any:
    """JSON, with fractions as marked texts that keep all their digits."""
    return json.loads(text, parse_float=lambda digits: _MARK + digits)


def outputs(values: dict[str, str]) -> str:
    """Output blocks by name and expression."""
    return "".join(f'output "{name}" {{\n  value = {value}\n}}\n' for name, value in values.items())


def root(work: Path, name: str, more: str) -> Path:
    """A copy of the test root with more blocks, initialised."""
    folder = work / name
    shutil.copytree(FOLDER, folder)
    (folder / "outputs.tf").write_text(more, encoding="utf-8")
    terraform(folder, "init", "-no-color")
    return folder


def record_values(work: Path) -> tuple[dict[str, Any], list[str]]:
    """The values of all locals, and the expressions that Terraform refuses."""
    names = [name for file in sorted(FOLDER.glob("*.tf")) for name in _LOCAL.findall(file.read_text("utf-8"))]
    refused = lines(FOLDER / "rejected.txt")
    wanted = {name: f"local.{name}" for name in names if re.search(r"_\d+$", name)}
    wanted |= {f"rejected_{index}": f"can([{text}])" for index, text in enumerate(refused)}
    folder = root(work, "values", outputs(wanted))
    terraform(folder, "apply", "-auto-approve", "-no-color")
    found = parsed(terraform(folder, "output", "-json"))
    accepted = [text for index, text in enumerate(refused) if found[f"rejected_{index}"]["value"]]
    if accepted:
        sys.exit(f"Terraform accepts: {accepted}")
    # An output that is null is not kept.
    values = {name: found.get(name, {"value": None})["value"] for name in wanted}
    return {name: value for name, value in values.items() if not name.startswith("rejected_")}, refused


def record_unknown(work: Path) -> dict[str, Any]:
    """How much a plan knows of expressions whose parts it does not know."""
    expressions = lines(FOLDER / "unknown.txt")
    wanted = {f"u_{index}": f"[{text}]" for index, text in enumerate(expressions)}
    folder = root(work, "unknown", UNKNOWN + outputs(wanted))
    terraform(folder, "plan", "-out=plan", "-no-color")
    changes = parsed(terraform(folder, "show", "-json", "plan"))["output_changes"]
    result = {}
    for index, text in enumerate(expressions):
        change = changes[f"u_{index}"]
        found = known(change.get("after"), change["after_unknown"], "$unknown")
        result[text] = found[0] if isinstance(found, list) else found
    return result


def main() -> None:
    """Write `recorded.json`."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        values, refused = record_values(work)
        record = {
            "terraform": json.loads(terraform(work, "version", "-json"))["terraform_version"],
            "locals": values,
            "rejected": refused,
            "unknown": record_unknown(work),
        }
    text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True)
    text = re.sub(f'"{_MARK}([^"]*)"', r"\1", text)
    (FOLDER / "recorded.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(values)} locals, {len(refused)} rejected, {len(record['unknown'])} unknown")


if __name__ == "__main__":
    main()
