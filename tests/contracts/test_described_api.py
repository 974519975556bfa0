"""The API keeps to its own description, whatever is sent to it."""

import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.crowd.crowd import Crowd
from tests.contracts.conftest import Crowded
from tests.support.described import send_all
from tests.support.gateway import wsgi

EXAMPLES = 8
pytestmark = pytest.mark.xdist_group("crowd")


@pytest.fixture
def crowd(crowded: Crowded) -> Crowd:
    """Wallets of whom something is stored in every table."""
    return crowded.crowd


def test_the_description_is_openapi(crowd: Crowd) -> None:
    """By the rules of OpenAPI 3.1 and JSON Schema, down to each example's place."""
    document = crowd.inside.api.describe()
    faults = OpenAPIV31SpecValidator(document).iter_errors()
    assert [f"{list(fault.absolute_path)}: {fault.message}" for fault in faults] == []


def test_every_answer_is_described(crowd: Crowd) -> None:
    """Status, headers, type and shape, to requests that are allowed and to others; no 5xx."""
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", wsgi(crowd.inside))
    moment = crowd.inside.get(f"/v1/moments?wallet={crowd.heavy}&limit=1").json["items"][0]["id"]
    tally = send_all(
        schema,
        {
            "address": crowd.heavy,
            "wallet": crowd.heavy,
            "wallets": list(crowd.many[:2]),
            "mint": crowd.mint,
            "moment_id": moment,
            "job_id": crowd.job.rpartition("/")[2],
            "analysis_id": crowd.view.rpartition("/")[2],
            "code": "not_found",
            "from": None,
            "to": None,
            "since": None,
            "cursor": None,
            "kinds": None,
            "min_usd": None,
            "older": "30d",
        },
        examples=EXAMPLES,
    )

    assert [str(finding) for finding in tally.findings] == []
    silent = {
        operation: dict(counts)
        for operation, counts in tally.answered.items()
        if not any(status < 300 for status in counts)
    }
    assert silent == {}


def test_a_body_that_is_no_text_is_refused(crowd: Crowd) -> None:
    """The gateway hands such a body on in base64: that is the caller's fault, not ours."""
    headers = {"Content-Type": "application/json"}
    answer = crowd.inside.call(
        "POST", "/v1/analyses/wallets/status", body=b"\xea\xff", headers=headers
    )

    assert (answer.status, answer.json["code"]) == (400, "invalid_input")
    assert answer.json["errors"] == [{"field": "body", "expected": "JSON in UTF-8"}]
