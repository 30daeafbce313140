"""`report --annotate`: level and score of services as annotations of their entries in catalog files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from readiness.errors import SourceError, UsageError

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard


def annotate(scorecard: Scorecard) -> tuple[list[str], list[SourceError]]:
    """Write the annotations; gives the paths of files that are changed, and what could not be written.

    Services that no catalog file names are left out, and so are those without a level (`problem`).
    """
    from readiness.config.document import decoded
    from readiness.fixes.model import Fixed
    from readiness.fixes.write import write
    from readiness.outputs.scorecard.catalog_info import annotate_catalog

    fixed = Fixed(scorecard.report)
    errors: list[SourceError] = []
    for service in scorecard.services:
        if service.found_by != "catalog" or service.problem is not None:
            continue
        path = service.path
        try:
            text = fixed.texts.get(path)
            if text is None:
                text = fixed.was[path] = decoded(Path(path).read_bytes(), path)
            fixed.texts[path] = annotate_catalog(text, service, scorecard.commit, scorecard.when, path)
        except UsageError as error:
            errors.append(SourceError(path, error.line or 1, error.column or 1, error.message))
        except OSError as error:
            errors.append(SourceError(path, 1, 1, f"the file cannot be read: {error.strerror}"))
    fixed.texts = {path: text for path, text in fixed.texts.items() if text != fixed.was[path]}
    unwritten = write(fixed)
    lost = {error.path for error in unwritten}
    return sorted(path for path in fixed.texts if path not in lost), [*errors, *unwritten]
