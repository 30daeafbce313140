"""Functions of hashes.

Source: https://developer.hashicorp.com/terraform/language/functions (Hash and Crypto Functions).
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from readiness.terraform.convert import EvaluationError
from readiness.terraform.functions_common import Function

_SPACES = {"dns": 0, "url": 1, "oid": 2, "x500": 4}
"""The last digit of what RFC 4122, appendix C, assigns to names of a kind."""


def _hashed(name: str, as_base64: bool) -> Callable[[str], str]:
    def function(text: str) -> str:
        import hashlib

        digest = hashlib.new(name, text.encode(), usedforsecurity=False)
        return base64.b64encode(digest.digest()).decode() if as_base64 else digest.hexdigest()

    return function


def _uuidv5(namespace: str, name: str) -> str:
    import uuid

    if namespace in _SPACES:
        space = uuid.UUID(f"6ba7b81{_SPACES[namespace]}-9dad-11d1-80b4-00c04fd430c8")
    else:
        try:
            space = uuid.UUID(namespace)
        except ValueError:
            raise EvaluationError(f"{namespace!r} is no namespace") from None
    return str(uuid.uuid5(space, name))


HASH: dict[str, Function] = {
    "base64sha256": Function(_hashed("sha256", True), "s"),
    "base64sha512": Function(_hashed("sha512", True), "s"),
    "md5": Function(_hashed("md5", False), "s"),
    "sha1": Function(_hashed("sha1", False), "s"),
    "sha256": Function(_hashed("sha256", False), "s"),
    "sha512": Function(_hashed("sha512", False), "s"),
    "uuidv5": Function(_uuidv5, "s s"),
}
