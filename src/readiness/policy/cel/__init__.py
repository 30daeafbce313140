"""The Common Expression Language, compiled to Python closures.

*Strict* mode is the CEL specification.  *Policy* mode (the default of `compile`) differs in
what null does, so that policies read as people mean them:

* an absent field, a missing item, and anything selected through null is null;
* null orders against nothing: `<`, `<=`, `>`, `>=` with null are false (`==` is as usual);
* null counts as false in `&&`, `||`, `!`, `?:` and predicates, as an empty list in macros,
  as 0 in `size`; `x in null` is false; predicates such as `contains` and `startsWith` are false
  of null, and other functions and arithmetic give null;
* the texts "true" and "false" equal the literals true and false, and a text orders against a number
  as the number it stands for, since Terraform converts them where a provider wants the other;
* `has()` and `.?` take a null value for absent.

In both modes a value may be `readiness.values.Unknown`: what depends on it is unknown.
"""

from __future__ import annotations

from readiness.policy.cel.blame import Blame
from readiness.policy.cel.errors import CelError, CelSyntaxError
from readiness.policy.cel.program import Program, cel_error, evaluate
from readiness.policy.cel.program import compile_program as compile
from readiness.policy.cel.template import Template, compile_template
from readiness.policy.cel.types import HOST, CelType, Duration, OptionalValue, Timestamp, UInt

__all__ = [
    "HOST",
    "Blame",
    "CelError",
    "CelSyntaxError",
    "CelType",
    "Duration",
    "OptionalValue",
    "Program",
    "Template",
    "Timestamp",
    "UInt",
    "cel_error",
    "compile",
    "compile_template",
    "evaluate",
]
