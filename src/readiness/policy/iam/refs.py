"""What an unknown value waits for, taken apart: `module.a.aws_sqs_queue.b[0].arn`."""

from __future__ import annotations

import re
from typing import NamedTuple


class Ref(NamedTuple):
    """A reference without its module and its indexes.

    `mode` is `managed`, `data` or, for what is no resource (`var.a`, `module.a.b`), an empty text.
    """

    mode: str
    type: str
    attribute: str


_NOT_RESOURCES = frozenset({"var", "local", "each", "count", "path", "terraform", "self"})


def parse(ref: str) -> Ref:
    """A reference as `Unknown.refs` has it."""
    parts = re.sub(r"\[[^\]]*\]", "", ref).split(".")
    while len(parts) > 2 and parts[0] == "module":
        parts = parts[2:]
    mode = "managed"
    if parts[0] == "data":
        mode, parts = "data", parts[1:]
    if len(parts) < 3 or parts[0] in _NOT_RESOURCES or parts[0] == "module":
        return Ref("", "", parts[-1])
    return Ref(mode, parts[0], parts[-1])
