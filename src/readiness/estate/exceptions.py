"""Requests to ignore findings as resources of type `ignore`, so that policies can govern them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from readiness.estate.model import Resource
from readiness.sources.comments import Comment
from readiness.sources.exceptions import Request, parse_annotations, parse_comment
from readiness.values import List, Map, Span


def ignore_resources(
    comments: Mapping[str, Iterable[Comment]], resources: Iterable[Resource], today: datetime.date
) -> list[Resource]:
    """A resource for each request in a comment or annotation.

    The body has `ids` (list), `reason` and `until` (text or null), `expired` (bool) and `form`
    (the tool in whose form it is written).
    """
    found = []
    for path, marked in comments.items():
        for comment in marked:
            request = parse_comment(comment.text)
            if request is not None:
                found.append(_resource(request, place_of_comment(path, comment), today))
    for resource in resources:
        annotations = resource.annotations
        if isinstance(annotations, Map):
            for key, request in parse_annotations(annotations):
                found.append(_resource(request, annotations.span_of(key) or resource.header, today))
    return found


def place_of_comment(path: str, comment: Comment) -> Span:
    """Where a comment is written: its first line."""
    end = comment.column + len(comment.text.split("\n", 1)[0])
    return Span(path, comment.line, comment.column, comment.line, end)


def _resource(request: Request, span: Span, today: datetime.date) -> Resource:
    ids = sorted(request.ids)
    body = Map(
        {
            "ids": List(ids),
            "reason": request.reason,
            "until": request.until,
            "expired": request.expired(today),
            "form": request.form,
        },
        span,
    )
    return Resource(
        address=f"ignore.{'+'.join(ids)}",
        type="ignore",
        name=", ".join(ids),
        platform="repository",
        body=body,
        span=span,
        header=span,
        mode="block",
    )
