"""What we change in python-hcl2's grammar so that it reads all that Terraform reads.

Source of the rules: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

from readiness.sources.hcl.template import TemplateError

if TYPE_CHECKING:
    from lark import Token

CHAIN_LIMIT = 1000
"""Operators, steps and open brackets in one expression; far more would end the interpreter."""

_BLOCK_COMMENT = r"/\/\*(.|\n)*?(\*\/)/"

CHANGES: tuple[tuple[str, str], ...] = (
    # A comment in a line is white space; many line ends in a row are one token, which is faster.
    (rf"NL_OR_COMMENT: /\n[ \t]*/ | /#.*\n/ | /\/\/.*\n/ | {_BLOCK_COMMENT}",
     r"NL_OR_COMMENT: /(?:\n[ \t\r]*)+/ | /#.*\n/ | /\/\/.*\n/"),
    (r"%ignore /[ \t\r]+/", rf"%ignore /[ \t\r]+/{chr(10)}%ignore {_BLOCK_COMMENT}"),
    # The escapes are `$${` and `%%{` alone: what follows is text like any other.
    (r"ESCAPED_INTERPOLATION.2: /\$\$\{[^}]*\}/", r"ESCAPED_INTERPOLATION.2: /\$\$\{/"),
    (r"ESCAPED_DIRECTIVE.2: /%%\{[^}]*\}/", r"ESCAPED_DIRECTIVE.2: /%%\{/"),
    # A quoted string ends on its line.
    (r'(?!%\{)[^"\\]|\\.|', r'(?!%\{)[^"\\\n]|\\.|'),
    # White space may stand behind the end of a heredoc; its name may start with an underscore.
    (r"(?P<heredoc>[a-zA-Z][a-zA-Z0-9._-]*)", r"(?P<heredoc>[a-zA-Z_][a-zA-Z0-9._-]*)"),
    (r"\s*(?P=heredoc)\r?\n", r"[ \t]*(?P=heredoc)[ \t]*\r?\n"),
    (r"(?P<heredoc_trim>[a-zA-Z][a-zA-Z0-9._-]*)", r"(?P<heredoc_trim>[a-zA-Z_][a-zA-Z0-9._-]*)"),
    (r"\s*(?P=heredoc_trim)\r?\n", r"[ \t]*(?P=heredoc_trim)[ \t]*\r?\n"),
    # `"${~ x ~}"`.
    ("interpolation: INTERP_START expression RBRACE",
     "interpolation: INTERP_START STRIP_MARKER? expression STRIP_MARKER? RBRACE"),
    # Names may hold letters of all languages.
    ("NAME : /[a-zA-Z_][a-zA-Z0-9_-]*/", r"NAME : /[^\W\d][\w-]*/"),
    # `core::upper(x)` beside `provider::name::function(x)`.
    ("identifier (COLONS identifier COLONS identifier)? LPAR",
     "identifier (COLONS identifier (COLONS identifier)?)? LPAR"),
    # `!!x`, `-(-x)`.
    ("!unary_op : (MINUS | NOT) expr_term", "!unary_op : (MINUS | NOT) unary_expr"),
)  # fmt: skip
"""Pairs of text in the grammar and what replaces it; one that is not found is left alone."""

_OPENERS = {"LPAR": "(", "LSQB": "[", "INTERP_START": "${", "DIRECTIVE_START": "%{", "LBRACE": "{"}
_CLOSERS = frozenset({"RPAR", "RSQB", "RBRACE"})
_COMPARISONS = frozenset({"DOUBLE_EQ", "NEQ", "LT", "GT", "LEQ", "GEQ"})
_OPERATORS = _COMPARISONS | {"ASTERISK", "SLASH", "PERCENT", "DOUBLE_AMP", "DOUBLE_PIPE", "PLUS", "QMARK"}
_CHAINING = _OPERATORS | {"MINUS", "NOT", "DOT", "ATTR_SPLAT", "FULL_SPLAT_START"}
_INDEXED = frozenset({"NAME", "RSQB", "RPAR", "INT_LITERAL"})
_TOO_LONG = f"the expression has more than {CHAIN_LIMIT} operators"


def changed(grammar: str) -> str:
    """The grammar with our changes."""
    for old, new in CHANGES:
        grammar = grammar.replace(old, new)
    return grammar


def digest() -> str:
    """Eight hexadecimal digits that change with the changes."""
    return blake2b(repr(CHANGES).encode(), digest_size=4).hexdigest()


class LineEnds:
    """Between lexer and parser: drops the line ends that mean nothing.

    As in HCL, line ends mean nothing inside parentheses, brackets, interpolations and `for`
    expressions, and something in bodies and objects.  Elsewhere one before a binary operator is
    dropped too, which is more than Terraform allows.
    """

    always_accept = ("NL_OR_COMMENT",)
    """Line ends reach this class in every state of the parser."""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the parser sees.

        Raises:
            TemplateError: an expression is longer than any that people write.
        """
        stack: list[str] = []
        links = [0]  # chained operators so far: in each open bracket, outermost first
        before = ""
        waiting: Token | None = None
        try:
            for token in stream:
                kind = token.type
                if kind == "NL_OR_COMMENT":
                    if waiting is None and (not stack or stack[-1] == "{"):
                        waiting = token
                    continue
                if waiting is not None:
                    held, waiting = waiting, None
                    if kind not in _OPERATORS:
                        links[-1] = 0
                        yield held
                if kind in _CHAINING or (kind == "LSQB" and before in _INDEXED):
                    links[-1] += 1
                    if links[-1] > 100 and sum(links) > CHAIN_LIMIT:
                        raise TemplateError(token.line or 1, token.column or 1, _TOO_LONG)
                if kind in _OPENERS:
                    stack.append(_OPENERS[kind])
                    links.append(1)
                elif kind in _CLOSERS:
                    if stack:
                        stack.pop()
                        links.pop()
                elif kind == "COMMA":
                    links[-1] = 0
                elif kind == "FOR" and before == "LBRACE":
                    stack[-1] = "for"
                before = kind
                yield token
        finally:
            # Where the lexer gives up behind a line end, that line end may be the real error.
            if waiting is not None:
                yield waiting
