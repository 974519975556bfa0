"""The API describes itself, completely."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from oof.entrypoints.http import (
    analysis_bodies,
    analysis_examples,
    behaviour_bodies,
    bodies,
    examples,
    flows,
    holdings_history,
    moment_bodies,
    moment_examples,
    performance_bodies,
    pnl,
    pnl_overview,
    position_bodies,
    position_examples,
    similarity_bodies,
    similarity_examples,
    statuses,
    summary_bodies,
)
from oof.entrypoints.problems import PROBLEM_JSON, PROBLEM_TYPES, PROBLEMS
from tests.support.serving import Serving, caller

ROUTES = {
    ("GET", "/v1/health"),
    ("GET", "/v1/wallets/{address}/summary"),
    ("GET", "/v1/wallets/{address}/holdings"),
    ("GET", "/v1/wallets/{address}/holdings/history"),
    ("GET", "/v1/wallets/{address}/flows"),
    ("GET", "/v1/wallets/{address}/transactions"),
    ("GET", "/v1/wallets/{address}/positions"),
    ("GET", "/v1/wallets/{address}/positions/{mint}"),
    ("GET", "/v1/wallets/{address}/token-performance"),
    ("GET", "/v1/wallets/{address}/pnl-chart"),
    ("GET", "/v1/wallets/{address}/behavior-analysis"),
    ("GET", "/v1/wallets/{address}/classification"),
    ("GET", "/v1/wallets/{address}/pnl-calendar"),
    ("GET", "/v1/wallets/{address}/pnl-overview"),
    ("GET", "/v1/wallets/{address}/extremes"),
    ("GET", "/v1/moments"),
    ("GET", "/v1/moments/{moment_id}"),
    ("POST", "/v1/wallets/{address}/history/backfill"),
    ("GET", "/v1/tokens/{mint}"),
    ("GET", "/v1/tokens/{mint}/prices"),
    ("POST", "/v1/analyses/positions"),
    ("GET", "/v1/analyses/positions/{analysis_id}"),
    ("POST", "/v1/analyses/wallets/status"),
    ("POST", "/v1/analyses/similarity"),
    ("GET", "/v1/wallets/{address}/similar"),
    ("GET", "/v1/jobs/{job_id}"),
    ("POST", "/v1/jobs/{job_id}/cancel"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/problems/{code}"),
}


@pytest.fixture(scope="module")
def document() -> Any:
    """The description as served."""
    answer = caller(Serving().api())("GET", "/v1/openapi.json")
    assert answer.status == 200
    return answer.json


def operations(document: Any) -> dict[tuple[str, str], Any]:
    """Every operation by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_is_described(document: Any) -> None:
    """No route is missing, none is made up, and each says what it is."""
    described = operations(document)

    assert document["openapi"].startswith("3.1")
    assert set(described) == ROUTES
    for operation in described.values():
        assert operation["summary"]
        assert operation["description"]
        assert operation["operationId"]
        for parameter in operation.get("parameters", []):
            assert "schema" in parameter


def test_every_problem_is_described(document: Any) -> None:
    """Each code of the table has a response with an example, and some operation that answers it."""
    used = set()
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            problem = response.get("content", {}).get(PROBLEM_JSON)
            for code, example in (problem or {"examples": {}})["examples"].items():
                assert example["value"]["code"] == code
                assert str(example["value"]["status"]) == status
                bodies.ProblemBody.model_validate(example["value"])
                used.add(code)

    assert set(document["components"]["responses"]) == set(PROBLEM_TYPES)
    # These two come from no operation of ours: a path that is none, and a fault of the provider.
    unused = set(PROBLEM_TYPES) - used
    assert unused == {"route_not_found", "upstream_rejected", "upstream_unavailable"}


def test_codes_and_classes_are_one_to_one() -> None:
    """The table is keyed by class, and no two classes share a code."""
    assert len(PROBLEM_TYPES) == len(PROBLEMS)
    assert all(re.fullmatch("[a-z_]+", code) for code in PROBLEM_TYPES)


def test_no_schema_is_dangling(document: Any) -> None:
    """Every reference leads somewhere, and the framework's own errors are not shown."""
    text = str(document)
    for name in re.findall(r"#/components/schemas/([A-Za-z_]+)", text):
        assert name in document["components"]["schemas"]
    assert "HTTPValidationError" not in text
    for operation in operations(document).values():
        has_keys = operation["operationId"] in {"backfillHistory", "analyzePositions"}
        assert "422" not in operation["responses"] or has_keys


def test_successes_carry_the_documented_headers(document: Any) -> None:
    """What clients need beside the body is in the description."""
    described = operations(document)
    backfill = described["POST", "/v1/wallets/{address}/history/backfill"]["responses"]
    summary = described["GET", "/v1/wallets/{address}/summary"]["responses"]

    assert {"Location", "X-Request-Id", "RateLimit-Policy"} <= set(backfill["202"]["headers"])
    assert {"ETag", "Cache-Control"} <= set(summary["200"]["headers"])
    assert "304" in summary
    assert "503" in described["GET", "/v1/health"]["responses"]


@pytest.mark.parametrize(
    ("body", "example"),
    [
        (summary_bodies.SummaryBody, examples.SUMMARY),
        (bodies.HoldingsBody, examples.HOLDINGS),
        (bodies.TransactionsBody, examples.TRANSACTIONS),
        (flows.FlowsBody, flows.EXAMPLE),
        (holdings_history.HoldingsHistoryBody, holdings_history.EXAMPLE),
        (pnl.PnlCalendarBody, pnl.CALENDAR_EXAMPLE),
        (pnl_overview.PnlOverviewBody, pnl_overview.EXAMPLE),
        (position_bodies.PositionsBody, position_examples.POSITIONS),
        (pnl.PnlChartBody, pnl.EXAMPLE),
        (behaviour_bodies.BehaviourBody, behaviour_bodies.BEHAVIOUR_EXAMPLE),
        (behaviour_bodies.ClassificationBody, behaviour_bodies.CLASSIFICATION_EXAMPLE),
        (performance_bodies.TokenResultsBody, performance_bodies.TOKENS),
        (position_bodies.PositionDetailBody, position_examples.POSITION),
        (moment_bodies.MomentsBody, moment_examples.MOMENTS),
        (moment_bodies.MomentDetailBody, moment_examples.MOMENT),
        (moment_bodies.ExtremesBody, moment_examples.EXTREMES),
        (analysis_bodies.GroupAskBody, analysis_examples.ASK),
        (analysis_bodies.GroupPositionsBody, analysis_examples.GROUP),
        (statuses.StatusAskBody, statuses.ASK),
        (statuses.StatusesBody, statuses.STATUSES),
        (similarity_bodies.SimilarityAskBody, similarity_examples.ASK),
        (similarity_bodies.SimilarityBody, similarity_examples.SIMILARITY),
        (similarity_bodies.SimilarBody, similarity_examples.SIMILAR),
        (bodies.JobBody, examples.JOB),
        (bodies.ProblemBody, examples.PROBLEM),
        (bodies.AmountBody, examples.AMOUNT),
    ],
)
def test_examples_are_what_they_exemplify(body: type[Any], example: Any) -> None:
    """Each example is a body of its model, whole."""
    adapter = TypeAdapter(body)
    parsed = adapter.validate_python(example)

    assert adapter.dump_python(parsed, mode="json", by_alias=True) == example


def test_every_problem_type_can_be_read() -> None:
    """A problem's `type` leads to its description."""
    call = caller(Serving().api())

    for code, problem in PROBLEM_TYPES.items():
        answer = call("GET", f"/v1/problems/{code}")
        assert answer.json["title"] == problem.title
        assert answer.json["status"] == problem.status
