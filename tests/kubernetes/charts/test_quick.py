"""Certificates of charts are made with keys that cost little."""

from __future__ import annotations

import pytest
from tests.kubernetes.charts.conftest import documents, render

from readiness.kubernetes.charts.quick import quicker


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ $ca := genCA "ca" 365 }}', '{{ $ca := genCAWithKey "ca" 365 "K\\n" }}'),
        ('{{- $ca := genCA "ca" 365 -}}', '{{- $ca := genCAWithKey "ca" 365 "K\\n" -}}'),
        ('{{ (genCA "a|b" (int 3)).Cert }}', '{{ (genCAWithKey "a|b" (int 3) "K\\n" ).Cert }}'),
        ('{{ genCA "a" 3 | toJson }}', '{{ genCAWithKey "a" 3 "K\\n" | toJson }}'),
        (
            '{{ $c := genSignedCert "c" nil (list "a") 9 (genCA "x" 1) }}',
            '{{ $c := genSignedCertWithKey "c" nil (list "a") 9 (genCAWithKey "x" 1 "K\\n" ) "K\\n" }}',
        ),
        ('{{ genPrivateKey "rsa" }}', '{{ genPrivateKey "ecdsa" }}'),
        ('{{ $ca | genSignedCert "c" nil nil 9 }}', '{{ $ca | genSignedCert "c" nil nil 9 }}'),
        ('{{ genCAWithKey "ca" 365 .x }}', '{{ genCAWithKey "ca" 365 .x }}'),
        ("a: genCA x 1 {{/* genCA x 1 */}}", "a: genCA x 1 {{/* genCA x 1 */}}"),
    ],
)
def test_calls_get_a_key(text: str, expected: str) -> None:
    assert quicker(text, "K\n") == expected


CERTIFICATES = """\
apiVersion: v1
kind: Secret
{{- $ca := genCA "ca" 365 }}
{{- $cert := genSignedCert "cn" (list "10.0.0.1") (list "a.b" "c") 365 $ca }}
metadata: {name: x}
data:
  ca: {{ $ca.Cert | b64enc }}
  cert: {{ $cert.Cert | b64enc }}
  key: {{ $cert.Key | b64enc }}
"""


def test_a_chart_still_gets_certificates() -> None:
    from base64 import b64decode

    charts = render({"templates/a.yaml": CERTIFICATES})
    assert charts.errors == []
    [root] = documents(charts)
    for name, kind in (("ca", b"CERTIFICATE"), ("cert", b"CERTIFICATE"), ("key", b"PRIVATE KEY")):
        assert b64decode(root["data"][name]).startswith(b"-----BEGIN " + kind)


def test_a_failure_is_told_at_its_place_in_the_template_as_it_is_written() -> None:
    template = 'a: {{ genCA "ca" 365 }}{{ .Values.x.y }}\n'
    [error] = render({"templates/a.yaml": template}).errors
    assert (error.line, error.column) == (1, template.index(".x") + 1)
