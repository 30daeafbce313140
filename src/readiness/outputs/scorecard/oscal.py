"""OSCAL assessment results (version 1.1.2) for auditors: a result for each service.

Source of the model: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-reference/

What OSCAL has no word for:

* a target is `satisfied` or `not-satisfied`.  A control that is met in part, not met or let pass by an
  exception is not satisfied, with the prop `status` beside it.  A control of which it is not known has an
  observation and no finding: OSCAL knows no third state.
* controls that ask nothing of a service are among those that were looked at, and excluded from them.
* level, score, tier and the clauses of frameworks are props in a namespace of our own.

UUIDs are of version 5, made from content: the same scorecard gives the same document.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from readiness.errors import UsageError
from readiness.outputs.jsontext import dumps
from readiness.outputs.scorecard.evidence import clauses
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services, full_name
from readiness.outputs.scorecard.view import Allowed, control_title, level_of
from readiness.outputs.terminal import clean

if TYPE_CHECKING:
    from readiness.scorecard.model import ControlResult, Scorecard, ServiceResult

VERSION = "1.1.2"
"""The version of OSCAL."""

NAMESPACE = "https://readiness.dev/ns/oscal"
"""The namespace of our props."""

_ROOT = uuid5(NAMESPACE_URL, NAMESPACE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# Signs of Markdown that names and messages may hold; what stands between backticks is code there, too.
_MARKUP = re.compile(r"[\\*<\[]")
_NOT_TOKEN = re.compile(r"[^\w.-]", re.ASCII)


def _uuid(*parts: str) -> str:
    """A UUID that is the same for the same parts."""
    return str(uuid5(_ROOT, "\0".join(parts).encode("utf-8", "replace").decode()))


def _string(text: str) -> str:
    """A text as a string of OSCAL: one line, not empty, no blanks around it."""
    return clean(text).strip() or "-"


def _markup(text: str) -> str:
    """A text as a line of Markdown."""
    return _MARKUP.sub(r"\\\g<0>", _string(text))


def token(text: str) -> str:
    """A text as a token of OSCAL: begins with a letter or `_`, and holds no blanks."""
    made = _NOT_TOKEN.sub("-", text)
    return made if made[:1].isalpha() or made.startswith("_") else f"_{made}"


def _prop(name: str, value: object, **more: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": _string(str(value)), **more}


@lru_cache(maxsize=4096)
def _reference(path: str) -> str:
    """A path as a relative reference of a URI."""
    from urllib.parse import quote

    # Colons are escaped: a first part with one would be a scheme.
    text = quote(path.encode("utf-8", "replace"), safe="/~")
    return f".{text}" if text.startswith("//") else text


def _href(path: str, line: int) -> str:
    """A place as a relative reference of a URI: `infra/s3.tf#L3`."""
    return f"{_reference(path)}#L{line}" if line > 0 else _reference(path)


class _Run(Struct, frozen=True):
    """What all parts of the document share."""

    scorecard: Scorecard
    options: ScorecardOptions
    allowed: Allowed
    tool: str  # UUID of the component that is this program

    def mark(self, *parts: str) -> str:
        """A UUID of something of this run."""
        return _uuid(self.scorecard.when, self.scorecard.commit, self.scorecard.title, *parts)


def _evidence(run: _Run, result: ControlResult) -> list[dict[str, Any]]:
    """The places that show that a control is met, and those at which something is missing."""
    found = [
        {
            "href": _href(one.path, one.line),
            "description": _markup(one.text or f"{one.path}:{one.line}"),
            "props": [_prop("evidence", "met")],
        }
        for one in result.evidence
    ]
    for one in result.missing:
        why = run.allowed.why(one)
        props = [_prop("evidence", one.status), _prop("policy", one.policy), _prop("severity", one.severity)]
        props += [_prop("until", one.until)] if one.until else []
        props += [_prop("owner", owner)] if (owner := run.allowed.owner(one)) else []
        remarks = {"remarks": _markup(why)} if one.status != "fail" and why else {}
        description = _markup(one.text or one.policy)
        found.append(
            {"href": _href(one.path, one.line), "description": description, "props": props, **remarks}
        )
    return found


def _observation(run: _Run, service: ServiceResult, result: ControlResult) -> dict[str, Any]:
    title = control_title(run.scorecard, result.control)
    told = f"{result.met} of {result.of} checks hold"
    parts = ((result.failed, "do not"), (result.waived, "are let pass"), (result.unknown, "are not known"))
    told += "".join(f", {number} {words}" for number, words in parts if number)
    evidence = _evidence(run, result)
    return {
        "uuid": run.mark("observation", full_name(service), service.path, result.control),
        "title": _markup(f"{result.control}: {title}"),
        "description": f"{told}.",
        "props": [
            _prop("control", result.control),
            _prop("status", result.status),
            _prop("strength", result.strength),
            *([_prop("share", round(result.share, 4))] if result.share is not None else []),
        ],
        "methods": ["EXAMINE"],
        "types": ["control-objective" if result.status in ("met", "unknown") else "finding"],
        "origins": [{"actors": [{"type": "tool", "actor-uuid": run.tool}]}],
        "subjects": [{"subject-uuid": _component(service), "type": "component"}],
        **({"relevant-evidence": evidence} if evidence else {}),
        "collected": run.scorecard.when,
    }


def _finding(run: _Run, service: ServiceResult, result: ControlResult, observation: str) -> dict[str, Any]:
    met = result.status == "met"
    reason = "pass" if met else "other" if result.status == "waived" else "fail"
    info = run.scorecard.controls.get(result.control)
    title = control_title(run.scorecard, result.control)
    props = [_prop("status", result.status)]
    props += [
        _prop("clause", clause, **{"class": token(framework)})
        for framework, clause in clauses(run.scorecard, result.control)
        if framework is not None and clause is not None
    ]
    return {
        "uuid": run.mark("finding", full_name(service), service.path, result.control),
        "title": _markup(f"{result.control}: {title}"),
        "description": _markup((info.statement if info is not None else "") or title),
        "props": props,
        "target": {
            "type": "objective-id",
            "target-id": token(result.control),
            "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason},
        },
        "related-observations": [{"observation-uuid": observation}],
    }


def _component(service: ServiceResult) -> str:
    """The UUID of a service, the same in every run."""
    return _uuid("service", full_name(service), service.path)


def _components(run: _Run, service: ServiceResult) -> list[dict[str, Any]]:
    props = [_prop("tier", service.tier), _prop("found-by", service.found_by)]
    props += [_prop("owner", service.owner)] if service.owner else []
    props += [_prop("repository", service.repository)] if service.repository else []
    props += [_prop("environment", name) for name in service.environments]
    return [
        {
            "uuid": _component(service),
            "type": "service",
            "title": _markup(service.name),
            "description": _markup(f"The service {service.name}, named at {service.path}:{service.line}"),
            "props": props,
            "status": {"state": "other", "remarks": "It was read from files, not from what runs."},
        },
        {
            "uuid": run.tool,
            "type": "software",
            "title": "readiness",
            "description": "Checks Terraform, Kubernetes and what stands beside them in a repository.",
            "props": [_prop("version", run.options.version)],
            "status": {"state": "operational"},
        },
    ]


def _reviewed(scorecard: Scorecard, service: ServiceResult) -> dict[str, Any] | None:
    """The controls that were looked at; None where there is no control at all."""
    asked = {token(result.control) for result in service.controls if result.status != "not-applicable"}
    known = {token(result.control) for result in service.controls} or set(map(token, scorecard.controls))
    if not known:
        return None
    selection: dict[str, Any] = {"include-controls": [{"control-id": name} for name in sorted(known)]}
    if known - asked:
        selection["exclude-controls"] = [{"control-id": name} for name in sorted(known - asked)]
    return {
        "description": "The controls of readiness; excluded are those that ask nothing of the service.",
        "control-selections": [selection],
    }


def _result(run: _Run, service: ServiceResult) -> dict[str, Any] | None:
    """The result of one service; None where there is no control at all."""
    reviewed = _reviewed(run.scorecard, service)
    if reviewed is None:
        return None
    observations, findings = [], []
    for result in service.controls:
        if result.status == "not-applicable":
            continue
        observation = _observation(run, service, result)
        observations.append(observation)
        if result.status != "unknown":
            findings.append(_finding(run, service, result, observation["uuid"]))
    level = level_of(service)
    props = [_prop("level", level)] if level is not None else [_prop("problem", service.problem)]
    props += [_prop("score", service.score)] if level is not None and service.score is not None else []
    props += [_prop("tier", service.tier), _prop("tier-assumed", str(service.tier_assumed).lower())]
    commit = run.scorecard.commit_of(service)
    props += [_prop("commit", commit)] if commit else []
    return {
        "uuid": run.mark("result", full_name(service), service.path),
        "title": _markup(f"Production readiness of {full_name(service)}"),
        "description": "What the repository shows of it; nothing that runs was looked at.",
        "start": run.scorecard.when,
        "end": run.scorecard.when,
        "props": props,
        "local-definitions": {"components": _components(run, service)},
        "reviewed-controls": reviewed,
        **({"observations": observations} if observations else {}),
        **({"findings": findings} if findings else {}),
    }


def _no_plan() -> dict[str, Any]:
    """What is imported where there is no assessment plan: OSCAL asks for one, and that it has content."""
    told = "There is no assessment plan in OSCAL: the checks are those of the policies of readiness."
    content = {"filename": "plan.txt", "media-type": "text/plain", "value": b64encode(told.encode()).decode()}
    return {"uuid": _uuid("plan", "none"), "title": "No plan", "description": told, "base64": content}


def document(scorecard: Scorecard, options: ScorecardOptions) -> dict[str, Any]:
    """The assessment results as plain values.

    Raises:
        UsageError: there is no such service, or nothing that assessment results could be made of.
    """
    if not _TIME.fullmatch(scorecard.when):
        raise UsageError("assessment results of OSCAL need the time of the run, which is not known")
    run = _Run(scorecard, options, Allowed.of(scorecard), _uuid("tool", "readiness"))
    made = (_result(run, service) for service in chosen_services(scorecard, options))
    results = [result for result in made if result is not None]
    if not results:
        raise UsageError("there is no service to make assessment results of OSCAL from")
    back = {} if options.plan else {"back-matter": {"resources": [_no_plan()]}}
    body: dict[str, Any] = {
        "metadata": {
            "title": _markup(f"Production readiness{' of ' + scorecard.title if scorecard.title else ''}"),
            "last-modified": scorecard.when,
            "version": _string(scorecard.commit or scorecard.when),
            "oscal-version": VERSION,
            "props": [_prop("tool", f"readiness {options.version}")],
        },
        "import-ap": {"href": options.plan or f"#{_no_plan()['uuid']}"},
        "results": results,
        **back,
    }
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    return {"assessment-results": {"uuid": _uuid("document", digest), **body}}


def render(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The assessment results as JSON.

    Raises:
        UsageError: as `document`.
    """
    return dumps(document(scorecard, options), depth=5)
