"""python-hcl2's grammar as LALR tables that load in milliseconds.

python-hcl2 builds its tables on first use (seconds) and keeps them in its own package folder,
where a fresh or read-only installation pays for them on every run.  The wheel carries tables
for the versions it was built with; other versions are built once into the user's cache.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from readiness.sources.store import cache_folder, write_atomic

if TYPE_CHECKING:
    from lark import Lark

_PACKAGED = Path(__file__).resolve().parents[2] / "_data"


@functools.cache
def _part(name: str) -> ModuleType:
    """One module of python-hcl2 by itself: importing the whole package costs 20 ms."""
    package = importlib.util.find_spec("hcl2")
    folder = Path(str(package.origin)).parent if package is not None else Path()
    spec = importlib.util.spec_from_file_location(f"_readiness_hcl2_{name}", folder / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"python-hcl2 has no module {name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _file_name() -> str:
    import lark

    return f"hcl-tables-{_part('version').__version__}-{lark.__version__}.msgpack"


def _build() -> bytes:
    """Build the tables with lark from the grammar file of python-hcl2, and return them as msgpack (its maps keep integer keys)."""
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    post_lexer = _part("postlexer")
    grammar = Path(str(post_lexer.__file__)).with_name("hcl2.lark").read_text(encoding="utf-8")
    parser = Lark(grammar, parser="lalr", postlex=post_lexer.PostLexer())
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
        postlex=_part("postlexer").PostLexer(),
        propagate_positions=False,
    )
    return parser
