"""python-hcl2's grammar as LALR tables that load in milliseconds.

python-hcl2 builds its tables on first use (seconds) and keeps them in its own package folder,
where a fresh or read-only installation pays for them on every run.  The wheel carries tables
for the versions it was built with; other versions are built once into the user's cache.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from readiness.sources.store import cache_folder, write_atomic

if TYPE_CHECKING:
    from lark import Lark

_PACKAGED = Path(__file__).resolve().parents[2] / "_data"


def _file_name() -> str:
    return f"hcl-tables-{metadata.version('python-hcl2')}-{metadata.version('lark')}.msgpack"


def _build() -> bytes:
    """Build the tables with lark from the grammar file of python-hcl2, and return them as msgpack (its maps keep integer keys)."""
    import hcl2.parser
    from hcl2.postlexer import PostLexer
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = Path(hcl2.parser.__file__).with_name("hcl2.lark").read_text(encoding="utf-8")
    parser = Lark(grammar, parser="lalr", postlex=PostLexer())
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"]["postlex"] = None
    return msgspec.msgpack.encode([data, _clip(memo)])


def _clip(value: Any) -> Any:
    """Regular expression widths can exceed 64 bits; lark only compares them, so clip them."""
    if isinstance(value, dict):
        return {key: _clip(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clip(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > 2**62:
        return 2**62
    return value


def write_tables(directory: Path) -> Path:
    """Write the tables for the installed versions into `directory` and return the file."""
    target = directory / _file_name()
    write_atomic(target, _build())
    return target


def load_parser(transformer: Any) -> Lark:
    """A parser whose reductions call `transformer`, from packaged, cached or new tables."""
    from hcl2.postlexer import PostLexer
    from lark import Lark

    name = _file_name()
    raw: bytes | None = None
    for folder in (_PACKAGED, cache_folder()):
        if folder is not None and (folder / name).is_file():
            raw = (folder / name).read_bytes()
            break
    if raw is None:
        raw = _build()
        folder = cache_folder()
        if folder is not None:
            write_atomic(folder / name, raw)
    data, memo = msgspec.msgpack.decode(raw)
    parser = Lark.__new__(Lark)
    parser._load(
        {"data": data, "memo": memo},
        transformer=transformer,
        postlex=PostLexer(),
        propagate_positions=False,
    )
    return parser
