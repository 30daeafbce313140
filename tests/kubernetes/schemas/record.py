"""Records what JSON Schema says of changed manifests: `verdicts.json`.

    python tests/kubernetes/schemas/record.py kubernetes_validate-*.whl

Each of `manifests.yaml` is changed in one place (a field renamed, removed, of another type) and held against
the strict schemas of the wheel.  The tests then need neither the wheel nor a validator.  Null is left out:
the schemas allow it in places where the API server does not, and forbid it where the server drops it.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

HERE = Path(__file__).parent
CASES = 60
VALUES: tuple[Any, ...] = ("text", 3, True, 1.5, [], {}, ["a"], {"a": 1}, "3")


def main(wheel: str) -> None:
    """Write the verdicts on the newest schemas, and on older ones."""
    manifests = list(yaml.safe_load_all((HERE / "manifests.yaml").read_text(encoding="utf-8")))
    cases = []
    with zipfile.ZipFile(wheel) as archive:
        for release in (30, 37):
            folder = f"kubernetes_validate/kubernetes-json-schema/v1.{release}.0-local-strict"
            definitions = json.loads(archive.read(f"{folder}/_definitions.json"))["$defs"]
            # The lists of required fields of older releases are wrong, see the script that refreshes.
            ways = ("rename", "retype", "add", "wrap") + (("drop",) if release == 37 else ())
            chance = random.Random(release)
            for number in range(CASES):
                manifest = _changed(manifests[number % len(manifests)], ways, chance)
                cases.append([f"1.{release}", _valid(manifest, definitions), manifest])
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "verdicts.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(cases)} cases, {sum(case[1] for case in cases)} valid")


def _valid(manifest: Any, definitions: dict[str, Any]) -> bool:
    group, _, version = manifest["apiVersion"].rpartition("/")
    wanted = {"group": group, "version": version, "kind": manifest["kind"]}
    name = next(n for n, d in definitions.items() if wanted in d.get("x-kubernetes-group-version-kind", ()))
    schema = {"$ref": f"#/$defs/{name}", "$defs": definitions}
    return bool(jsonschema.Draft202012Validator(schema).is_valid(manifest))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _places(item, (*path, key))


def _changed(manifest: Any, ways: tuple[str, ...], chance: random.Random) -> Any:
    changed = copy.deepcopy(manifest)
    places = [path for path in _places(changed) if path[0] not in ("apiVersion", "kind")]
    *way, key = chance.choice(places)
    around = changed
    for step in way:
        around = around[step]
    what = chance.choice(ways)
    if what == "drop":
        del around[key]
    elif what == "rename" and isinstance(around, dict):
        around[f"{key}s"] = around.pop(key)
    elif what == "add" and isinstance(around[key], dict):
        around[key]["other"] = 1
    elif what == "wrap":
        around[key] = [around[key]]
    else:
        around[key] = chance.choice(VALUES)
    return changed


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} kubernetes_validate-VERSION-py3-none-any.whl")
    main(sys.argv[1])
