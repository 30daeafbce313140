"""`report --annotate`: level and score of services as annotations of their entries in catalog files."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from readiness.errors import SourceError, UsageError

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard, ServiceResult


class Annotated(Struct):
    """What became of it: the paths of files that are changed, the names of services that no catalog file
    has an entry of, and what could not be written."""

    written: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)


def annotate(scorecard: Scorecard) -> Annotated:
    """Write the annotations; of a service without a level (`problem`) they say that it is unknown."""
    from readiness.config.document import decoded
    from readiness.fixes.model import Fixed
    from readiness.fixes.write import write
    from readiness.outputs.scorecard.catalog_info import NoComponentError, annotate_catalog

    fixed = Fixed(scorecard.report)
    marks: dict[str, str] = {}  # byte order marks: they stay, and are no part of the text
    done = Annotated()
    for service in scorecard.services:
        path = _catalog_file(service)
        if path is None:
            done.left.append(service.name)
            continue
        try:
            text = fixed.texts.get(path)
            if text is None:
                raw = Path(path).read_bytes()
                marks[path] = "\ufeff" if raw.startswith(codecs.BOM_UTF8) else ""
                text = fixed.was[path] = decoded(raw, path)
            fixed.texts[path] = annotate_catalog(text, service, scorecard.commit, scorecard.when, path)
        except NoComponentError as error:
            if service.found_by == "catalog":
                done.errors.append(_told(error, path))
            else:
                done.left.append(service.name)
        except UsageError as error:
            done.errors.append(_told(error, path))
        except OSError as error:
            done.errors.append(SourceError(path, 1, 1, f"the file cannot be read: {error.strerror}"))
    changed = {path: text for path, text in fixed.texts.items() if text != fixed.was[path]}
    fixed.texts = {path: marks[path] + text for path, text in changed.items()}
    fixed.was = {path: marks[path] + fixed.was[path] for path in changed}
    unwritten = write(fixed)
    lost = {error.path for error in unwritten}
    done.written = sorted(path for path in fixed.texts if path not in lost)
    done.errors += unwritten
    return done


def _told(error: UsageError, path: str) -> SourceError:
    return SourceError(path, error.line or 1, error.column or 1, error.message)


def _catalog_file(service: ServiceResult) -> str | None:
    """The catalog file with the entry of a service: what names it, or what a fact of it comes from."""
    if service.found_by == "catalog":
        return service.path
    return next((fact.path for fact in service.facts.values() if fact.by == "catalog"), None)
