"""Explanations for people: what came of a policy and a resource, and everything that led there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from readiness.cli.explaining import sized
from readiness.outputs.options import advisory_of, allowance_of, environments_of, label_of, reason_of, was_of
from readiness.outputs.terminal import SEVERITY_CODES, STATUS_CODES, Painter, clean, count, place, text_width
from readiness.outputs.text import first_sentence, instances_text
from readiness.values import Unknown

if TYPE_CHECKING:
    from readiness.engine.explained import Condition, Explained, Fact, Input, Item
    from readiness.engine.model import Finding
    from readiness.policy.model import Policy

RESOURCES = 20
"""Resources that are listed before the rest is counted."""

ITEMS = 5
"""Items, and findings, that are told in full before the rest is counted."""

VALUE = 80
"""Characters of the longest value that is shown as a whole."""

_RESULT = 9
"""Cells of the column of results, with the blanks behind it."""

_HEADINGS = {
    "fail": "fails for",
    "error": "ends with an internal error for",
    "unknown": "cannot be decided for",
    "suppressed": "fails and is suppressed for",
    "waived": "fails and is waived for",
    "baselined": "fails and is in the baseline for",
    "pass": "holds for",
    "skipped": "says nothing of",
}
_CODES = {"fail": "1;31", "error": "1;31", "pass": "1;32", "false": "1;31", "true": "32", **STATUS_CODES}


def text(policy: Policy, every: Sequence[Explained], width: int, color: bool) -> str:
    """The answer as lines of at most `width` cells, where words allow it."""
    page = _Page(width, Painter(color))
    lines: list[str] = []
    if len(every) > 1:
        lines += page.listing(policy, every)
    lines += page.whole(policy, every[0])
    return "".join(f"{line}\n" for line in lines)


class _Page:
    def __init__(self, width: int, paint: Painter) -> None:
        self.width = width
        self.paint = paint

    # -- several ------------------------------------------------------------------------

    def listing(self, policy: Policy, every: Sequence[Explained]) -> Iterator[str]:
        """What came of each resource on a line, then how to see one of them."""
        counted = Counter(one.outcome for one in every)
        sums = ", ".join(f"{number:,} {outcome}" for outcome, number in counted.items())
        yield from self.wrapped(f"{count(len(every), 'resource')}: {sums}", "", "  ")
        yield ""
        shown = every[:RESOURCES]
        wide = max(text_width(clean(one.address)) for one in shown)
        for one in shown:
            mark = self._mark(one.outcome)
            address = clean(one.address)
            variant = f"  {clean(one.variant)}" if one.variant else ""
            pad = " " * (wide - text_width(address))
            yield f"  {mark}{address}{pad}  {place(one.span)}{variant}"
        if len(every) > len(shown):
            yield f"  and {len(every) - len(shown):,} more"
        yield ""
        names = {one.address for one in every}
        how = "an address of its own" if len(names) > 1 else "--environment NAME or a PATH"
        yield from self.wrapped(f"The first of them follows; {how} shows another.", "", "")
        yield ""

    # -- one ----------------------------------------------------------------------------

    def whole(self, policy: Policy, one: Explained) -> Iterator[str]:
        """Everything about one resource."""
        heading = f"{clean(policy.id)} {_HEADINGS[one.outcome]} {clean(one.address)}"
        if one.why:
            heading += f": {clean(one.why)}"
        for line in self.wrapped(heading, "", "  "):
            yield self.paint.bold(line)
        yield ""
        yield from self.wrapped(clean(one.title), "  ", "  ")
        named = [("service", one.service), ("evaluated for", one.variant)]
        more = [f"{label} {clean(value)}" for label, value in named if value]
        about = ", ".join([f"{clean(one.type)} at {place(one.span)}", *more])
        yield from self.wrapped(about, "  ", "  ")
        yield from self.section("Settings" if one.code in ("not-selected", "type", "tier") else "Why it runs")
        yield from self.facts(one.facts)
        if one.when:
            yield from self.section("When")
            for condition in one.when:
                yield from self.condition(condition, 2)
        if one.each is not None:
            yield from self.section("For each")
            yield from self.each(one.each)
        yield from self.items(one)
        yield from self.section("Outcome")
        yield from self.outcome(one)

    def section(self, heading: str) -> Iterator[str]:
        """A blank line and a heading."""
        yield ""
        yield self.paint.bold(heading)

    def facts(self, facts: Sequence[Fact]) -> Iterator[str]:
        """What decides whether and how the policy runs, aligned."""
        wide = max(len(fact.name) for fact in facts)
        for fact in facts:
            where = "" if fact.place is None else f", {_at(fact)}"
            if fact.name == "selected":
                said = f"{'yes' if fact.value else 'no'}: {fact.origin}{where}"
            elif fact.name == "settings":
                said = str(fact.value) + ("" if fact.place is None else f", {_at(fact)}")
            else:
                said = f"{_written(fact.value)}: {fact.origin}{where}"
            lead = f"  {clean(fact.name):<{wide}}  "
            yield from self.wrapped(clean(said), lead, " " * len(lead))

    # -- conditions -----------------------------------------------------------------------

    def items(self, one: Explained) -> Iterator[str]:
        """What is asserted: of the resource, or of each item, what wants attention first."""
        for number, item in enumerate(one.items[:ITEMS]):
            brief = number > 0 and item.outcome == "pass"
            yield from self.section("Asserts" if item.name is None else f"Asserts of {self._item(item)}")
            for condition in () if brief else item.conditions:
                yield from self.condition(condition, 2)
        rest = Counter(item.outcome for item in one.items[ITEMS:])
        if rest:
            sums = ", ".join(f"{number:,} {outcome}" for outcome, number in rest.items())
            yield from ("", f"and {count(rest.total(), 'more item')}: {sums}")

    def _item(self, item: Item) -> str:
        where = "" if item.span is None else f" ({place(item.span)})"
        why = "" if item.silenced_by is None else f", {item.silenced_by} says it more precisely"
        return f"{clean(item.name or '')}{where}: {item.outcome}{why}"

    def each(self, condition: Condition) -> Iterator[str]:
        """What the items are taken from, and how many there are."""
        result = condition.result
        said = result if condition.reason is None else f"{result}, because {clean(condition.reason)}"
        if result.isdigit():
            said = count(int(result), "item")
        yield from self.wrapped(f"{clean(condition.source)}: {said}", "  ", "    ")
        for one in condition.inputs:
            yield from self.input(one, 4)

    def condition(self, condition: Condition, indent: int) -> Iterator[str]:
        """A condition with its result, its values, and its parts below it."""
        element = "" if condition.element is None else f"{clean(condition.element)}: "
        lead, deeper = " " * indent + self._mark(condition.result), indent + _RESULT
        yield from self.wrapped(element + clean(condition.source), lead, " " * (deeper + 2), deeper)
        reason = condition.reason
        if reason is not None and not _is_told_below(condition, reason):
            yield from self.wrapped(f"because {clean(reason)}", " " * deeper, " " * (deeper + 2))
        for one in condition.inputs:
            yield from self.input(one, deeper)
        for part in condition.parts:
            yield from self.condition(part, indent + 2)
        if condition.left:
            yield f"{' ' * (indent + 2)}and {count(condition.left, 'more element')}"

    def input(self, one: Input, indent: int) -> Iterator[str]:
        """`object.copies = 1 (main.tf:3:12)`, and below it where that comes from."""
        name = clean(one.name)
        if one.error is not None:
            said = f"{name} has no value: {clean(one.error)}"
        elif one.value is None:
            said = f"{name} is absent"
        elif isinstance(one.value, Unknown):
            said = f"{name} is unknown: {clean(one.value.reason)}"
        else:
            said = f"{name} = {_short(one.value)}"
        if one.address is not None:
            said += f", of {clean(one.address)}"
        here = [origin for origin in one.origins if not origin.span.path]
        where = (
            [] if one.span is None else [f"in {place(one.span)}" if one.value is None else place(one.span)]
        )
        where = [*where, *(clean(origin.kind) for origin in here)]
        said += f" ({', '.join(where)})" if where else ""
        yield from self.wrapped(said, " " * indent, " " * (indent + 2))
        for origin in one.origins:
            if origin.span.path:
                told = f"from {clean(origin.kind)}: {place(origin.span)}"
                yield from self.wrapped(told, " " * (indent + 2), " " * (indent + 4))

    # -- outcome ----------------------------------------------------------------------------

    def outcome(self, one: Explained) -> Iterator[str]:
        """What the report says of it, and who lets it pass."""
        for message in one.errors:
            yield from self.wrapped(clean(message), "  ", "    ")
        if one.findings:
            for finding in one.findings[:ITEMS]:
                yield from self.finding(finding, one)
            if len(one.findings) > ITEMS:
                yield f"  and {count(len(one.findings) - ITEMS, 'more finding')}"
            yield "  it fails the gate" if one.gates else "  it does not fail the gate"
            return
        if one.outcome == "skipped":
            would = "" if one.would in (None, "skipped") else f"; otherwise it would be: {one.would}"
            yield from self.wrapped(f"skipped: {clean(one.why or '')}{would}", "  ", "    ")
        elif not one.errors:
            yield f"  {self._mark(one.outcome).rstrip()}"

    def finding(self, finding: Finding, one: Explained) -> Iterator[str]:
        """A finding with what is worth knowing of it."""
        label = label_of(finding)
        grave = SEVERITY_CODES.get(finding.severity, "1")
        codes = grave if finding.status == "fail" else STATUS_CODES[finding.status]
        lead = f"  {self.paint(label, codes)}: "
        yield from self.wrapped(clean(finding.message), lead, "    ", len(label) + 4)
        others = tuple(a for a in (finding.subject.address, *finding.instances) if a != one.address)
        fix = None if finding.fixable is None else f"readiness check {_FIX.get(finding.fixable, '--fix')}"
        rows = [
            ("at", place(finding.span)),
            *(("from", f"{origin.kind}: {place(origin.span)}") for origin in finding.origins),
            ("because", reason_of(finding)),
            ("let pass by", allowance_of(finding)),
            ("advisory", advisory_of(finding)),
            ("worsened", was_of(finding)),
            ("where", environments_of(finding)),
            ("also", instances_text(others, 3) if others else None),
            ("help", first_sentence(finding.remediation)),
            ("fix", fix),
            ("fingerprint", finding.fingerprint),
        ]
        for name, said in rows:
            if said:
                yield from self.wrapped(clean(said), f"    {name}: ", "      ")

    # -- lines --------------------------------------------------------------------------------

    def _mark(self, result: str) -> str:
        """A result in its column."""
        pad = " " * (_RESULT - len(result))
        return self.paint(result, _CODES.get(result, "")) + pad

    def wrapped(self, said: str, lead: str, hang: str, cells: int | None = None) -> Iterator[str]:
        """A text behind a lead (of so many cells, where it has colours), further lines behind an indent."""
        from textwrap import wrap

        blank = " " * (text_width(lead) if cells is None else cells)
        width = max(self.width, len(hang) + 30)
        options: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
        first, *rest = wrap(said, width, initial_indent=blank, subsequent_indent=hang, **options) or [blank]
        yield lead + first[len(blank) :]
        yield from rest


_FIX = {"safe": "--fix", "unsafe": "--fix --unsafe-fixes"}


def _is_told_below(condition: Condition, reason: str) -> bool:
    """Whether a value or a part of a condition gives its reason."""
    unknowns = (one.value for one in condition.inputs if isinstance(one.value, Unknown))
    return any(value.reason == reason for value in unknowns) or any(
        part.reason == reason or _is_told_below(part, reason) for part in condition.parts
    )


def _at(fact: Fact) -> str:
    from readiness.outputs.terminal import clean_path

    where = fact.place
    return "" if where is None else f"{clean_path(where.path)}:{where.line}:{where.column}"


def _written(value: Any) -> str:
    """A value of settings as one would write it on one line."""
    if value is None:
        return "none"
    return value if isinstance(value, str) and 0 < len(value) <= VALUE else _short(value)


def _short(value: Any) -> str:
    """A value on one line, or what it is where that is long."""
    said = _plain(value)
    return clean(said) if len(said) <= VALUE else sized(value)


def _plain(value: Any) -> str:
    import json

    from readiness.cli.show import to_json

    if isinstance(value, Unknown):
        return f"(unknown: {value.reason})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return json.dumps(to_json(value), ensure_ascii=False)
