"""The text of a PromQL expression before it is parsed: tokens, placeholders, other dialects, its size.

Sources: https://prometheus.io/docs/prometheus/latest/querying/basics/ (lexical structure),
https://prometheus.io/docs/prometheus/latest/querying/functions/ and
https://prometheus.io/docs/prometheus/latest/querying/operators/ (names),
https://docs.victoriametrics.com/metricsql/ and https://grafana.com/docs/loki/latest/query/ (what only
MetricsQL and LogQL have).
"""

from __future__ import annotations

import re
from typing import NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMPLEXITY_LIMIT = 150
"""Operators and levels of brackets together; the parser recurses over them, so more could end the process."""

SENTINEL = "86399999ms"
"""The duration that stands for a placeholder in brackets; no one writes it."""

SENTINEL_SECONDS = 86399.999

FUNCTIONS = _words(
    """
    abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp
    clamp_max clamp_min cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg
    delta deriv double_exponential_smoothing exp first_over_time floor histogram_avg histogram_count
    histogram_fraction histogram_quantile histogram_quantiles histogram_stddev histogram_stdvar
    histogram_sum holt_winters hour idelta increase info irate label_join label_replace last_over_time
    ln log10 log2 mad_over_time max_over_time min_over_time minute month pi predict_linear
    present_over_time quantile_over_time rad rate resets round scalar sgn sin sinh sort sort_by_label
    sort_by_label_desc sort_desc sqrt stddev_over_time stdvar_over_time sum_over_time tan tanh time
    timestamp ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time vector
    year
    """
)
"""Functions of Prometheus 2 and 3."""

AGGREGATIONS = _words(
    "avg bottomk count count_values group limitk limit_ratio max min quantile stddev stdvar sum topk"
)

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
  | (?P<number>(?:0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\w*)
  | (?P<word>[A-Za-z_:][A-Za-z0-9_:]*)
  | (?P<operator>=~|!~|!=|==|<=|>=|[-+*/%^=<>(){}\[\],@.:])
  | (?P<space>\s+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BINARY = _words("+ - * / % ^ == != <= >= < > and or unless atan2")
_PLACEHOLDER = re.compile(r"\$[{\w(]|\{\{|\[\[|%\(|<%")
_WHOLE_PLACEHOLDER = re.compile(r"\{\{[^}]*\}\}|\$\{[^}]*\}|\$\w+|\[\[\w*\]\]|%\([^)]*\)\w?")
_IN_TEXT = re.compile(r"\$\{?[A-Za-z_]|\{\{|\[\[\w+\]\]")
_IN_BRACKETS = re.compile(r"(?<=[\[:])\s*(?:\$\w+|\$\{[^}]*\}|\{\{[^}]*\}\}|\[\[\w+\]\])\s*(?=[\]:])")
_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+|[0-9]+(?:\.[0-9]+)?")
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")
_METRICSQL_WORDS = frozenset({"keep_metric_names", "WITH", "default", "if", "ifnot", "limit"})
_EXPERIMENTAL = frozenset({"smoothed", "anchored"})
# Of the functions that only MetricsQL has, those that are one letter away from one of Prometheus.
_METRICSQL_FUNCTIONS = _words(
    """
    ideriv mad quantiles quantiles_over_time rand sum2 sum2_over_time tfirst_over_time tlast_over_time
    tmax_over_time tmin_over_time
    """
)
_NUMBER_SUFFIX = re.compile(r"[0-9](?:[KMGT]i?|i)$")


class Token(NamedTuple):
    """A piece of an expression: `kind` is the name of its group, `start` and `end` its offsets."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of an expression without spaces and comments; every character is in one."""
    return [
        Token(str(match.lastgroup), match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup not in ("comment", "space")
    ]


def masked(text: str) -> str:
    """The expression with its strings and comments blanked out, as long as it was."""

    def blank(match: re.Match[str]) -> str:
        return "\0" * len(match[0]) if match.lastgroup in ("comment", "string") else match[0]

    return _TOKEN.sub(blank, text)


def with_durations(text: str) -> str:
    """The expression with a duration for each placeholder that stands for one: `[$__rate_interval]`."""
    if "$" not in text and "{{" not in text and "[[" not in text:
        return text
    return _IN_BRACKETS.sub(SENTINEL, text)


def placeholder(text: str) -> str | None:
    """What of a template is left in an expression outside of its strings, if anything."""
    found = _PLACEHOLDER.search(masked(text))
    if found is None:
        return None
    whole = _WHOLE_PLACEHOLDER.match(text, found.start())
    return (whole or found)[0]


def templated(value: str) -> bool:
    """Whether the text of a label matcher holds a placeholder."""
    return _IN_TEXT.search(value) is not None


def complexity(found: list[Token]) -> int:
    """How far the parser may recurse: operators, and the deepest level of brackets."""
    depth = deepest = operators = 0
    for token in found:
        if token.kind == "operator" and token.text in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif token.kind == "operator" and token.text in ")]}":
            depth -= 1
        elif token.kind != "string" and token.text.lower() in _BINARY:
            operators += 1
    return operators + deepest


def normal(token: Token) -> str:
    """A token as the parser knows it: numbers without underscores, functions by their new names.

    https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations;
    `holt_winters` of Prometheus 2 is `double_exponential_smoothing` in Prometheus 3.
    """
    if token.kind == "number":
        return token.text.replace("_", "")
    if token.text == "holt_winters" and token.kind == "word":
        return "double_exponential_smoothing"
    return token.text


def written_for(text: str, found: list[Token]) -> str | None:
    """Why an expression that is no PromQL may be right all the same; None where nothing says so."""
    plain = masked(text)
    if re.search(r"(?<!\|)\|(?!\|)", plain):
        return "it looks like LogQL (`|`)"
    if _EXPERIMENTAL & {token.text for token in found}:
        return "it uses an experimental modifier of Prometheus"
    for inside in _BRACKETED.findall(plain):
        if any(_newer_duration(part.strip()) for part in inside.split(":")):
            return f"`[{inside.strip()}]` may be a duration of a newer Prometheus or of MetricsQL"
    words = [token.text for token in found if token.kind == "word"]
    if _METRICSQL_WORDS & set(words):
        return "it looks like MetricsQL"
    if any(token.kind == "number" and _NUMBER_SUFFIX.search(token.text) for token in found):
        return "it looks like MetricsQL (a number with a unit)"
    return None


def _newer_duration(text: str) -> bool:
    """Whether a duration is written as calculations, fractions or steps are."""
    if not text or _DURATION.fullmatch(text) or re.fullmatch(r"[\w.+\-*/%^() ]*", text) is None:
        return False
    return (
        re.search(r"[+\-*/%^()]", text) is not None
        or re.fullmatch(r"[0-9.]+(?:ms|[smhdwyi])", text) is not None
    )


def similar_function(name: str) -> str | None:
    """The function that a name was meant to be, where one letter is wrong and nothing else has that name."""
    if name in _METRICSQL_FUNCTIONS:
        return None
    return next((known for known in sorted(FUNCTIONS | AGGREGATIONS) if _one_slip(name.lower(), known)), None)


def _one_slip(name: str, known: str) -> bool:
    """Whether one letter is missing, too many, another one, or has changed places with the next."""
    if name == known or abs(len(name) - len(known)) > 1:
        return name == known
    at = next((i for i, (a, b) in enumerate(zip(name, known, strict=False)) if a != b), len(known))
    if len(name) > len(known):
        return name[at + 1 :] == known[at:]
    if len(name) < len(known):
        return name[at:] == known[at + 1 :]
    swapped = name[at : at + 2] == known[at : at + 2][::-1] and name[at + 2 :] == known[at + 2 :]
    return swapped or name[at + 1 :] == known[at + 1 :]


def too_great(found: list[Token]) -> bool:
    """Whether a duration is a number that the parser cannot hold: it ends in a panic, not in an error."""
    for index, token in enumerate(found[1:], 1):
        before = index - 1
        while before and found[before].text in ("+", "-"):
            before -= 1
        if found[before].text.lower() in ("[", ":", "offset") and _great(token):
            return True
    return False


def _great(token: Token) -> bool:
    if token.kind == "word":
        return token.text.lower() in ("inf", "nan")
    try:
        return token.kind == "number" and float(token.text.replace("_", "")) > 1e12
    except ValueError:
        return False
