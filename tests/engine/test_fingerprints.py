"""A fingerprint names a finding, whatever is edited around it."""

from __future__ import annotations

from typing import Any

import pytest

BUCKETS = 'resource "demo_bucket" "a" {\n  name = "a"\n}\n\nresource "demo_bucket" "b" {\n  name = "b"\n}\n'
A, B = BUCKETS.split("\n\n")
RULE = '  rule {{\n    name = "{}"\n    cidr = "0.0.0.0/0"\n  }}\n'


def firewall(*names: str) -> str:
    """A firewall with an open rule for each name."""
    return 'resource "demo_firewall" "a" {\n' + "".join(RULE.format(name) for name in names) + "}\n"


def fingerprints(
    cli: Any, text: str, name: str = "a.tf", select: str = "demo-*"
) -> dict[tuple[str, str], str]:
    """Fingerprints by policy and message."""
    for old in cli.root.iterdir():
        old.unlink()
    cli.write({name: text})
    found = {(f["policy"], f["message"]): f["fingerprint"] for f in cli.check(select=select).findings}
    assert found
    assert len(set(found.values())) == len(found)
    return found


@pytest.mark.parametrize(
    "edited",
    [
        "# A comment.\n\n" + BUCKETS,
        "locals {\n  x = 1\n}\n" + BUCKETS,
        B + "\n" + A + "\n",
        BUCKETS.replace('name = "a"', 'label = "z"\n  name = "a"'),
        BUCKETS.replace("\n", "\r\n"),
        BUCKETS.replace("  name", "      name"),
        BUCKETS.replace('name = "a"', "encrypted = false"),
    ],
    ids=["comment", "block", "order", "attribute", "CRLF", "indentation", "written out"],
)
def test_survives_edits(cli: Any, edited: str) -> None:
    assert fingerprints(cli, edited) == fingerprints(cli, BUCKETS)


def test_changes_with_what_it_is_about(cli: Any) -> None:
    here = fingerprints(cli, A + "\n", select="demo-bucket-encrypted")
    assert set(here.values()).isdisjoint(
        fingerprints(cli, A + "\n", "other.tf", "demo-bucket-encrypted").values()
    )
    assert set(here.values()).isdisjoint(fingerprints(cli, B + "\n", select="demo-bucket-encrypted").values())
    assert set(here.values()).isdisjoint(fingerprints(cli, A + "\n", select="demo-bucket-versioned").values())


def test_items_have_their_own(cli: Any) -> None:
    one = fingerprints(cli, firewall("http", "ssh"))
    assert len(one) == 2
    assert fingerprints(cli, firewall("ssh", "http")) == one
    more = fingerprints(cli, firewall("ntp", "http", "ssh"))
    assert one.items() < more.items()


def test_items_with_one_name_differ(cli: Any) -> None:
    cli.write({"a.tf": firewall("same", "same")})
    found = cli.check().findings
    assert len(found) == 2
    assert len({f["fingerprint"] for f in found}) == 2


def test_objects_with_one_name_differ(cli: Any) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
    cli.write({"a.yaml": f"{config}---\n{config}", "overlay/a.yaml": config})
    found = cli.check().findings
    assert len(found) == 3
    assert len({f["fingerprint"] for f in found}) == 3


def test_form(cli: Any) -> None:
    for fingerprint in fingerprints(cli, BUCKETS).values():
        assert len(fingerprint) == 24
        assert set(fingerprint) <= set("0123456789abcdef")
