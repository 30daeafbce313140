"""python-hcl2's grammar (with our changes) as LALR tables that load in milliseconds.

python-hcl2 builds its tables on first use (seconds) and keeps them in its own package folder,
where a fresh or read-only installation pays for them on every run.  The wheel carries tables
for the versions it was built with; other versions are built once into the user's cache.
"""

from __future__ import annotations

import functools
import importlib.util
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from readiness.sources.hcl.grammar import LineEnds, changed, digest
from readiness.sources.store import cache_folder, write_atomic

if TYPE_CHECKING:
    from lark import Lark

_PACKAGED = Path(__file__).resolve().parents[2] / "_data"


@functools.cache
def _package() -> Path:
    """The folder of python-hcl2, whose import as a whole would cost 20 ms."""
    package = importlib.util.find_spec("hcl2")
    if package is None or package.origin is None:
        raise ImportError("python-hcl2 is not installed")
    return Path(package.origin).parent


@functools.cache
def _version() -> str:
    """The version of python-hcl2, from its module of that name alone."""
    spec = importlib.util.spec_from_file_location("_readiness_hcl2_version", _package() / "version.py")
    if spec is None or spec.loader is None:
        raise ImportError("python-hcl2 has no module `version`")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.__version__)


def _file_name() -> str:
    import lark

    return f"hcl-tables-{_version()}-{lark.__version__}-{digest()}.msgpack"


def _build() -> bytes:
    """Build the tables with lark from the grammar file of python-hcl2, as msgpack.

    Its maps, unlike those of JSON, keep the integer keys of the tables.
    """
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = changed((_package() / "hcl2.lark").read_text(encoding="utf-8"))
    parser = Lark(grammar, parser="lalr", postlex=LineEnds())
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

    data, memo = _stored() or msgspec.msgpack.decode(_fresh())
    parser = Lark.__new__(Lark)
    parser._load(
        {"data": data, "memo": memo},
        transformer=transformer,
        postlex=LineEnds(),
        propagate_positions=False,
    )
    return parser


def _stored() -> list[Any] | None:
    """The decoded tables of the package or the cache; None if there are none, or half of them."""
    name = _file_name()
    for folder in (_PACKAGED, cache_folder()):
        if folder is not None and (folder / name).is_file():
            with suppress(OSError, msgspec.DecodeError):
                decoded = msgspec.msgpack.decode((folder / name).read_bytes())
                if isinstance(decoded, list) and len(decoded) == 2:
                    return decoded
    return None


def _fresh() -> bytes:
    """New tables, kept in the cache for the next run."""
    raw = _build()
    folder = cache_folder()
    if folder is not None:
        write_atomic(folder / _file_name(), raw)
    return raw
