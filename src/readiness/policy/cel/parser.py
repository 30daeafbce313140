"""Tokens to nodes: a Pratt parser, two Python frames for each level of nesting."""

from __future__ import annotations

from readiness.policy.cel.ast import (
    Binary,
    Call,
    Failing,
    Ident,
    Index,
    ListLit,
    Literal,
    Logic,
    MapLit,
    Node,
    Select,
    Ternary,
    Unary,
    walk,
)
from readiness.policy.cel.errors import CelSyntaxError
from readiness.policy.cel.lexer import KEYWORDS, RESERVED, Token, syntax_error, tokenize
from readiness.policy.cel.types import INT_MAX, UInt

MAX_DEPTH = 250
_POWER = {
    "?": 1, "||": 2, "&&": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4, "in": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}
_WORDS = {"and": "&&", "or": "||", "not": "!"}


def parse(source: str, allowed: frozenset[str] = frozenset()) -> Node:
    """The expression in `source`; `allowed` are reserved words that may be identifiers.

    Raises CelSyntaxError with line and column.
    """
    parser = _Parser(source, allowed)
    try:
        root = parser.expression(1)
    except RecursionError:
        raise parser.too_deep(0) from None
    if parser.token.kind != "end":
        raise parser.unexpected("an operator or the end of the expression")
    # Every level of the tree has a token of its own.
    if len(parser.tokens) > MAX_DEPTH:
        for node, depth in walk(root):
            if depth > MAX_DEPTH:
                raise parser.too_deep(node.at)
    return root


class _Parser:
    def __init__(self, source: str, allowed: frozenset[str]) -> None:
        self.source = source
        self.allowed = allowed
        self.tokens = tokenize(source)
        self.next = 0
        self.depth = 0
        self.token = self.tokens[0]
        self.op = self.token.op  # the operator that comes next, or ""

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.next += 1
            self.token = self.tokens[self.next]
            self.op = self.token.op
        return token

    def accept(self, text: str) -> bool:
        if self.op == text:
            self.advance()
            return True
        return False

    def expect(self, text: str, context: str) -> Token:
        if self.op != text:
            raise self.unexpected(f"`{text}` {context}")
        return self.advance()

    def unexpected(self, wanted: str) -> CelSyntaxError:
        token = self.token
        found = token.text if token.kind == "end" else f"`{token.text}`"
        hint = _WORDS.get(token.text)
        tail = f"; write `{hint}` for {token.text}" if hint else ""
        return syntax_error(self.source, token.start, f"expected {wanted}, found {found}{tail}")

    def too_deep(self, at: int) -> CelSyntaxError:
        return syntax_error(self.source, at, f"the expression nests deeper than {MAX_DEPTH} levels")

    def expression(self, power: int) -> Node:
        """An expression whose operators bind at least as tightly as `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(self.token.start)
        left = self.operand()
        while True:
            token = self.token
            op = token.op or ("in" if token.text == "in" else "")
            strength = _POWER.get(op, 0)
            if strength == 0 or strength < power:
                break
            self.advance()
            if op == "?":
                yes = self.expression(2)
                self.expect(":", "between the branches of `?`")
                no = self.expression(1)
                left = Ternary(token.start, left.start, no.end, left, yes, no)
                continue
            right = self.expression(strength + 1)
            if op in ("&&", "||"):
                # Parentheses keep their text, so only an operand without them is merged.
                if isinstance(left, Logic) and left.op == op and left.start == left.operands[0].start:
                    left.operands.append(right)
                    left.end = right.end
                else:
                    left = Logic(token.start, left.start, right.end, op, [left, right])
            else:
                left = Binary(token.start, left.start, right.end, op, left, right)
        self.depth -= 1
        return left

    def operand(self) -> Node:
        """Unary operators, a primary expression, and what follows it."""
        prefix: list[Token] = []
        while self.op in ("!", "-"):
            if prefix and prefix[0].text != self.token.text:
                raise self.unexpected("an operand (`!` and `-` do not mix without parentheses)")
            prefix.append(self.advance())
        negative = bool(prefix) and prefix[-1].text == "-" and _is_number(self.token)
        token = self.token
        if negative:
            prefix.pop()
            self.advance()
            value = -token.value
            node: Node = Literal(token.start, token.start - 1, token.end, value)
        elif self.op == "(":
            opening = self.advance()
            node = self.expression(1)
            closing = self.expect(")", "to close the parenthesis")
            node.start, node.end = opening.start, closing.end
        else:
            node = self.primary()
        node = self.postfix(node)
        for operator in reversed(prefix):
            node = Unary(operator.start, operator.start, node.end, operator.text, node)
        return node

    def primary(self) -> Node:
        token = self.token
        if token.kind == "literal":
            if type(token.value) is int and token.value > INT_MAX:
                raise syntax_error(self.source, token.start, "the number does not fit an int of 64 bits")
            self.advance()
            return Literal(token.start, token.start, token.end, token.value)
        if token.kind == "ident":
            return self.identifier()
        if self.op == "[":
            return self.list_literal()
        if self.op == "{":
            return self.map_literal()
        if self.op == ".":
            dot = self.advance()
            node = self.identifier()
            node.start = dot.start
            if isinstance(node, Ident):
                node.root = True
            return node
        raise self.unexpected("an operand")

    def identifier(self) -> Node:
        token = self.token
        if token.kind != "ident" or token.text == "in":
            raise self.unexpected("a name")
        if token.text in _CONSTANTS:
            self.advance()
            return Literal(token.start, token.start, token.end, _CONSTANTS[token.text])
        if token.text in RESERVED and token.text not in self.allowed:
            raise syntax_error(self.source, token.start, f"`{token.text}` is a reserved word of CEL")
        self.advance()
        if self.op == "(":
            args, end = self.arguments()
            return Call(token.start, token.start, end, token.text, None, args)
        return Ident(token.start, token.start, token.end, token.text)

    def postfix(self, node: Node) -> Node:
        """Selections, indexes and method calls after `node`."""
        while True:
            op = self.op
            if op == ".":
                self.advance()
                optional = self.accept("?")
                token = self.token
                if token.kind not in ("ident", "quoted") or token.text in KEYWORDS:
                    raise self.unexpected("a field name after `.`")
                self.advance()
                if self.op == "(" and token.kind == "ident" and not optional:
                    args, end = self.arguments()
                    node = Call(token.start, node.start, end, token.text, node, args)
                    continue
                name = token.value if token.kind == "quoted" else token.text
                node = Select(token.start, node.start, token.end, node, name, optional)
            elif op == "[":
                opening = self.advance()
                optional = self.accept("?")
                index = self.expression(1)
                closing = self.expect("]", "to close the index")
                node = Index(opening.start, node.start, closing.end, node, index, optional)
            elif op == "{" and isinstance(node, (Ident, Select)):
                return self.message(node)
            else:
                return node

    def message(self, node: Node) -> Node:
        """A message literal `Name{...}`: read to its end, because its meaning is an error."""
        body = self.map_literal(fields=True)
        return Failing(node.at, node.start, body.end, "messages (`Name{...}`) are not supported; use a map")

    def arguments(self) -> tuple[list[Node], int]:
        """The arguments in parentheses and the offset after them."""
        self.advance()
        args: list[Node] = []
        while self.op != ")":
            args.append(self.expression(1))
            if self.op != ")":
                self.expect(",", "or `)` after an argument")
                if self.op == ")":
                    raise self.unexpected("an argument after `,`")
        return args, self.advance().end

    def list_literal(self) -> Node:
        opening = self.advance()
        items: list[tuple[Node, bool]] = []
        while self.op != "]":
            optional = self.accept("?")
            items.append((self.expression(1), optional))
            if self.op != "]":
                self.expect(",", "or `]` after an item")
        return ListLit(opening.start, opening.start, self.advance().end, items)

    def map_literal(self, fields: bool = False) -> Node:
        opening = self.advance()
        entries: list[tuple[Node, Node, bool]] = []
        while self.op != "}":
            optional = self.accept("?")
            if fields:
                token = self.advance()
                if token.kind not in ("ident", "quoted"):
                    raise syntax_error(self.source, token.start, "expected a field name")
                key: Node = Literal(token.start, token.start, token.end, token.text)
            else:
                key = self.expression(1)
            self.expect(":", "after a key")
            entries.append((key, self.expression(1), optional))
            if self.op != "}":
                self.expect(",", "or `}` after an entry")
        return MapLit(opening.start, opening.start, self.advance().end, entries)


def _is_number(token: Token) -> bool:
    return token.kind == "literal" and type(token.value) in (int, float) and not isinstance(token.value, UInt)
