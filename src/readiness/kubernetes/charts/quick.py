"""Templates that make certificates and keys, made cheaper: a key of RSA takes a third of a second.

The functions of Sprig that make certificates have siblings that take the key as one more argument.  What
they give is as random as before, and nobody checks its bytes.  Source: https://masterminds.github.io/sprig/crypto.html
"""

from __future__ import annotations

import re

from readiness.kubernetes.charts.actions import pieces

SLOW = re.compile(rb"\bgen(?:CA|SignedCert|SelfSignedCert|PrivateKey)\b")
"""What a template has in it that makes keys."""

KEY_TEMPLATE = '{{ genPrivateKey "ed25519" }}'
"""What prints a key to use."""

_CALL = re.compile(r"(?P<pipe>\|\s*)?\b(?P<name>genCA|genSignedCert|genSelfSignedCert)(?=\s)")
_RSA = re.compile(r'\bgenPrivateKey\s+"rsa"')
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|[()|]')


def quicker(text: str, key: str) -> str:
    """A template whose certificates are made with a key (PEM), which has as many lines as before."""
    cut = pieces(text)
    if cut is None:
        return text
    written = key.strip().replace("\n", "\\n")
    return "".join(
        text[piece.start : piece.end]
        if not piece.body
        else _action(text[piece.start : piece.end], f' "{written}\\n"')
        for piece in cut
    )


def _action(action: str, key: str) -> str:
    action = _RSA.sub('genPrivateKey "ecdsa"', action)
    position = 0
    while (match := _CALL.search(action, position)) is not None:
        position = match.end()
        if match["pipe"] is None:
            end = _end_of_command(action, position)
            action = f"{action[:position]}WithKey{action[position:end].rstrip()}{key} {action[end:]}"
    return action


def _end_of_command(action: str, start: int) -> int:
    """Where the arguments of a call end: at a pipe, a parenthesis that was opened before, or the end."""
    depth = 0
    for token in _TOKEN.finditer(action, start):
        sign = token[0]
        if sign == "(":
            depth += 1
        elif sign in (")", "|"):
            if depth == 0:
                return token.start()
            depth -= sign == ")"
    end = len(action) - 2
    return end - 1 if action[end - 1] == "-" else end
