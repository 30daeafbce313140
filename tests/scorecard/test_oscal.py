"""OSCAL assessment results: against the model of NIST, and what is said of each status."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import samples
from form_samples import COMMIT, OPTIONS, WHEN, lost, of, scorecard
from jsonschema import Draft7Validator
from msgspec.structs import replace

from readiness.errors import UsageError
from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.oscal import token
from readiness.scorecard.model import Evidence

NIST = Path(
    os.environ.get("READINESS_OSCAL_SCHEMA")
    or Path(__file__).parent / "data" / "oscal_assessment-results_schema.json"
)
"""`oscal_assessment-results_schema.json` of release 1.1.2 of https://github.com/usnistgov/OSCAL."""

_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"}
_TEXT = {"type": "string", "pattern": r"^\S(.*\S)?$"}
_TOKEN = {"type": "string", "pattern": r"^([^\W\d_]|_)([^\W_]|[.\-_])*$"}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}


def _one(required: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | {name.replace("_", "-"): schema for name, schema in more.items()},
        "additionalProperties": False,
    }


def _some(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": schema}


_PROPS = _some(
    _one({"name": _TOKEN, "ns": {"type": "string", "format": "uri"}, "value": _TEXT}, **{"class": _TOKEN})
)
_CONTROLS = _some(_one({"control-id": _TOKEN}))
_STATE = _one(
    {"state": {"enum": ["satisfied", "not-satisfied"]}, "reason": {"enum": ["pass", "fail", "other"]}}
)
_EVIDENCE = _one({"href": _TEXT, "description": _TEXT, "props": _PROPS}, remarks=_TEXT)
_BASE64 = _one(
    {
        "filename": _TOKEN,
        "media-type": _TEXT,
        "value": {"type": "string", "pattern": "^[0-9A-Za-z+/]+={0,2}$"},
    }
)
_ACTOR = _one({"type": {"const": "tool"}, "actor-uuid": _UUID})
OURS = _one(
    {
        "assessment-results": _one(
            {
                "uuid": _UUID,
                "metadata": _one(
                    {"title": _TEXT, "last-modified": _TIME, "version": _TEXT, "oscal-version": {"const": "1.1.2"}},
                    props=_PROPS,
                ),
                "import-ap": _one({"href": _TEXT}),
                "results": _some(
                    _one(
                        {
                            "uuid": _UUID,
                            "title": _TEXT,
                            "description": _TEXT,
                            "start": _TIME,
                            "reviewed-controls": _one(
                                {
                                    "control-selections": _some(
                                        _one({"include-controls": _CONTROLS}, exclude_controls=_CONTROLS)
                                    )
                                },
                                description=_TEXT,
                            ),
                        },
                        end=_TIME,
                        props=_PROPS,
                        local_definitions=_one(
                            {
                                "components": _some(
                                    _one(
                                        {
                                            "uuid": _UUID,
                                            "type": {"enum": ["service", "software"]},
                                            "title": _TEXT,
                                            "description": _TEXT,
                                            "status": _one(
                                                {"state": {"enum": ["operational", "other"]}}, remarks=_TEXT
                                            ),
                                        },
                                        props=_PROPS,
                                    )
                                )
                            }
                        ),
                        observations=_some(
                            _one(
                                {"uuid": _UUID, "description": _TEXT, "methods": {"const": ["EXAMINE"]}, "collected": _TIME},
                                title=_TEXT,
                                props=_PROPS,
                                types=_some({"enum": ["control-objective", "finding"]}),
                                origins=_some(_one({"actors": _some(_ACTOR)})),
                                subjects=_some(_one({"subject-uuid": _UUID, "type": {"const": "component"}})),
                                relevant_evidence=_some(_EVIDENCE),
                            )
                        ),
                        findings=_some(
                            _one(
                                {
                                    "uuid": _UUID,
                                    "title": _TEXT,
                                    "description": _TEXT,
                                    "target": _one(
                                        {"type": {"const": "objective-id"}, "target-id": _TOKEN, "status": _STATE}
                                    ),
                                },
                                props=_PROPS,
                                related_observations=_some(_one({"observation-uuid": _UUID})),
                            )
                        ),
                    )
                ),
            },
            back_matter=_one({"resources": _some(_one({"uuid": _UUID, "title": _TEXT, "description": _TEXT, "base64": _BASE64}))}),
        )
    }
)  # fmt: skip
"""The part of the model that is written, as strict as the model: required fields, types, no other fields."""


def document(made: Any = None, options: Any = OPTIONS) -> dict[str, Any]:
    """What stands in `assessment-results`."""
    read: dict[str, Any] = json.loads(render("oscal", made or scorecard(), options))["assessment-results"]
    return read


def nist() -> Draft7Validator:
    """The schema of NIST, its classes of Unicode as Python writes them."""
    text = NIST.read_text(encoding="utf-8").replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")
    return Draft7Validator(json.loads(text))


@pytest.mark.parametrize("name", ["scorecard", "card", "small", "hostile"])
def test_it_is_in_the_shape_of_the_model(name: str) -> None:
    made = scorecard() if name == "scorecard" else getattr(samples, name)()
    whole = {"assessment-results": document(made)}
    assert [error.json_path for error in Draft7Validator(OURS).iter_errors(whole)] == []


@pytest.mark.skipif(
    not NIST.is_file(), reason="the schema of OSCAL 1.1.2 is not there (READINESS_OSCAL_SCHEMA)"
)
@pytest.mark.parametrize("name", ["scorecard", "card", "small", "hostile"])
def test_it_meets_the_schema_of_nist(name: str) -> None:
    made = scorecard() if name == "scorecard" else getattr(samples, name)()
    whole = {"assessment-results": document(made)}
    assert [error.json_path for error in nist().iter_errors(whole)] == []
    del whole["assessment-results"]["results"][0]["start"]
    whole["assessment-results"]["results"][0]["findings"][0]["target"]["target-id"] = "two words"
    assert sorted(error.json_path for error in nist().iter_errors(whole)) == [
        "$['assessment-results'].results[0]",
        "$['assessment-results'].results[0].findings[0].target['target-id']",
    ]


def test_a_result_for_each_service() -> None:
    results = document()["results"]
    assert [result["title"] for result in results] == [
        "Production readiness of checkout",
        "Production readiness of search",
        "Production readiness of lost",
    ]
    props = [{prop["name"]: prop["value"] for prop in result["props"]} for result in results]
    assert props[0] == {
        "level": "none",
        "score": "41",
        "tier": "0",
        "tier-assumed": "false",
        "commit": COMMIT,
    }
    assert props[2] == {
        "problem": "the tier 9 is not defined", "tier": "9", "tier-assumed": "false", "commit": COMMIT,
    }  # fmt: skip
    assert "findings" not in results[2]


def test_what_is_said_of_each_status() -> None:
    result = document()["results"][0]
    said = {
        one["target"]["target-id"]: (one["target"]["status"]["state"], one["target"]["status"]["reason"])
        for one in result["findings"]
    }
    assert said == {
        "own-01": ("satisfied", "pass"),
        "run-01": ("not-satisfied", "fail"),
        "bck-01": ("not-satisfied", "other"),
    }
    observed = [
        {prop["name"]: prop["value"] for prop in one["props"]}["status"] for one in result["observations"]
    ]
    assert observed == ["met", "partly", "waived", "unknown"]
    (selection,) = result["reviewed-controls"]["control-selections"]
    ids = [one["control-id"] for one in selection["include-controls"]]
    assert ids == ["bck-01", "own-01", "res-01", "run-01", "run-02"]
    assert selection["exclude-controls"] == [{"control-id": "run-02"}]


def test_evidence_and_clauses() -> None:
    result = document()["results"][0]
    met, partly, waived = (one["relevant-evidence"][0] for one in result["observations"][:3])
    assert (met["href"], met["description"]) == ("catalog-info.yaml#L8", "spec.owner is payments")
    assert partly["href"] == "alerts/rules.yaml#L12"
    assert {prop["name"]: prop["value"] for prop in waived["props"]} == {
        "evidence": "waived",
        "policy": "db-backup",
        "severity": "high",
        "until": "2027-01-31",
        "owner": "shop",
    }
    assert waived["remarks"] == "owner shop, until 2027-01-31: it moves in March"
    props = [(prop["name"], prop.get("class"), prop["value"]) for prop in result["findings"][1]["props"]]
    assert props == [
        ("status", None, "partly"),
        ("clause", "iso-27001", "A.5.26"),
        ("clause", "soc2", "CC7.4"),
        ("clause", "soc2", "CC7.5"),
    ]


def test_every_reference_leads_somewhere() -> None:
    whole = document(samples.card(12, 0))
    assert whole["import-ap"]["href"] == f"#{whole['back-matter']['resources'][0]['uuid']}"
    seen: set[str] = set()
    for result in whole["results"]:
        components = {one["uuid"] for one in result["local-definitions"]["components"]}
        observations = {one["uuid"]: one for one in result["observations"]}
        for one in observations.values():
            assert {subject["subject-uuid"] for subject in one["subjects"]} <= components
            assert one["origins"][0]["actors"][0]["actor-uuid"] in components
        for finding in result["findings"]:
            (related,) = finding["related-observations"]
            named = {
                prop["name"]: prop["value"] for prop in observations[related["observation-uuid"]]["props"]
            }
            assert named["control"] == finding["target"]["target-id"]
        ids = [result["uuid"], *observations, *(one["uuid"] for one in result["findings"])]
        assert not seen & set(ids)
        assert len(ids) == len(set(ids))
        seen.update(ids)


def test_uuids_follow_the_content() -> None:
    made = scorecard()
    first = document(made)
    assert UUID(first["uuid"]).version == 5
    made.when = "2026-08-02T06:00:00Z"
    later = document(made)
    assert first["uuid"] != later["uuid"]
    one, other = first["results"][0], later["results"][0]
    assert one["observations"][0]["uuid"] != other["observations"][0]["uuid"]
    # The service is the same one.
    assert one["local-definitions"]["components"] == other["local-definitions"]["components"]
    assert (first["metadata"]["last-modified"], first["metadata"]["version"]) == (WHEN, COMMIT)


def test_a_plan_of_ones_own() -> None:
    whole = document(None, replace(OPTIONS, plan="https://example.com/plan.json"))
    assert whole["import-ap"] == {"href": "https://example.com/plan.json"}
    assert "back-matter" not in whole


def test_places_are_references_and_texts_are_no_markup() -> None:
    made = scorecard()
    made.services[0].controls[0].evidence = [
        Evidence("a b/ü:#?.tf", 3, "a *b* [c](d) <e> `f`"),
        Evidence("//host/x", 0, ""),
    ]
    first, second = document(made)["results"][0]["observations"][0]["relevant-evidence"]
    assert first["href"] == "a%20b/%C3%BC%3A%23%3F.tf#L3"
    assert first["description"] == r"a \*b\* \[c](d) \<e> `f`"
    assert (second["href"], second["description"]) == (".//host/x", "//host/x:0")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("iso-27001", "iso-27001"),
        ("CIS Controls v8", "CIS-Controls-v8"),
        ("8.1", "_8.1"),
        ("", "_"),
        ("é", "_-"),
    ],
)
def test_tokens(text: str, made: str) -> None:
    assert token(text) == made
    assert re.fullmatch(_TOKEN["pattern"], made)


def test_what_cannot_be_said() -> None:
    made = scorecard()
    made.when = ""
    with pytest.raises(UsageError, match="need the time of the run, which is not known"):
        render("oscal", made, OPTIONS)
    with pytest.raises(UsageError, match="there is no service to make assessment results of OSCAL from"):
        render("oscal", replace(samples.empty(), when=WHEN), OPTIONS)


def test_one_service_alone_and_one_without_controls() -> None:
    assert len(document(None, of("search"))["results"]) == 1
    made = scorecard()
    made.services = [lost()]
    (selection,) = document(made)["results"][0]["reviewed-controls"]["control-selections"]
    assert selection["include-controls"] == selection["exclude-controls"]
