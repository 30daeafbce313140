"""CEL source text to tokens, as the language definition's lexis has it."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from readiness.policy.cel.errors import CelSyntaxError, place_of
from readiness.policy.cel.types import INT_MAX, UINT_MAX, UInt

KEYWORDS = frozenset({"true", "false", "null", "in"})
RESERVED = frozenset(
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
        "package", "namespace", "return", "var", "void", "while",
    }
)  # fmt: skip
MAX_SOURCE = 100_000
"""Characters in an expression; longer ones are refused."""


class Token(Struct, frozen=True, gc=False):
    """One token: `kind` is `ident`, `quoted`, `literal`, `op` or `end`; `op` is the text of an operator."""

    kind: str
    text: str
    start: int
    end: int
    value: Any = None
    op: str = ""


_TOKEN = re.compile(
    r"""
    (?:[ \t\n\f\r]+|//[^\n]*)*
    (?:
    (?P<text>"[^"\\\r\n]*"(?!")|'[^'\\\r\n]*'(?!'))
  | (?P<string>(?:[bB][rR]?|[rR])?(?:\"\"\"|'''|"|'))
  | (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<int>0[xX][0-9a-fA-F]+[uU]?|[0-9]+[uU]?)
  | (?P<ident>[_a-zA-Z][_a-zA-Z0-9]*)
  | (?P<quoted>`[^`\n]*`)
  | (?P<op>&&|\|\||[<>=!]=|[<>!+\-*/%?:.,(){}\[\]])
  | (?P<end>\Z)
  | (?P<strange>[\s\S])
    )
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r"[a-zA-Z0-9_.\-/ ]+")
_ESCAPE = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\?\"'`])|[xX](?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8}))"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def tokenize(source: str) -> list[Token]:
    """All tokens of the source, ended by an `end` token.

    Raises CelSyntaxError, with line and column, for text that is no token.
    """
    if len(source) > MAX_SOURCE:
        raise CelSyntaxError(f"the expression has {len(source)} characters; {MAX_SOURCE} are allowed", 1, 1)
    tokens: list[Token] = []
    end = 0
    while True:
        match = _TOKEN.match(source, end)
        if match is None:  # never: what is no token is `strange`
            raise syntax_error(source, end, _strange(source, end))
        kind = str(match.lastgroup)
        start, end = match.span(kind)
        text = source[start:end]
        if kind == "op":
            tokens.append(Token(kind, text, start, end, None, text))
        elif kind == "ident":
            tokens.append(Token(kind, text, start, end))
        elif kind == "text":  # most strings: one line, no escapes
            tokens.append(Token("literal", text, start, end, text[1:-1]))
        elif kind == "string":
            value, end = _string(source, start, text)
            tokens.append(Token("literal", source[start:end], start, end, value))
        elif kind == "end":
            tokens.append(Token(kind, "end of expression", end, end))
            return tokens
        elif kind == "strange":
            raise syntax_error(source, start, _strange(source, start))
        elif kind == "quoted":
            if not _QUOTED.fullmatch(text[1:-1]):
                raise syntax_error(source, start, "a quoted field name has letters, digits and `_ . - /`")
            tokens.append(Token(kind, text, start, end, text[1:-1]))
        else:
            tokens.append(Token("literal", text, start, end, _number(source, start, kind, text)))


def syntax_error(source: str, at: int, message: str) -> CelSyntaxError:
    """A syntax error at an offset of the source."""
    return CelSyntaxError(message, *place_of(source, at))


def _strange(source: str, at: int) -> str:
    char = source[at]
    hints = {"=": "; equality is `==`", "&": "; and is `&&`", "|": "; or is `||`"}
    return f"unexpected character {char!r}{hints.get(char, '')}"


def _number(source: str, at: int, kind: str, text: str) -> Any:
    if kind == "float":
        value = float(text)
        if value == float("inf"):
            raise syntax_error(source, at, "the number is too large for a double")
        return value
    unsigned = text[-1] in "uU"
    digits = text.rstrip("uU")
    # 2**63 itself is let through for the parser, which may find a minus before it.
    limit = UINT_MAX if unsigned else INT_MAX + 1
    number = (
        limit + 1 if len(digits.lstrip("0")) > 20 else int(digits, 16 if digits[:2] in ("0x", "0X") else 10)
    )
    if number > limit:
        raise syntax_error(
            source, at, f"the number does not fit {'an uint' if unsigned else 'an int'} of 64 bits"
        )
    return UInt(number) if unsigned else number


def _string(source: str, at: int, opening: str) -> tuple[str | bytes, int]:
    """The value of the string literal at `at` and the offset after it."""
    prefix = opening.rstrip("\"'").lower()
    quote = opening[len(prefix) :]
    raw, binary = "r" in prefix, "b" in prefix
    position = at + len(opening)
    parts: list[str | bytes] = []
    while True:
        stop = _stop(source, position, quote, raw)
        if stop < 0 or (len(quote) == 1 and _newline(source, position, stop)):
            raise syntax_error(source, at, "the string is not closed")
        _add(parts, source[position:stop], binary)
        if source.startswith(quote, stop):
            break
        if stop + 1 >= len(source):
            raise syntax_error(source, at, "the string is not closed")
        piece, position = _escape(source, stop, binary)
        parts.append(piece)
    value: str | bytes = b"".join(parts) if binary else "".join(parts)  # type: ignore[arg-type]
    return value, stop + len(quote)


def _stop(source: str, position: int, quote: str, raw: bool) -> int:
    """The offset of the next quote or backslash, -1 when there is none."""
    end = source.find(quote, position)
    slash = -1 if raw else source.find("\\", position, end if end >= 0 else len(source))
    return slash if slash >= 0 else end


def _newline(source: str, start: int, stop: int) -> bool:
    return source.find("\n", start, stop) >= 0 or source.find("\r", start, stop) >= 0


def _add(parts: list[str | bytes], text: str, binary: bool) -> None:
    if text:
        # Lone surrogates cannot come from a file; they stay as they are in strings.
        parts.append(text.encode("utf-8", "surrogatepass") if binary else text)


def _escape(source: str, at: int, binary: bool) -> tuple[str | bytes, int]:
    match = _ESCAPE.match(source, at)
    if match is None:
        shown = source[at : at + 2]
        raise syntax_error(source, at, f"`{shown}` is not an escape; write `\\\\` for a backslash")
    kind, text = str(match.lastgroup), str(match.group(match.lastgroup or 0))
    if kind == "simple":
        char = _SIMPLE.get(text, text)
        return (char.encode() if binary else char), match.end()
    number = int(text, 8 if kind == "octal" else 16)
    if binary:
        if kind in ("short", "long"):
            raise syntax_error(source, at, "bytes take \\x and octal escapes, not \\u")
        return bytes([number]), match.end()
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise syntax_error(source, at, f"`{match.group()}` is not a Unicode character")
    return chr(number), match.end()
