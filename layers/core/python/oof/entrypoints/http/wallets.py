"""`/v1/wallets/{address}/…`: reads, and the trigger for older history."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from oof.app.list_transactions import list_transactions
from oof.app.read_holdings import read_holdings
from oof.app.read_summary import SummaryReading, read_summary
from oof.app.request_backfill import BackfillAsk, request_backfill
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.transactions.model import Kind, Status
from oof.domain.units import Address, Mint, Slot
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.bodies import HoldingsBody, JobBody, TransactionsBody
from oof.entrypoints.http.caching import NO_STORE, caching_headers
from oof.entrypoints.http.caller import caller_of
from oof.entrypoints.http.jobs import job_body, job_path
from oof.entrypoints.http.parameters import (
    DEFAULT_LIMIT,
    AddressPath,
    CursorQuery,
    IdempotencyHeader,
    LimitQuery,
    parse_days,
    parse_time,
)
from oof.entrypoints.http.records import holdings_body, transactions_body
from oof.entrypoints.http.summaries import opened_body, summary_body
from oof.entrypoints.http.summary_bodies import SummaryBody
from oof.ports.history import PageKey, TransactionFilter

JSON = "application/json"


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""
    _register_summary(app, deps)
    _register_holdings(app, deps)
    _register_transactions(app, deps)
    _register_backfill(app, deps)


def _register_summary(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/summary",
        summary="A wallet as far as it is known",
        description="One read of a snapshot. A wallet nobody asked for before is opened on the "
        "spot: the answer is WARMING_UP, with a job to watch. At most nine round trips to the hot "
        "table: one for a wallet that is open, and once an hour another.",
        tags=["wallets"],
        operation_id="getSummary",
    )
    def get_summary(address: AddressPath) -> Response[SummaryBody]:
        wallet = parse_address(address, field="address")
        found = read_summary(deps.summary, wallet, caller=caller_of(app))
        if isinstance(found, SummaryReading):
            body = summary_body(found)
            seen = found.summary
            hour = deps.clock.now().strftime("%Y-%m-%dT%H")
            tag = (seen.epoch, seen.as_of_seq, seen.state, hour)
            headers = caching_headers(seen.state, body, tag=tag)
        else:
            body = opened_body(wallet, found)
            headers = {**NO_STORE, **deps.open_policy}
        return Response(status_code=HTTPStatus.OK, content_type=JSON, headers=headers, body=body)


def _register_holdings(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/holdings",
        summary="What a wallet holds",
        description="The newest post-balance of every mint over all its accounts, never a sum of "
        "changes; latest met mint first. A wallet that is not open has none. Two round trips to "
        "the database.",
        tags=["wallets"],
        operation_id="listHoldings",
    )
    def list_holdings(
        address: AddressPath,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
        empty: Annotated[bool, Query(description="also mints of which nothing is left")] = False,
    ) -> Response[HoldingsBody]:
        wallet = parse_address(address, field="address")
        scope = _scope(wallet, "holdings", {"empty": str(empty)}, order="mint_id_desc")
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else int(last)
        page = read_holdings(deps.history, wallet, after=after, limit=limit, with_empty=empty)
        following = pages.following(page.next_key)
        body = holdings_body(wallet, page, following)
        headers = caching_headers(page.head.state, body, tag=(page.head.epoch,))
        return Response(status_code=HTTPStatus.OK, content_type=JSON, headers=headers, body=body)


def _register_transactions(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/transactions",
        summary="A wallet's transactions, newest first",
        description="In chain order, failed ones included, with the wallet's own trades and "
        "movements. `mint` and `kind` together mean one movement with both. Times may be dates; "
        "`from` is inclusive, `to` exclusive. At most four round trips to the database: two, and "
        "one for each time.",
        tags=["wallets"],
        operation_id="listTransactions",
    )
    def get_transactions(  # noqa: PLR0913 - one parameter a filter, as the route documents them
        address: AddressPath,
        *,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
        mint: Annotated[str | None, Query(description="that moved on the wallet's side")] = None,
        kind: Annotated[Kind | None, Query(description="of some movement")] = None,
        status: Annotated[Status | None, Query(description="ok or failed")] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO-8601, inclusive")] = None,
        until: Annotated[str | None, Query(alias="to", description="ISO-8601, exclusive")] = None,
    ) -> Response[TransactionsBody]:
        wallet = parse_address(address, field="address")
        wanted = TransactionFilter(
            mint=None if mint is None else Mint(parse_address(mint, field="mint")),
            kind=kind,
            status=status,
            since=parse_time(since, field="from"),
            until=parse_time(until, field="to"),
        )
        scope = _scope(wallet, "transactions", _filters(wanted), order="chain_desc")
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else _page_key(last)
        page = list_transactions(deps.history, wallet, wanted, after=after, limit=limit)
        following = pages.following(page.next_key)
        body = transactions_body(wallet, page, following)
        headers = caching_headers(page.head.state, body, tag=(page.head.epoch,))
        return Response(status_code=HTTPStatus.OK, content_type=JSON, headers=headers, body=body)


def _register_backfill(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.post(
        "/v1/wallets/<address>/history/backfill",
        summary="Bring in older history",
        description="Back to so many days before now, within the plan's ceiling; only what is "
        "missing is fetched. The same request while one runs is the same job. `Location` leads "
        "to the job. At most eleven round trips to the hot table.",
        tags=["wallets"],
        operation_id="backfillHistory",
        status_code=HTTPStatus.ACCEPTED,
    )
    def post_backfill(
        address: AddressPath,
        older: Annotated[str, Query(description="days before now, such as 30d")] = "30d",
        idempotency_key: IdempotencyHeader = None,
    ) -> Response[JobBody]:
        ask = BackfillAsk(
            wallet=parse_address(address, field="address"),
            days=parse_days(older, field="older"),
            caller=caller_of(app),
            idempotency_key=idempotency_key,
        )
        job = request_backfill(deps.backfill, ask)
        return Response(
            status_code=HTTPStatus.ACCEPTED,
            content_type=JSON,
            headers={**NO_STORE, **deps.open_policy, "Location": job_path(job.job_id)},
            body=job_body(deps.job_views, job.job_id, caller=ask.caller),
        )


def _scope(
    wallet: Address, collection: str, filters: dict[str, str | None], *, order: str
) -> CursorScope:
    path = f"/v1/wallets/{wallet}/{collection}"
    return CursorScope(path=path, filters=filters, order=order)


def _filters(wanted: TransactionFilter) -> dict[str, str | None]:
    named = {
        "mint": wanted.mint,
        "kind": wanted.kind,
        "status": wanted.status,
        "from": wanted.since,
        "to": wanted.until,
    }
    return {name: None if value is None else str(value) for name, value in named.items()}


def _page_key(last: tuple[Slot, list[int]]) -> PageKey:
    """A page's key as it was signed: only what we made ourselves gets here."""
    slot, seen = last
    return PageKey(slot=slot, seen=tuple(seen))
