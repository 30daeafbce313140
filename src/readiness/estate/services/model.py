"""What is known of a service, and who says so."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from readiness.values import Span

if TYPE_CHECKING:
    from readiness.config.services import Declared
    from readiness.estate.model import Resource

SOURCES = ("declared", "catalog", "label", "tag", "release", "namespace", "folder")
"""What a service is found by, the most trusted first: an entry of `readiness-services.yaml`, a catalog file,
a label or annotation, a Terraform tag, a Helm release, a Kubernetes namespace, a folder of the settings."""

EVIDENCE_KINDS = ("restore-test", "game-day", "load-test", "access-review")
"""What is done now and then, and proved by a date."""


class Said(Struct, frozen=True):
    """A fact of a service with its place; `by` is one of `SOURCES`, or `codeowners`."""

    value: str
    by: str
    span: Span


class Dated(Struct, frozen=True):
    """Dated evidence: something that was done on a day.  `kind` is one of `EVIDENCE_KINDS`.

    `fresh_until` is the last day on which it counts, by the shelf life of the tier of its service; None where
    the tier has none, or is not known.
    """

    kind: str
    on: datetime.date
    span: Span
    fresh_until: datetime.date | None = None
    note: str = ""
    link: str = ""


class Service(Struct, eq=False):
    """A named group of resources with an owner and a tier.

    `found_by` is one of `SOURCES`, `span` the place that names it.  `owner`, `tier`, `system`, `lifecycle`,
    `link` (of its source), `rto`, `rpo` and `data_classification` are None where nothing says them; `tier` is
    that of `said["tier"]` as a number.  `said` has who says each of them, by the name of the field.
    `depends_on` are names as they are written.  `documents` are paths of files (runbooks, decisions) that
    belong to it, `declared` is what a file of services says of it.  `resource` is what policies with
    `on: service` see: its body has the same facts, and it is linked with every resource of the service.
    """

    name: str
    found_by: str
    span: Span
    owner: str | None = None
    tier: int | None = None
    system: str | None = None
    lifecycle: str | None = None
    link: str | None = None
    rto: str | None = None
    rpo: str | None = None
    data_classification: str | None = None
    environments: list[str] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
    evidence: list[Dated] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    declared: Declared | None = None
    said: dict[str, Said] = field(default_factory=dict)
    resource: Resource | None = None
