"""What entries claim is found by how their globs begin, and is what trying every one of them gives."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from readiness.config.patterns import address_pattern, path_pattern
from readiness.config.services import Declared
from readiness.estate.model import Resource
from readiness.estate.services.declared import Entries
from readiness.repo.paths import below
from readiness.values import Map, Span

PIECES = st.lists(st.sampled_from(["a", "b", "*", "**", "a*", "?"]), min_size=1, max_size=3).map("/".join)
PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map("/".join)
ADDRESSES = st.sampled_from(["module.a", "module.a.x.y", 'module.a["k"].x.y[0]', "x.y", "Deployment/a/b"])
WANTED = st.one_of(ADDRESSES, st.sampled_from(["module.*", "x.?", "Deployment/*", "*"]))
ENTRIES = st.lists(
    st.builds(
        lambda folder, paths, resources: Declared(
            "x", Span("f", 1, 1, 1, 1), folder, paths=tuple(paths), resources=tuple(resources)
        ),
        st.sampled_from([".", "a", "a/b"]),
        st.lists(PIECES, max_size=2),
        st.lists(WANTED, max_size=2),
    ),
    max_size=4,
)


def one_by_one(declared: dict[str, Declared], resource: Resource) -> str | None:
    for key, entry in declared.items():
        paths = [below(entry.folder, glob) for glob in entry.paths]
        if entry.resources and address_pattern(entry.resources).fullmatch(resource.address):
            return key
        if paths and path_pattern(paths).fullmatch(resource.header.path):
            return key
    return None


@given(ENTRIES, PATHS, ADDRESSES)
@example([Declared("x", Span("f", 1, 1, 1, 1), ".", paths=(".",))], "a/b", "x.y")
@example([Declared("x", Span("f", 1, 1, 1, 1), ".", paths=("./a/",))], "a/b", "x.y")
def test_as_one_by_one(entries: list[Declared], path: str, address: str) -> None:
    declared = {str(number): entry for number, entry in enumerate(entries)}
    span = Span(path, 1, 1, 1, 1)
    resource = Resource(
        address=address, type="x", name="y", platform="terraform", body=Map(), header=span, span=span
    )
    assert Entries(declared).of(resource) == one_by_one(declared, resource)
