"""Every route on a crowd: what it asks is answered by index, and costs the same in any crowd."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from botocore.client import BaseClient

from local.crowd.inside import Inside
from local.crowd.recording import Asked, Plan
from local.crowd.requests import Case, cases_of
from oof.adapters.dynamo.items import hot_table
from oof.adapters.dynamo.summary_store import DynamoSummaryStore
from oof.domain.units import Address
from tests.contracts.conftest import Crowded
from tests.support.local_aws import LocalAws
from tests.support.transactions import address

pytestmark = pytest.mark.xdist_group("crowd")
NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
DATABASE = re.compile(r"(\w+) round trips? to the database")
TABLE = re.compile(r"(\w+)(?: round trips?)? to the hot table")


class Asking:
    """A crowd, and all that its database is asked for every request."""

    def __init__(self, crowded: Crowded) -> None:
        self.founding, self.crowd, self.database = crowded
        self.operations = operations(self.crowd.inside)
        self.cases: Mapping[str, Sequence[Case]] = cases_of(self.crowd)
        self.asked = {
            name: [(case, self._ask(case)) for case in cases] for name, cases in self.cases.items()
        }

    def plans(self) -> Iterator[tuple[Case, Plan]]:
        """How each statement is answered, as if every table were large."""
        for asked in self.asked.values():
            for case, statements in asked:
                for each in statements:
                    yield case, self.database.explain(each, by_cost=False)

    def _ask(self, case: Case) -> list[Asked]:
        answers: list[Any] = []
        statements = self.database.during(lambda: answers.append(send(self.crowd.inside, case)))
        (answer,) = answers
        assert answer.status in {200, 202}, answer.text
        return statements


def send(inside: Inside, case: Case) -> Any:
    """The answer to one request."""
    return inside.call(case.method, case.target, body=case.body, headers=case.headers)


def operations(inside: Inside) -> dict[str, str]:
    """The description of each operation, by its id."""
    paths = inside.api.describe()["paths"].values()
    return {each["operationId"]: each["description"] for path in paths for each in path.values()}


def stated(description: str, pattern: re.Pattern[str]) -> int | None:
    """How many round trips a description speaks of; None where it does not."""
    found = pattern.search(description)
    return None if found is None else NUMBERS.index(found[1].lower())


def unlike(
    counted: Mapping[str, int], descriptions: Mapping[str, str], pattern: re.Pattern[str]
) -> dict[str, tuple[int, int]]:
    """What was counted and what is stated, of operations where that differs."""
    both = {
        name: (number, stated(descriptions.get(name, ""), pattern) or 0)
        for name, number in counted.items()
    }
    return {name: pair for name, pair in both.items() if len(set(pair)) > 1}


@pytest.fixture(scope="module")
def asking(crowded: Crowded) -> Asking:
    """Every route asked in a crowd."""
    return Asking(crowded)


@pytest.fixture(scope="module")
def plans(asking: Asking) -> list[tuple[Case, Plan]]:
    """How each statement of each request was answered."""
    return list(asking.plans())


def test_the_crowd_is_one(asking: Asking) -> None:
    """It is as large as said, and its answers have something in them."""
    extent = asking.founding.extent()
    assert extent.wallets > 500
    assert extent.actions > 50_000
    assert len(asking.crowd.many) == 500


def test_every_route_is_asked(asking: Asking) -> None:
    """Whoever adds a route says how to ask for it: in local/crowd/requests.py."""
    assert set(asking.cases) == set(asking.operations)
    assert all(asking.cases.values())


def test_no_table_is_read_whole(plans: list[tuple[Case, Plan]]) -> None:
    """An index serves every statement of every request."""
    found = {(case.what, *plan.scanned): plan.text for case, plan in plans if plan.scanned}
    assert found == {}


def test_rows_looked_at_are_bounded(plans: list[tuple[Case, Plan]]) -> None:
    """A page costs what is on it, and a sum what one wallet has, whoever else there is."""
    found = {
        case.what: (plan.touched, case.rows) for case, plan in plans if plan.touched > case.rows
    }
    assert found == {}


def test_statements_are_as_many_as_stated(asking: Asking) -> None:
    """Each route's description says how many round trips to the database it takes, at most."""
    most = {
        name: max(len(statements) for _, statements in asked)
        for name, asked in asking.asked.items()
    }
    assert unlike(most, asking.operations, DATABASE) == {}


def test_every_route_states_its_round_trips(asking: Asking) -> None:
    """To the database or to the hot table, if only that it takes none."""
    silent = [
        name
        for name, text in asking.operations.items()
        if stated(text, DATABASE) is None and stated(text, TABLE) is None
    ]
    assert silent == []


def test_requests_to_the_hot_table_are_as_many_as_stated(
    asking: Asking, dynamo: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as each description says, at most, and none where it does not speak of them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamo.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", dynamo.region)
    name = dynamo.create_hot_table(f"hot-{uuid4().hex[:12]}")
    inside = Inside(asking.database, hot_table=name)
    known = DynamoSummaryStore(hot_table(name, endpoint=dynamo.endpoint, region=dynamo.region))
    for wallet in (asking.crowd.heavy, asking.crowd.many[-1]):
        summary = asking.crowd.inside.summaries.get(wallet)
        if summary is not None:
            known.put_if_newer(summary)
    count = counted(monkeypatch)
    job = send(inside, asking.cases["backfillHistory"][0]).headers["Location"]

    most: dict[str, int] = {}
    for operation, cases in asking.cases.items():
        for case in (*cases, *unseen(operation)):
            target = case.target.replace(asking.crowd.job, job)
            before = len(count)
            answer = send(inside, case._replace(target=target))
            assert answer.status in {200, 202}, answer.text
            most[operation] = max(most.get(operation, 0), len(count) - before)

    assert unlike(most, asking.operations, TABLE) == {}


def unseen(operation: str) -> Iterator[Case]:
    """Requests of wallets that nobody opened, where that costs more."""
    wallet: Address = address("nobody yet")
    if operation == "getSummary":
        yield Case("summary of a new wallet", f"/v1/wallets/{wallet}/summary")
    if operation == "backfillHistory":
        yield Case(
            "history of a new wallet", f"/v1/wallets/{wallet}/history/backfill", method="POST"
        )


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list of the requests that are sent from now on."""
    sent: list[str] = []
    ask: Any = vars(BaseClient)["_make_api_call"]

    def recorded(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        sent.append(operation)
        return ask(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return sent
