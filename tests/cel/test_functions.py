"""The function library, in strict mode."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.counting import counted

import readiness.policy.cel as cel
from readiness.policy.cel import CelError, CelType, Duration, UInt

VALUES: list[tuple[str, Any]] = [
    # Conversions
    ("int('-12')", -12),
    ("int(-1.9)", -1),
    ("int(true ? 1u : 2u)", 1),
    ("uint('7')", UInt(7)),
    ("double('1e3')", 1000.0),
    ("string(1.0)", "1"),
    ("string(1e300)", "1e+300"),
    ("string(1.5e-7)", "1.5e-07"),
    ("string(b'abc')", "abc"),
    ("string(true)", "true"),
    ("string(duration('90m'))", "5400s"),
    ("string(timestamp('2026-01-02T03:04:05.5+02:00'))", "2026-01-02T01:04:05.500Z".replace(".500", ".5")),
    ("bytes('é')", b"\xc3\xa9"),
    ("bool('true')", True),
    ("type(1)", CelType("int")),
    ("type(quantity('1')) == kubernetes.Quantity", True),
    ("type({}) == map && type([]) == list && type(null) == null_type && type(type(1)) == type", True),
    # Integers
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("-7 % 3", -1),
    ("7 % -3", 1),
    ("1.0 / 0.0 == double('inf')", True),
    ("2u - 1u", UInt(1)),
    # Maps
    ("{1: 'a', 2u: 'b'}[2]", "b"),
    ("{1: 'a', true: 'b'}[true] + {true: 'b', 1: 'a'}[1]", "ba"),
    ("{true: 'b', 1: 'a'}.exists(k, type(k) == bool)", True),
    ("1 in {true: 'a'}", False),
    ("true in {1: 'a'}", False),
    ("{0: 'a'}[0.0]", "a"),
    # Strings
    ("'a,b,,c'.split(',')", ["a", "b", "", "c"]),
    ("'abc'.split('')", ["a", "b", "c"]),
    ("'abc'.split('', 2)", ["a", "bc"]),
    ("'a-b-c'.split('-', 2)", ["a", "b-c"]),
    ("'banana'.replace('an', 'x', 1)", "bxana"),
    ("'banana'.indexOf('an', 2)", 3),
    ("'banana'.lastIndexOf('an', 2)", 1),
    ("'banana'.replace('a', '', 18446744073709551615u)", "bnn"),
    ("'a-b'.split('-', 18446744073709551615u)", ["a", "b"]),
    ("'Hällo'.upperAscii()", "HäLLO"),
    ("'abc'.reverse()", "cba"),
    ("'  a '.trim()", "a"),
    ("strings.quote('a\"b\\n')", '"a\\"b\\n"'),
    ("'%s is %d%% of %.2f, %x'.format(['a', 3, 2.5, 255])", "a is 3% of 2.50, ff"),
    ("'%s'.format([{'b': [1, null], 'a': 1.50}])", "{a: 1.5, b: [1, null]}"),
    ("base64.decode(base64.encode(b'hi')) == b'hi'", True),
    # Regular expressions
    ("'v1.29'.matches('^v[0-9]+\\\\.[0-9]+$')", True),
    ("'line\\n'.matches('line$')", False),
    ("'ÀB'.matches('(?i)^àb$')", True),
    ("'a1'.matches('^[[:alpha:]]\\\\d$')", True),
    ("'٣'.matches('\\\\d')", False),
    ("'abc 123'.find('[0-9]+')", "123"),
    ("'abc'.find('[0-9]+')", ""),
    ("'1a22b3'.findAll('[0-9]+')", ["1", "22", "3"]),
    ("'1a22b3'.findAll('[0-9]+', 2)", ["1", "22"]),
    ("matches('abc', 'b')", True),
    # Lists
    ("[1, 2, 3].sum()", 6),
    ("[1.5, 2.0].sum()", 3.5),
    ("[].sum()", 0),
    ("[duration('1s'), duration('2s')].sum() == duration('3s')", True),
    ("[3, 1, 2].min()", 1),
    ("['b', 'a'].max()", "b"),
    ("[1, 2, 2].isSorted()", True),
    ("[2, 1].isSorted()", False),
    ("[1, 2, 1].indexOf(1)", 0),
    ("[1, 2, 1].lastIndexOf(1)", 2),
    ("[1, 2].indexOf(3)", -1),
    ("[1, 1.0, 2u, 'a', 'a'].distinct()", [1, UInt(2), "a"]),
    ("[[1, [2]], [3]].flatten()", [1, [2], 3]),
    ("[[1, [2]], [3]].flatten(2)", [1, 2, 3]),
    ("[1, 2, 3, 4].slice(1, 3)", [2, 3]),
    ("[3, 1, 2].sort()", [1, 2, 3]),
    ("[{'n': 2}, {'n': 1}].sortBy(e, e.n)[0].n", 1),
    ("[1, 2].reverse()", [2, 1]),
    ("[1, 2].first().value() + [1, 2].last().value()", 3),
    ("[].first().hasValue()", False),
    ("lists.range(3)", [0, 1, 2]),
    ("['a', 'b'].join('-')", "a-b"),
    ("sets.contains([1, 2, 3], [2, 3.0])", True),
    ("sets.equivalent([1, 2, 2], [2, 1])", True),
    ("sets.intersects([1], [2])", False),
    # Macros
    ("[1, 2, 3].map(x, x > 1, x * 2)", [4, 6]),
    ("[1, 2].existsOne(x, x == 2)", True),
    ("['a', 'b'].transformList(i, v, i)", [0, 1]),
    ("{'a': 1}.transformMap(k, v, v + 1)", {"a": 2}),
    ("['a'].transformMapEntry(i, v, {v: i})", {"a": 0}),
    ("['a', 'b'].all(i, v, i < 2 && v != 'c')", True),
    ("cel.bind(x, 2, x * x)", 4),
    # Math
    ("math.greatest(1, 2.5, 2u)", 2.5),
    ("math.least([3, 1])", 1),
    ("math.round(-0.5)", -1.0),
    ("math.ceil(1.1)", 2.0),
    ("math.abs(-3)", 3),
    ("math.sign(-2.5)", -1.0),
    ("math.sqrt(9)", 3.0),
    ("math.bitShiftRight(-1, 63)", 1),
    # Times
    ("duration('1h30m') > duration('89m')", True),
    ("duration('-1.5s').getMilliseconds()", -500),
    ("duration('1h1m').getMinutes()", 61),
    ("timestamp('2026-03-01T00:00:00Z') - timestamp('2026-02-01T00:00:00Z') == duration('672h')", True),
    ("timestamp('2026-02-28T23:30:00Z').getDate('+01:00')", 1),
    ("timestamp('2026-02-28T23:30:00Z').getDayOfWeek()", 6),
    ("timestamp(0).getFullYear()", 1970),
    # Quantities
    ("quantity('500m') < quantity('1')", True),
    ("quantity('1Gi') == quantity('1024Mi')", True),
    ("quantity('1e3') == quantity('1k')", True),
    ("quantity('1.5Gi').asInteger()", 1610612736),
    ("quantity('500m').isInteger()", False),
    ("quantity('500m').asApproximateFloat()", 0.5),
    ("quantity('-5').sign()", -1),
    ("quantity('1').add(quantity('500m')).compareTo(quantity('1500m'))", 0),
    ("quantity('1').sub(2).isLessThan(quantity('0'))", True),
    ("quantity('2').isGreaterThan(quantity('1900m'))", True),
    ("quantity(2) == quantity('2')", True),
    ("string(quantity('1.50Gi'))", "1.50Gi"),
    ("string(quantity('1').add(quantity('1')))", "2"),
    ("isQuantity('12Kb')", False),
    ("isQuantity('12Ki')", True),
    ("quantity('0.1n') == quantity('1n')", True),
    # Networks
    ("cidr('10.0.0.0/8').containsIP('10.1.2.3')", True),
    ("cidr('10.0.0.0/8').containsCIDR(cidr('10.0.0.0/7'))", False),
    ("cidr('10.0.0.1/8').masked() == cidr('10.0.0.0/8')", True),
    ("cidr('10.0.0.0/8').ip().family()", 4),
    ("cidr('0.0.0.0/0').prefixLength()", 0),
    ("cidr('10.0.0.0/8') < cidr('11.0.0.0/8')", True),
    ("isCIDR('10.0.0.0/33')", False),
    ("ip('::1').isLoopback()", True),
    ("isIP('1.2.3')", False),
    ("ip('255.255.255.255').isGlobalUnicast()", False),
    ("url('https://user@example.com:8080/a b?x=1&x=2'.replace(' ', '%20')).getHost()", "example.com:8080"),
    ("url('https://[::1]:80/').getHostname()", "::1"),
    ("url('https://example.com:80/').getPort()", "80"),
    ("url('https://example.com/p%20q').getEscapedPath()", "/p%20q"),
    ("url('https://e.com/?k=a&k=b').getQuery()", {"k": ["a", "b"]}),
    ("isURL('not a url')", False),
    ("isURL('/path')", True),
    # Formats
    ("format.dns1123Label().validate('my-name').hasValue()", False),
    ("format.dns1123Label().validate('My_Name').value()[0].startsWith('must be lower case')", True),
    (
        "format.dns1123Label().validate('a'.replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa')).hasValue()",
        True,
    ),
    ("format.dns1123Subdomain().validate('a.b-c.d').hasValue()", False),
    ("format.dns1123Subdomain().validate('a..b').hasValue()", True),
    ("format.dns1035Label().validate('1a').hasValue()", True),
    ("format.dns1123LabelPrefix().validate('a-').hasValue()", False),
    ("format.qualifiedName().validate('example.com/My.Name').hasValue()", False),
    ("format.qualifiedName().validate('a/b/c').hasValue()", True),
    ("format.labelValue().validate('').hasValue()", False),
    ("format.uri().validate('https://example.com').hasValue()", False),
    ("format.uuid().validate('1234').hasValue()", True),
    ("format.byte().validate('aGk=').hasValue()", False),
    ("format.date().validate('2026-02-30').hasValue()", True),
    ("format.datetime().validate('2026-02-28T10:00:00Z').hasValue()", False),
    ("format.named('dns1123Label').value() == format.dns1123Label()", True),
    ("format.named('nope').hasValue()", False),
    # Versions
    ("version('1.29') == version('v1.29.0')", True),
    ("version('1.9') < version('1.10')", True),
    ("version('1.29.3-gke.100') < version('1.29.3')", True),
    ("version('1.29.3-gke.100') >= version('1.29')", True),
    ("version('1.0rc1') < version('1.0')", True),
    ("version('1.0alpha2') < version('1.0beta1')", True),
    ("version('5.7.mysql_aurora.2.11.1') > version('5.7.mysql_aurora.2.9.9')", True),
    ("version('5.7.mysql_aurora.2.11.1') > version('5.7')", True),
    ("version('1.2.3+build') == version('1.2.3')", True),
    ("version(15) <= version('15.4')", True),
    ("version('1.29').minor()", 29),
    ("semver('1.2.3-rc.1').isLessThan(semver('1.2.3'))", True),
    ("semver('1.2.3-alpha.9').compareTo(semver('1.2.3-alpha.10'))", -1),
    ("isSemver('1.2')", False),
    ("isSemver('v1.2', true)", True),
    ("semver('v01.2', true).major()", 1),
    # Optionals
    ("optional.of(1).or(optional.none()).value()", 1),
    ("optional.none().orValue(3)", 3),
    ("optional.of(1).orValue(1 / 0)", 1),
    ("optional.ofNonZeroValue('').hasValue()", False),
    ("[optional.of(1), optional.none()].unwrapOpt()", [1]),
    ("{'a': {'b': 1}}.?a.?b.optMap(x, x + 1).orValue(0)", 2),
    ("{'a': {'b': 1}}.?a.optFlatMap(x, x.?c).orValue(0)", 0),
]


@pytest.mark.parametrize(("source", "want"), VALUES, ids=[source for source, _ in VALUES])
def test_value(source: str, want: Any) -> None:
    got = cel.evaluate(source, {})
    assert type(got) is type(want) and got == want
    if isinstance(want, list):
        assert [type(item) for item in got] == [type(item) for item in want]


ERRORS: list[tuple[str, str]] = [
    ("int('1.5')", "'1.5' is no int"),
    ("int(1e19)", "1e+19 does not fit an int"),
    ("int(double('nan'))", "nan does not fit an int"),
    ("uint(-1)", "-1 does not fit an uint"),
    ("bool('yes')", "'yes' is no bool"),
    ("string([1])", "`string` does not take (list)"),
    ("9223372036854775807 + 1", "integer overflow"),
    ("-9223372036854775807 - 2", "integer overflow"),
    ("9223372036854775807 * 2", "integer overflow"),
    ("-(-9223372036854775807 - 1)", "integer overflow"),
    ("0u - 1u", "unsigned integer overflow"),
    ("1 / 0", "division by zero"),
    ("1 % 0", "modulus by zero"),
    ("1 + 1.0", "`+` does not take (int, double)"),
    ("1 + 1u", "`+` does not take (int, uint)"),
    ("[1] + 'a'", "`+` does not take (list, string)"),
    ("{'a': 1, 'a': 2}", "repeated key: a"),
    ("{null: 1}", "a map has no keys of type null_type"),
    ("{1.5: 1}", "a map has no keys of type double"),
    ("'abc'.substring(2, 1)", "a substring cannot start at 2 and end at 1"),
    ("'abc'.charAt(4)", "index 4 is outside a string of 3"),
    ("'abc'.charAt(-1)", "index -1 is outside a string of 3"),
    ("[1, 'a'].sort()", "`<` does not take (string, int)"),
    ("[].min()", "`min` of an empty list"),
    ("[true].sum()", "`sum` does not take (bool)"),
    ("lists.range(2000000)", "`lists.range` makes at most 1000000 numbers"),
    ("'%d'.format(['a'])", "`%d` cannot format a value of type string"),
    ("'%d %d'.format([1])", "the format has more clauses than the 1 values given"),
    ("'%y'.format([1])", "`%y` is not a format clause"),
    ("'%.9999f'.format([1.0])", "a precision of more than 1000 digits"),
    ("duration('1 hour')", "'1 hour' is not a duration such as 1h30m or 90s"),
    ("duration('10000000h')", "duration out of range"),
    (
        "timestamp('2026-02-30T00:00:00Z')",
        "'2026-02-30T00:00:00Z' is not a timestamp: day is out of range for month",
    ),
    ("timestamp('yesterday')", "'yesterday' is not a timestamp such as 2026-01-31T10:00:00Z"),
    ("timestamp(0).getHours('Mars/Base')", "'Mars/Base' is not a time zone known here"),
    ("quantity('1.5GB')", "'1.5GB' is not a quantity such as 500m or 1.5Gi"),
    ("quantity('')", "'' is not a quantity such as 500m or 1.5Gi"),
    ("quantity('500m').asInteger()", "the quantity 500m is no integer"),
    ("cidr('10.0.0.0')", "'10.0.0.0' is not a CIDR block such as 10.0.0.0/8"),
    ("ip('10.0.0')", "'10.0.0' is not an IP address"),
    ("version('latest')", "'latest' is not a version such as 1.29 or v1.2.3"),
    ("version('>= 1.2')", "'>= 1.2' is not a version such as 1.29 or v1.2.3"),
    ("semver('1.2')", "'1.2' is not a semantic version such as 1.2.3"),
    ("semver('1.0.0').compareTo(version('1'))", "`compareTo` does not take (kubernetes.Semver, version)"),
    ("quantity('1') < 2", "`<` does not take (kubernetes.Quantity, int)"),
    ("type(1) < type(2)", "`<` does not take (type, type)"),
    ("optional.none().value()", "the optional has no value"),
    ("base64.decode('!')", "'!' is not base64"),
    ("[1, 2].map(x, x > 'a', x)", "`>` does not take (int, string)"),
]


@pytest.mark.parametrize(("source", "message"), ERRORS, ids=[source for source, _ in ERRORS])
def test_error(source: str, message: str) -> None:
    with pytest.raises(CelError) as caught:
        cel.evaluate(source, {})
    assert caught.value.message == message
    assert caught.value.line == 1 and caught.value.column >= 1


PATTERNS: list[tuple[str, str]] = [
    ("(?=a)b", "`(?=` is not supported"),
    ("(?<!a)b", "`(?<!` is not supported"),
    ("(a)\\1", "`\\1`: back-references are not supported"),
    ("(?>a)", "`(?>` is not supported"),
    ("a++", "a repetition of a repetition"),
    ("a**", "a repetition of a repetition"),
    ("*a", "`*` has nothing to repeat"),
    ("a{1001}", "a repetition is at most 1000 times"),
    ("a{3,2}", "the smaller number first"),
    ("(a", "`(` is not closed"),
    ("a)", "`)` without `(`"),
    ("[a", "`[` is not closed"),
    ("[z-a]", "a range of characters that ends before it starts"),
    ("[[:nope:]]", "`[:nope:]` is not a class"),
    ("\\p{Greek}", "only general categories"),
    ("\\", "it ends with `\\`"),
    ("\\y", "`\\y`: not an escape of RE2"),
    ("(?x)a", "`x` is not a flag of a group"),
    ("\\x{110000}", "a Unicode character in braces"),
    ("((((a{100}){100}){100}){100})", "is too large"),
    ("(" * 300 + ")" * 300, "groups nest too deeply"),
]


@pytest.mark.parametrize(("pattern", "message"), PATTERNS, ids=[pattern[:20] for pattern, _ in PATTERNS])
def test_patterns_that_re2_has_not(pattern: str, message: str) -> None:
    with pytest.raises(CelError) as caught:
        cel.evaluate("'a'.matches(p)", {"p": pattern})
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "text", "want"),
    [
        ("(a+)+$", "a" * 3000 + "!", False),
        ("(a|aa)+$", "a" * 3000 + "!", False),
        ("(?:a?){25}a{25}", "a" * 25, True),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 3000, False),
        ("a.*b.*c.*d", "abc" * 1000, False),
        ("a.*b.*c.*d", "abc" * 1000 + "d", True),
        ("^([a-z]+-?)+(\\b|x)$", "ab-" * 500, False),
        ("(?m)^(x+x+)+y$", "x" * 2000 + "\n" + "xxy", True),
    ],
)
def test_hostile_patterns_end(pattern: str, text: str, want: bool) -> None:
    with counted(200_000):
        found = cel.evaluate("t.matches(p)", {"t": text, "p": pattern})
    assert found is want


@pytest.mark.parametrize(
    ("pattern", "text", "want"),
    [
        ("(a*)+b", "aab-ab", ["aab", "ab"]),
        ("(a|ab)(c|bcd)*", "abcd", ["abcd"]),
        ("(?:(?:x+)+)?y*?", "xxyy", ["xx", "", ""]),
        ("(\\b\\w+\\b)+", "one two", ["one", "two"]),
        ("(?i)(ab+)+", "ABBab c abx", ["ABBab", "ab"]),
    ],
)
def test_find_with_patterns_that_need_the_machine(pattern: str, text: str, want: list[str]) -> None:
    long_text = "\n" * 3000 + text
    got = cel.evaluate("t.findAll(p)", {"t": long_text, "p": pattern})
    assert [found for found in got if found] == [found for found in want if found]


def test_nan_is_not_itself() -> None:
    assert cel.evaluate("x == x || x != x", {"x": math.nan}) is True
    assert cel.evaluate("[x] == [x]", {"x": math.nan}) is False
    assert cel.evaluate("x in [x]", {"x": math.nan}) is False


def test_results_are_fresh_lists() -> None:
    program = cel.compile("[1, 2]")
    program.evaluate({}).append(3)
    assert program.evaluate({}) == [1, 2]


def test_durations_are_values_of_the_package() -> None:
    assert cel.evaluate("duration('1h')", {}) == Duration(3600 * 10**9)
    assert cel.evaluate("d + d", {"d": Duration(1)}) == Duration(2)


@pytest.mark.parametrize("text", ["0123456789" * 300])
def test_growth_is_bounded(text: str) -> None:
    source = "x"
    for _ in range(14):
        source = f"cel.bind(x, x + x, {source})"
    with pytest.raises(CelError, match="longer than"):
        cel.evaluate(source, {"x": text})
    with pytest.raises(CelError, match="longer than"):
        cel.evaluate("x.replace('', x + x + x + x)", {"x": text})
