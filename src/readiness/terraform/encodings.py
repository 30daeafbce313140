"""Encodings of characters that `textencodebase64` and `textdecodebase64` know.

Names and aliases are those of https://www.iana.org/assignments/character-sets/; those here, and what each
byte stands for, have been compared with Terraform 1.11.  Encodings of Asian languages are not worked out: the
tables of Go and Python differ for some of their characters.
"""

from __future__ import annotations

from readiness.terraform.convert import EvaluationError
from readiness.terraform.functions_common import Unevaluated

_NAMES = """
utf-8 utf-8 csutf8
utf-16-le utf-16le csutf16le
utf-16-be utf-16be csutf16be
utf-16 utf-16 csutf16
ascii us-ascii iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii
latin-1 iso-8859-1 iso_8859-1 iso_8859-1:1987 iso-ir-100 latin1 l1 ibm819 cp819 csisolatin1
iso8859-2 iso-8859-2 iso_8859-2 iso_8859-2:1987 iso-ir-101 latin2 l2 csisolatin2
iso8859-3 iso-8859-3 iso_8859-3 iso_8859-3:1988 iso-ir-109 latin3 l3 csisolatin3
iso8859-4 iso-8859-4 iso_8859-4 iso_8859-4:1988 iso-ir-110 latin4 l4 csisolatin4
iso8859-5 iso-8859-5 iso_8859-5 iso_8859-5:1988 iso-ir-144 cyrillic csisolatincyrillic
iso8859-6 iso-8859-6 iso_8859-6 iso_8859-6:1987 iso-ir-127 ecma-114 asmo-708 arabic csisolatinarabic
iso8859-7 iso-8859-7 iso_8859-7 iso_8859-7:1987 iso-ir-126 elot_928 ecma-118 greek greek8 csisolatingreek
iso8859-8 iso-8859-8 iso_8859-8 iso_8859-8:1988 iso-ir-138 hebrew csisolatinhebrew
iso8859-9 iso-8859-9 iso_8859-9 iso_8859-9:1989 iso-ir-148 latin5 l5 csisolatin5
iso8859-10 iso-8859-10 iso_8859-10:1992 iso-ir-157 latin6 l6 csisolatin6
iso8859-13 iso-8859-13 csiso885913
iso8859-14 iso-8859-14 iso_8859-14 iso_8859-14:1998 iso-ir-199 latin8 iso-celtic l8 csiso885914
iso8859-15 iso-8859-15 iso_8859-15 latin-9 csiso885915
iso8859-16 iso-8859-16 iso_8859-16 iso_8859-16:2001 iso-ir-226 latin10 l10 csiso885916
koi8-r koi8-r cskoi8r
mac-roman macintosh mac csmacintosh
cp037 ibm037 cp037 ebcdic-cp-us
cp437 ibm437 cp437 437 cspc8codepage437
cp850 ibm850 cp850 850 cspc850multilingual
cp852 ibm852 cp852 852 cspcp852
cp855 ibm855 cp855 855 csibm855
cp858 ibm00858 ccsid00858 cp00858 pc-multilingual-850+euro csibm00858
cp860 ibm860 cp860
cp862 ibm862 cp862
cp863 ibm863 cp863
cp865 ibm865 cp865
cp866 ibm866 cp866 866 csibm866
cp1140 ibm01140 cp01140
cp874 windows-874 cswindows874
cp1250 windows-1250 cswindows1250
cp1251 windows-1251 cswindows1251
cp1252 windows-1252 cswindows1252
cp1253 windows-1253 cswindows1253
cp1254 windows-1254 cswindows1254
cp1256 windows-1256 cswindows1256
cp1257 windows-1257 cswindows1257
cp1258 windows-1258 cswindows1258
"""
_CODECS = {name: line.split()[0] for line in _NAMES.strip().splitlines() for name in line.split()[1:]}
_WITH_CONTROLS = frozenset({"latin-1", "iso8859-9"})
_CONTROLS = frozenset(range(0x80, 0xA0))


def _codec(name: str) -> str:
    codec = _CODECS.get(name.lower())
    if codec is None:
        raise Unevaluated(f"the encoding {name!r} is not worked out")
    return codec


def _controls(codec: str, codes: bytes) -> bool:
    """Whether there are bytes that Python takes for control characters, and Go does not know."""
    return codec.startswith("iso8859-") and codec not in _WITH_CONTROLS and not _CONTROLS.isdisjoint(codes)


def encoded(text: str, name: str) -> bytes:
    """A text in the encoding with a name.

    Raises:
        EvaluationError: it has characters that the encoding has not.
        Unevaluated: the encoding is not one of those here.
    """
    codec = _codec(name)
    try:
        codes = b"\xfe\xff" + text.encode("utf-16-be") if codec == "utf-16" else text.encode(codec)
    except UnicodeEncodeError:
        codes = None
    if codes is None or _controls(codec, codes):
        raise EvaluationError(f"the text has characters that {name} has not")
    return codes


def decoded(codes: bytes, name: str) -> str:
    """The text that is written in the encoding with a name.

    Raises:
        EvaluationError: it has bytes that mean nothing in the encoding.
        Unevaluated: the encoding is not one of those here.
    """
    codec = _codec(name)
    if codec == "utf-16":
        codec = "utf-16-le" if codes.startswith(b"\xff\xfe") else "utf-16-be"
        codes = codes[2:] if codes[:2] in (b"\xff\xfe", b"\xfe\xff") else codes
    try:
        text = codes.decode(codec)
    except UnicodeDecodeError:
        text = "\ufffd"
    if "\ufffd" in text or _controls(codec, codes):
        raise EvaluationError(f"the text has symbols that {name} has not")
    return text
