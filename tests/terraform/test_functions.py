"""Functions with the examples of their documentation, and what is wrong with calls.

The examples are those of https://developer.hashicorp.com/terraform/language/functions, and for `base64gunzip`,
`cidrcontains`, `convert` and `urldecode` of https://opentofu.org/docs/language/functions.  More calls, with what
Terraform makes of them, are in `functions/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.counting import counted

from readiness.terraform.convert import first_unknown
from readiness.terraform.functions import call
from readiness.values import JsonText, List, Map, Unknown

Value = Callable[..., Any]

OURS: dict[type, type] = {list: List, dict: Map}

BESIDE = 'variable "u" {}\nresource "aws_s3_bucket" "b" {}\n'

KNOWN: dict[str, list[tuple[str, Any]]] = {
    "abs": [("abs(23)", 23), ("abs(0)", 0), ("abs(-12.4)", 12.4)],
    "alltrue": [('alltrue(["true", true])', True), ("alltrue([true, false])", False), ("alltrue([])", True),
                ("alltrue([false, var.u])", False), ("alltrue([null])", False)],
    "anytrue": [('anytrue(["true"])', True), ("anytrue([true, false])", True), ("anytrue([])", False),
                ("anytrue([var.u, true])", True)],
    "base64decode": [('base64decode("SGVsbG8gV29ybGQ=")', "Hello World")],
    "base64encode": [('base64encode("Hello World")', "SGVsbG8gV29ybGQ=")],
    "base64sha256": [('base64sha256("hello world")', "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=")],
    "base64sha512": [('length(base64sha512("hello world"))', 88)],
    "basename": [('basename("foo/bar/baz.txt")', "baz.txt"), ('basename("foo/")', "foo"), ('basename("/")', "/"),
                 ('basename("")', ".")],
    "ceil": [("ceil(5)", 5), ("ceil(5.1)", 6), ("ceil(-5.1)", -5)],
    "chomp": [('chomp("hello\\n")', "hello"), ('chomp("hello\\r\\n")', "hello"), ('chomp("hello\\n\\n")', "hello")],
    "chunklist": [('chunklist(["a", "b", "c", "d", "e"], 2)', [["a", "b"], ["c", "d"], ["e"]]),
                  ('chunklist(["a", "b"], 1)', [["a"], ["b"]]), ("chunklist([1, 2], 0)", [[1, 2]])],
    "cidrhost": [('cidrhost("10.12.112.0/20", 16)', "10.12.112.16"),
                 ('cidrhost("10.12.112.0/20", 268)', "10.12.113.12"),
                 ('cidrhost("10.12.112.0/20", -1)', "10.12.127.255"),
                 ('cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)', "fd00:fd12:3456:7890::22")],
    "cidrnetmask": [('cidrnetmask("172.16.0.0/12")', "255.240.0.0")],
    "cidrsubnet": [('cidrsubnet("172.16.0.0/12", 4, 2)', "172.18.0.0/16"),
                   ('cidrsubnet("10.1.2.0/24", 4, 15)', "10.1.2.240/28"),
                   ('cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', "fd00:fd12:3456:7800:a200::/72")],
    "cidrsubnets": [('cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)',
                     ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"])],
    "coalesce": [('coalesce("a", "b")', "a"), ('coalesce("", "b")', "b"), ("coalesce(1, 2)", 1),
                 ('coalesce(["", "b"]...)', "b"), ('coalesce(null, "", false)', "false")],
    "coalescelist": [('coalescelist(["a", "b"], ["c", "d"])', ["a", "b"]), ('coalescelist([], ["c", "d"])', ["c", "d"]),
                     ('coalescelist([[], ["c", "d"]]...)', ["c", "d"])],
    "compact": [('compact(["a", "", "b", null, "c"])', ["a", "b", "c"])],
    "concat": [('concat(["a", ""], ["b", "c"])', ["a", "", "b", "c"]), ("concat([])", [])],
    "contains": [('contains(["a", "b", "c"], "a")', True), ('contains(["a", "b", "c"], "d")', False),
                 ("contains([1], true)", False), ("contains([var.u, 1], 1)", True)],
    "csvdecode": [('csvdecode("a,b,c\\n1,2,3\\n4,5,6")',
                   [{"a": "1", "b": "2", "c": "3"}, {"a": "4", "b": "5", "c": "6"}]),
                  ('csvdecode("a\\n\\"x, y\\"")', [{"a": "x, y"}])],
    "dirname": [('dirname("foo/bar/baz.txt")', "foo/bar"), ('dirname("baz.txt")', ".")],
    "distinct": [('distinct(["a", "b", "a", "c", "d", "b"])', ["a", "b", "c", "d"]), ("distinct([1, 2, 1])", [1, 2])],
    "element": [('element(["a", "b", "c"], 1)', "b"), ('element(["a", "b", "c"], 3)', "a")],
    "endswith": [('endswith("hello world", "world")', True), ('endswith("hello world", "hello")', False)],
    "flatten": [('flatten([["a", "b"], [], ["c"]])', ["a", "b", "c"]),
                ('flatten([[["a", "b"], []], ["c"]])', ["a", "b", "c"])],
    "floor": [("floor(5)", 5), ("floor(4.9)", 4), ("floor(-4.1)", -5)],
    "format": [('format("Hello, %s!", "Ander")', "Hello, Ander!"), ('format("There are %d lights", 4)', "There are 4 lights"),
               ('format("%05d|%-4d|%4d|%+d", 42, 7, 7, 7)', "00042|7   |   7|+7"),
               ('format("%.2f %8.3f %e", 3.14159, 2.5, 1000)', "3.14    2.500 1.000000e+03"),
               ('format("%b %o %x %X", 10, 8, 255, 255)', "1010 10 ff FF"),
               ('format("%5s|%-5s|%.2s|%q", "a", "b", "abc", "q\\"")', '    a|b    |ab|"q\\""'),
               ('format("%v %v %v %v", "s", 1.5, true, [1, "a"])', 's 1.5 true [1,"a"]'),
               ('format("%#v", "s")', '"s"'), ('format("%t%%", "true")', "true%"),
               ('format("%[2]s %[1]s", "a", "b")', "b a"), ('format("%s", 1)', "1"),
               ('format("100%%")', "100%")],
    "formatlist": [('formatlist("Hello, %s!", ["Valentina", "Ander"])', ["Hello, Valentina!", "Hello, Ander!"]),
                   ('formatlist("%s, %s!", "Salutations", ["Valentina", "Ander"])',
                    ["Salutations, Valentina!", "Salutations, Ander!"]),
                   ('formatlist("%s", [])', [])],
    "indent": [('"  items: ${indent(2, "[\\n  foo,\\n]\\n")}"', "  items: [\n    foo,\n  ]\n  ")],
    "index": [('index(["a", "b", "c"], "b")', 1)],
    "join": [('join("-", ["foo", "bar", "baz"])', "foo-bar-baz"), ('join(", ", ["foo"])', "foo"),
             ('join("", ["a", 1], ["b"])', "a1b")],
    "jsondecode": [('jsondecode("{\\"hello\\": \\"world\\"}")', {"hello": "world"}), ('jsondecode("true")', True),
                   ('jsondecode("[1, 2.5, null]")', [1, 2.5, None])],
    "jsonencode": [('jsonencode({"hello"="world"})', '{"hello":"world"}'), ('jsonencode("é<>&")', '"é\\u003c\\u003e\\u0026"'),
                   ("jsonencode([1, 1.5, null, true])", "[1,1.5,null,true]"), ("jsonencode({ b = 1, a = 2 })", '{"a":2,"b":1}')],
    "keys": [("keys({a=1, c=2, d=3})", ["a", "c", "d"]), ("keys({b=1, a=var.u})", ["a", "b"])],
    "length": [("length([])", 0), ('length(["a", "b"])', 2), ('length({"a" = "b"})', 1), ('length("hello")', 5),
               ("length([var.u])", 1)],
    "log": [("log(50, 10)", 1.6989700043360185), ("log(16, 2)", 4)],
    "lookup": [('lookup({a="ay", b="bee"}, "a", "what?")', "ay"), ('lookup({a="ay", b="bee"}, "c", "what?")', "what?"),
               ('lookup({a=null}, "a", 1)', None)],
    "lower": [('lower("HELLO")', "hello")],
    "matchkeys": [('matchkeys(["i-123", "i-abc", "i-def"], ["us-west", "us-east", "us-east"], ["us-east"])',
                   ["i-abc", "i-def"])],
    "max": [("max(12, 54, 3)", 54), ("max([12, 54, 3]...)", 54), ("max(5)", 5)],
    "md5": [('md5("hello world")', "5eb63bbbe01eeed093cb22bb8f5acdc3")],
    "merge": [('merge({a="b", c="d"}, {e="f", c="z"})', {"a": "b", "c": "z", "e": "f"}), ("merge(null, {a=1})", {"a": 1}),
              ("merge()", {})],
    "min": [("min(12, 54, 3)", 3)],
    "nonsensitive": [("nonsensitive(sensitive(1))", 1)],
    "one": [("one([])", None), ('one(["a"])', "a")],
    "parseint": [('parseint("100", 10)', 100), ('parseint("FF", 16)', 255), ('parseint("-10", 2)', -2),
                 ('parseint("1011111011101111", 2)', 48879), ('parseint("aA", 62)', 656)],
    "pow": [("pow(3, 2)", 9), ("pow(4, 0)", 1), ("pow(2, 0.5)", 2**0.5), ("pow(2, -1)", 0.5)],
    "range": [("range(3)", [0, 1, 2]), ("range(1, 4)", [1, 2, 3]), ("range(1, 8, 2)", [1, 3, 5, 7]),
              ("range(1, 4, 0.5)", [1, 1.5, 2, 2.5, 3, 3.5]), ("range(4, 1)", [4, 3, 2]), ("range(10, 5, -2)", [10, 8, 6]),
              ("range(0)", [])],
    "regex": [('regex("[a-z]+", "53453453.345345aaabbbccc23454")', "aaabbbccc"),
              ('regex("(\\\\d\\\\d\\\\d\\\\d)-(\\\\d\\\\d)-(\\\\d\\\\d)", "2019-02-01")', ["2019", "02", "01"]),
              ('regex("^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?", "https://terraform.io/docs/")',
               {"scheme": "https", "authority": "terraform.io"})],
    "regexall": [('regexall("[a-z]+", "1234abcd5678efgh9")', ["abcd", "efgh"]),
                 ('length(regexall("[a-z]+", "123456789"))', 0), ('regexall("(\\\\w)=(\\\\w)", "a=b c=d")', [["a", "b"], ["c", "d"]])],
    "replace": [('replace("1 + 2 + 3", "+", "-")', "1 - 2 - 3"), ('replace("hello world", "/w.*d/", "everybody")', "hello everybody"),
                ('replace("a-b", "/(\\\\w)-(\\\\w)/", "$2-$1")', "b-a"), ('replace("a", "/(?P<x>a)/", "$${x}$x$$")', "aa$"),
                ('replace("a", "/a/", "\\\\1")', "\\1"), ('replace("a/b", "/", "-")', "a-b")],
    "reverse": [("reverse([1, 2, 3])", [3, 2, 1])],
    "setintersection": [('setintersection(["a", "b"], ["b", "c"], ["b", "d"])', ["b"])],
    "setproduct": [('setproduct(["development", "staging"], ["app1", "app2"])',
                    [["development", "app1"], ["development", "app2"], ["staging", "app1"], ["staging", "app2"]]),
                   ('setproduct(["a"], [])', [])],
    "setsubtract": [('setsubtract(["a", "b", "c"], ["a", "c"])', ["b"])],
    "setunion": [('setunion(["a", "b"], ["b", "c"], ["d"])', ["a", "b", "c", "d"])],
    "sha1": [('sha1("hello world")', "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed")],
    "sha256": [('sha256("hello world")', "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9")],
    "sha512": [('substr(sha512("hello world"), 0, 16)', "309ecc489c12d6eb")],
    "signum": [("signum(-13)", -1), ("signum(0)", 0), ("signum(344)", 1)],
    "slice": [('slice(["a", "b", "c", "d"], 1, 3)', ["b", "c"])],
    "sort": [('sort(["e", "d", "a", "x"])', ["a", "d", "e", "x"]), ("sort([10, 9])", ["10", "9"])],
    "split": [('split(",", "foo,bar,baz")', ["foo", "bar", "baz"]), ('split("", "👩\u200d👦é")', ["👩", "\u200d", "👦", "é"]), ('split(",", "foo")', ["foo"]), ('split(",", "")', [""])],
    "startswith": [('startswith("hello world", "hello")', True)],
    "strcontains": [('strcontains("hello world", "wor")', True)],
    "strrev": [('strrev("hello")', "olleh")],
    "substr": [('substr("hello world", 1, 4)', "ello"), ('substr("hello world", -5, -1)', "world"), ('substr("a", 5, 1)', "")],
    "sum": [("sum([10, 13, 6, 4.5])", 33.5)],
    "title": [('title("hello world")', "Hello World")],
    "tobool": [("tobool(true)", True), ('tobool("true")', True), ("tobool(null)", None)],
    "tolist": [('tolist(["a", "b", "c"])', ["a", "b", "c"]), ('tolist(["a", "b", 3])', ["a", "b", "3"])],
    "tomap": [('tomap({"a" = 1, "b" = 2})', {"a": 1, "b": 2}), ('tomap({"a" = "foo", "b" = true})', {"a": "foo", "b": "true"})],
    "tonumber": [("tonumber(1)", 1), ('tonumber("1")', 1), ('tonumber("123456789012345678901")', 123456789012345678901),
                 ('tonumber("1.5e1")', 15), ("tonumber(null)", None)],
    "toset": [('toset(["a", "b", "c"])', ["a", "b", "c"]), ('toset(["c", "b", "b"])', ["b", "c"]),
              ('toset(["a", "b", 3])', ["3", "a", "b"])],
    "tostring": [('tostring("hello")', "hello"), ("tostring(1)", "1"), ("tostring(true)", "true"), ("tostring(null)", None)],
    "transpose": [('transpose({"a" = ["1", "2"], "b" = ["2", "3"]})', {"1": ["a"], "2": ["a", "b"], "3": ["b"]})],
    "trim": [('trim("?!hello?!", "!?")', "hello"), ('trim("foobar", "far")', "oob")],
    "trimprefix": [('trimprefix("helloworld", "hello")', "world")],
    "trimspace": [('trimspace("  hello\\n\\n")', "hello")],
    "trimsuffix": [('trimsuffix("helloworld", "world")', "hello")],
    "upper": [('upper("hello")', "HELLO")],
    "base64gunzip": [('base64gunzip("H4sIAAAAAAAA/ypJLS4BAAAA//8BAAD//wx+f9gEAAAA")', "test")],
    "cidrcontains": [('cidrcontains("192.168.2.0/20", "192.168.2.1")', True), ('cidrcontains("192.168.2.0/20", "192.168.2.0/22")', True),
                     ('cidrcontains("192.168.2.0/20", "192.126.2.1")', False), ('cidrcontains("192.168.2.0/20", "192.126.2.0/18")', False),
                     ('cidrcontains("fe80::/48", "fe80::1")', True), ('cidrcontains("fe80::/48", "fe81::1")', False),
                     ('cidrcontains("192.168.2.0/24", "192.168.0.0/16")', False), ('can(cidrcontains("10.0.0.0/8", "::1"))', False),
                     ('can(cidrcontains("10.0.0.0/8", "x"))', False)],
    "convert": [('convert("true", bool)', True), ('convert({}, object({ name = optional(string, "OpenTofu") }))', {"name": "OpenTofu"}),
                ('convert(["1", 2], list(number))', [1, 2]), ('can(convert("x", number))', False), ("convert(null, string)", None)],
    "ephemeralasnull": [('ephemeralasnull("a")', "a")],
    "formatdate": [('formatdate("DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z")', "02 Jan 2018 23:12 UTC"),
                   ('formatdate("EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2018-01-02T23:12:01Z")', "Tuesday, 02-Jan-18 23:12:01 UTC"),
                   ('formatdate("EEE, DD MMM YYYY hh:mm:ss ZZZ", "2018-01-02T23:12:01-08:00")', "Tue, 02 Jan 2018 23:12:01 -0800"),
                   ('formatdate("MMM DD, YYYY", "2018-01-02T23:12:01Z")', "Jan 02, 2018"),
                   ('formatdate("HH:mmaa", "2018-01-02T23:12:01Z")', "11:12pm"),
                   ('formatdate("h\'h\'mm", "2018-01-02T23:12:01-08:00")', "23h12"),
                   ('formatdate("H \'o\'\'clock\'", "2018-01-02T23:12:01-08:00")', "11 o'clock"),
                   ('formatdate("YYYY\'\'MM\'\'\'\'", "2018-01-02T23:12:01Z")', "2018'01''"),
                   ('formatdate("\'\'\'x\'", "2018-01-02T23:12:01Z")', "'x")],
    "sensitive": [("sensitive(1)", 1), ("sensitive({ a = 1 })", {"a": 1})],
    "textdecodebase64": [('textdecodebase64("SABlAGwAbABvACAAVwBvAHIAbABkAA==", "UTF-16LE")', "Hello World")],
    "textencodebase64": [('textencodebase64("Hello World", "UTF-16LE")', "SABlAGwAbABvACAAVwBvAHIAbABkAA==")],
    "timeadd": [('timeadd("2017-11-22T00:00:00Z", "10m")', "2017-11-22T00:10:00Z")],
    "timecmp": [('timecmp("2017-11-22T00:00:00Z", "2017-11-22T00:00:00Z")', 0), ('timecmp("2017-11-22T00:00:00Z", "2017-11-22T01:00:00Z")', -1),
                ('timecmp("2017-11-22T01:00:00Z", "2017-11-22T00:59:00Z")', 1), ('timecmp("2017-11-22T01:00:00Z", "2017-11-22T00:00:00-01:00")', 0),
                ('timecmp("2017-11-22T00:00:00+01:00", "2017-11-22T00:00:00Z")', -1)],
    "urldecode": [('urldecode("Hello+World%21")', "Hello World!"), ('urldecode("%E2%98%83")', "☃"),
                  ('urldecode("foo%3Abar%40localhost%3Ffoo%3Dbar%26bar%3Dbaz")', "foo:bar@localhost?foo=bar&bar=baz"),
                  ('can(urldecode("100%"))', False)],
    "urlencode": [('urlencode("Hello World!")', "Hello+World%21"), ('urlencode("☃")', "%E2%98%83")],
    "uuidv5": [('uuidv5("dns", "www.terraform.io")', "a5008fae-b28c-5ba5-96cd-82b4c53552d6")],
    "values": [("values({a=3, c=2, d=1})", [3, 2, 1]), ("values({b=1, a=2})", [2, 1])],
    "yamldecode": [('yamldecode("a: 1\\nb: [x, true]")', {"a": 1, "b": ["x", True]}), ('yamldecode("~")', None)],
    "yamlencode": [('yamlencode({"a":"b", "c":"d"})', '"a": "b"\n"c": "d"\n'), ('yamlencode({"foo":[1, 2, 3], "bar": "baz"})', '"bar": "baz"\n"foo":\n- 1\n- 2\n- 3\n'),
                   ('yamlencode({"foo":[1, {"a":"b","c":"d"}, 3], "bar": "baz"})',
                    '"bar": "baz"\n"foo":\n- 1\n- "a": "b"\n  "c": "d"\n- 3\n')],
    "zipmap": [('zipmap(["a", "b"], [1, 2])', {"a": 1, "b": 2})],
}  # fmt: skip
CASES = [case for cases in KNOWN.values() for case in cases]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_known(value: Value, text: str, expected: Any) -> None:
    found = value(text, BESIDE)
    assert found == expected
    if isinstance(expected, list):
        assert isinstance(found, List)
        assert list(map(type, found)) == [OURS.get(type(e), type(e)) for e in expected]
    elif not isinstance(found, JsonText):
        assert type(found) is OURS.get(type(expected), type(expected))


ERRORS = [
    ("base64decode(\"?\")", "base64decode(): the text is not Base64"),
    ("cidrhost(\"10.0.0.0/30\", 4)", "cidrhost(): 10.0.0.0/30 has no host number 4"),
    ("cidrhost(\"10.0.0.0\", 4)", "cidrhost(): '10.0.0.0' is not an address with a prefix length"),
    ("cidrnetmask(\"fd00::/8\")", "cidrnetmask(): networks of IPv6 have no netmask"),
    ("cidrsubnet(\"10.0.0.0/24\", 9, 0)", "cidrsubnet(): 10.0.0.0/24 has no subnet 0 of 9 more bits"),
    ("cidrsubnet(\"10.0.0.0/24\", 2, 4)", "cidrsubnet(): 10.0.0.0/24 has no subnet 4 of 2 more bits"),
    ("cidrsubnet(\"10.0.0.0/24\", 1e9, 1)", "cidrsubnet(): 10.0.0.0/24 has no subnet 1"),
    ("coalesce(\"\", null)", "coalesce(): all arguments are null or empty"),
    ("coalescelist([], [])", "coalescelist(): all arguments are empty lists"),
    ("csvdecode(\"a,b\\n1\")", "csvdecode(): row 2 has not as many fields as the header"),
    ("element([], 0)", "element(): the list is empty"),
    ("format(\"%d\", 1.5)", "format(): '%d' requires a whole number, not 1.5"),
    ("format(\"%s\")", "format(): there is no argument for '%s'"),
    ("format(\"%s\", \"a\", \"b\")", "format(): there are more arguments than the template uses"),
    ("format(\"%z\", 1)", "format(): '%z' is no verb"),
    ("format(\"%\")", "format(): the `%` at character 1 of the template begins no verb"),
    ("formatlist(\"%s%s\", [1], [1, 2])", "formatlist(): argument 3 is a list of another length than one before"),
    ("index([\"a\"], \"b\")", "index(): the item is not in the list"),
    ("jsondecode(\"{\")", "jsondecode(): the text is not JSON: Expecting property name"),
    ("jsondecode(\"NaN\")", "jsondecode(): NaN is not JSON"),
    ("join(\",\", [null])", "join(): item 0 of list 1 is null"),
    ("log(-1, 10)", "log(): only numbers above zero have a logarithm"),
    ("lookup({}, \"a\")", "lookup(): there is no key 'a'"),
    ("one([1, 2])", "one(): the list has more than one item"),
    ("parseint(\"12\", 2)", "parseint(): '12' is no number in base 2"),
    ("parseint(\"0x1\", 16)", "parseint(): '0x1' is no number in base 16"),
    ("pow(-8, 0.5)", "pow(): the power of a negative number must be whole"),
    ("range(1, 4, 0)", "range(): the step never leads to the end"),
    ("range(1, 4, -1)", "range(): the step never leads to the end"),
    ("regex(\"[a-z]+\", \"53453453\")", "regex(): '[a-z]+' does not match"),
    ("regex(\"(\", \"\")", "regex(): '(' is not a regular expression"),
    ("regex(\"(?=a)\", \"a\")", "regex(): the regular expression uses '(?=a', which is not supported"),
    ("regex(\"(a)\\\\1\", \"aa\")", "regex(): the regular expression uses '\\1', which is not supported"),
    ("setproduct([1])", "setproduct(): two sets or more are required"),
    ("slice([1], 0, 2)", "slice(): the items 0 to 2 are not all in a list of 1"),
    ("sum([])", "sum(): the list is empty"),
    ("tobool(\"yes\")", "tobool(): a bool is required"),
    ("tonumber(\"1a\")", "tonumber(): '1a' is not a number"),
    ("tostring([])", "tostring(): a collection cannot be converted to a string"),
    ("tomap([])", "tomap(): a map is required"),
    ("toset(\"a\")", "toset(): a set is required"),
    ("merge([])", "merge(): only maps and objects can be merged"),
    ("yamldecode(\"{\")", "yamldecode(): the text is not YAML"),
    ("zipmap([\"a\"], [])", "zipmap(): the number of keys is not that of the values"),
    ("length(1)", "length(): a list, map or string is required"),
    ("keys(1)", "keys(): argument 1: a map is required"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[text for text, _ in ERRORS])
def test_error(reason: Callable[..., str], text: str, message: str) -> None:
    assert reason(text).startswith(f"it cannot be evaluated: {message}")


NULLABLE = ['lookup({ a = var.u }, "a")', "one(var.u)", "element([var.u], 0)", "jsondecode(var.u)",
            "tolist(var.u)", "tomap(var.u)"]  # fmt: skip
UNKNOWN = [
    *NULLABLE,
    "upper(var.u)",
    "join(\",\", [\"a\", var.u])",
    "merge({}, var.u)",
    "concat([], var.u)",
    "flatten([[1], var.u])",
    "contains([var.u], 1)",
    "toset([1, var.u])",
    "length(var.u)",
    "keys(var.u)",
    "values(var.u)",
    "compact([\"a\", var.u])",
    "zipmap([var.u], [1])",
    "setproduct([1], var.u)",
    "alltrue([true, var.u])",
    "anytrue([false, var.u])",
    "coalesce(var.u, \"a\")",
    "coalescelist(var.u, [1])",
    "tolist(var.u)",
    "tomap(var.u)",
    "distinct([var.u])",
    "format(\"%s\", var.u)",
]  # fmt: skip


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_arguments(value: Value, text: str) -> None:
    found = value(text, BESIDE)
    assert isinstance(found, Unknown)
    assert found.refs == ("var.u",)
    assert found.not_null is (text not in NULLABLE)


def test_known_in_spite_of_an_unknown(value: Value) -> None:
    found = value("concat([1], [var.u])", BESIDE)
    assert found[0] == 1
    assert isinstance(found[1], Unknown)
    assert value('lookup({ a = 1, b = var.u }, "a")', BESIDE) == 1
    assert value("element([1, var.u], 0)", BESIDE) == 1
    assert value("merge({ a = var.u }, { a = 1 })", BESIDE) == {"a": 1}
    assert value('zipmap(["a"], [var.u]).a', BESIDE).refs == ("var.u",)
    assert value('coalesce("a", var.u)', BESIDE) == "a"


def test_json_with_unknown_parts(value: Value) -> None:
    found = value('jsonencode({ a = [1, aws_s3_bucket.b.arn], c = "d" })', BESIDE)
    assert isinstance(found, Unknown)
    assert found.not_null
    assert found.reason == "aws_s3_bucket.b.arn is known only after apply"
    assert found.document["c"] == "d"
    assert found.document["a"][0] == 1
    assert found.document["a"][1].refs == ("aws_s3_bucket.b.arn",)


def test_json_keeps_what_it_was_made_of(value: Value) -> None:
    found = value('jsonencode({\n    a = "b"\n  })')
    assert isinstance(found, JsonText)
    assert found == '{"a":"b"}'
    assert found.value.value_spans == {"a": ("main.tf", 3, 9, 3, 12)}
    assert value("jsondecode(jsonencode({ a = 1 })).a") == 1


def test_yaml_keeps_what_it_was_made_of(value: Value) -> None:
    found = value('yamlencode({\n    a = "b"\n  })')
    assert isinstance(found, JsonText)
    assert found == '"a": "b"\n'
    assert found.value.value_spans == {"a": ("main.tf", 3, 9, 3, 12)}
    assert value('can(jsondecode(yamlencode({ a = "b" })))') is False
    assert value('jsondecode(yamlencode("b"))') == "b"


def test_yaml_with_unknown_parts(value: Value) -> None:
    found = value("yamlencode({ a = var.u, b = 1 })", BESIDE)
    assert isinstance(found, Unknown)
    assert found.not_null
    assert found.document["b"] == 1
    assert found.document["a"].refs == ("var.u",)


RE2 = [
    ("^[[:alpha:]]+$", "abc", "abc"),
    ("^[[:alpha:]_-]+$", "a_b-c", "a_b-c"),
    ("a$", "a\n", None),
    ("(?m)a$", "a\nb", "a"),
    ("(?i)ABC", "abc", "abc"),
    ("(?s)a.b", "a\nb", "a\nb"),
    ("a.b", "a\nb", None),
    ("\\d+", "٣", None),
    ("\\w+", "é", None),
    ("a\\z", "a\n", None),
    ("a{,2}", "a{,2}", "a{,2}"),
    ("a{2,3}", "aaaa", "aaa"),
    ("[]a]+", "]a", "]a"),
    ("[^]a]+", "]ab", "b"),
    ("\\x41\\x{42}", "AB", "AB"),
    ("[\\s\\d]+", "a 1", " 1"),
    ("(?:ab)+?", "abab", "ab"),
    ("[a[]+", "[a", "[a"),
    ("a|b", "b", "b"),
    ("^([0-9]{1,3}\\.){3}[0-9]{1,3}$", "192.168.100.200", ["100."]),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), RE2, ids=[case[0] for case in RE2])
def test_regular_expressions_are_those_of_re2(pattern: str, text: str, expected: Any) -> None:
    assert call("regexall", [pattern, text])[:1] == ([] if expected is None else [expected])


HOSTILE = [
    ('regex("(a+)+$", "' + "a" * 60 + '!")', "might take too long"),
    ('regex("(a|aa)+$", "' + "a" * 60 + '!")', "might take too long"),
    ('regex("(a?){40}a{40}", "' + "a" * 40 + '")', "might take too long"),
    ('regex("a*a*a*a*a*a*b", "' + "a" * 200 + '")', "might take too long"),
    ('regex("' + "a?" * 60 + '", "' + "a" * 60 + '")', "might take too long"),
    ('replace("' + "a" * 60 + '!", "/(a*)*b/", "")', "might take too long"),
    ('regex("' + "a" * 2000 + '", "")', "longer than 1000"),
    ("pow(10, 1000000000)", "pow()"),
    ("pow(pow(10, 300), 2)", "pow()"),
    ("range(1000000000)", "more than 1,024 items"),
    ("range(0, 1, 0.0000001)", "more than 1,024 items"),
    ('format("%999999999s", "")', "larger than 1000"),
    ('format("%.999999999f", 1)', "larger than 1000"),
    ('indent(1000000000, "a\\nb")', "more than 4,000,000 characters"),
    ('[for i in range(1000) : [for j in range(1000) : i]]', "more than 50,000 times"),
    ('[for i in range(1000) : join(",", [for j in range(1000) : i])]', "more than 50,000 times"),
    ("setproduct(range(1000), range(1000))", "more than 50,000 items"),
    ("1e308 * 10", None),
    ("1e999", None),
    ('tonumber("1e999")', None),
    ('tonumber("1e9999")', "too large"),
    ('parseint("' + "1" * 5000 + '", 10)', "the number has too many digits"),
    ('tonumber("' + "1" * 5000 + '")', "too large"),
    ("chunklist([1], -1)", "the size is negative"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), HOSTILE, ids=[text[:50] for text, _ in HOSTILE])
def test_hostile_arguments(value: Value, text: str, message: str | None) -> None:
    with counted(1_000_000):
        found = value(text)
    if message is not None:
        assert isinstance(found, Unknown)
        assert message in found.reason


LAUGHS = {
    "lists": ("[]", "[local.x{0}, local.x{0}, local.x{0}]"),
    "texts": ('"lol"', '"${{local.x{0}}}${{local.x{0}}}${{local.x{0}}}"'),
    "joins": ('"lol"', 'join("", [local.x{0}, local.x{0}, local.x{0}])'),
    "formats": ('"lol"', 'format("%s%s%s", local.x{0}, local.x{0}, local.x{0})'),
    "replacements": ('"lol"', 'replace(local.x{0}, "l", local.x{0})'),
    "concats": ('["lol"]', "concat(local.x{0}, local.x{0}, local.x{0})"),
    "objects": ("{{}}", "{{ a = local.x{0}, b = local.x{0}, c = local.x{0} }}"),
    "json": ('["lol"]', "[jsonencode(local.x{0}), jsonencode(local.x{0}), jsonencode(local.x{0})]"),
    "numbers": ("10", "local.x{0} * local.x{0}"),
    "products": ("[1, 2]", "setproduct(local.x{0}, local.x{0})"),
}


@pytest.mark.parametrize("name", LAUGHS)
def test_a_value_that_grows_exponentially(value: Value, name: str) -> None:
    first, following = LAUGHS[name]
    lines = [f"x0 = {first.format(0)}", *(f"x{n} = {following.format(n - 1)}" for n in range(1, 60))]
    with counted(15_000_000):
        found = value("local.x59", "locals {\n" + "\n".join(lines) + "\n}\n")
    assert first_unknown(found) is not None
