"""`/v1/analyses/wallets/status`: which of some wallets are fresh, stale, or not there."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body as FromBody
from pydantic import Field

from oof.app.read_statuses import WalletStatus, read_statuses
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.freshness import Freshness, FreshnessReason
from oof.domain.snapshot.model import WalletState
from oof.entrypoints.http.bodies import Body, MaybeTime, shown_by, utc_or_none
from oof.entrypoints.http.caching import NO_STORE
from oof.entrypoints.http.examples import WALLET
from oof.ports.statuses import MAX_STATUSES

_OTHER: Final = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
ASK: Final[dict[str, Any]] = {"wallets": [WALLET, _OTHER]}
STATUSES: Final[dict[str, Any]] = {
    "fresh_for_sec": 600,
    "fresh": 1,
    "stale": 0,
    "missing": 1,
    "items": [
        {
            "address": WALLET,
            "status": "FRESH",
            "reason": None,
            "state": "SEEN_FULL",
            "as_of_slot": 343_000_123,
            "checked_at": "2025-06-01T12:29:00Z",
            "freshness_lag_sec": 60,
            "history_partial": False,
        },
        {
            "address": _OTHER,
            "status": "MISSING",
            "reason": "never_opened",
            "state": "UNSEEN",
            "as_of_slot": None,
            "checked_at": None,
            "freshness_lag_sec": None,
            "history_partial": None,
        },
    ],
}


class StatusAskBody(Body):
    """Which wallets are asked about."""

    model_config = shown_by(ASK)

    wallets: Annotated[
        list[str],
        Field(
            min_length=1,
            max_length=MAX_STATUSES,
            description="addresses; one that is named twice is answered once, where it is first",
        ),
    ]


class StatusBody(Body):
    """How one wallet stands."""

    address: str
    status: Annotated[
        Freshness,
        Field(
            description="`MISSING`: nothing is stored of it; `STALE`: something is, but it is not "
            "all, or nobody looked for new transactions for so long that there may be some; "
            "`FRESH`: else, be its history whole or not"
        ),
    ]
    reason: Annotated[
        FreshnessReason | None,
        Field(
            description="why it is not fresh, of several the first: `never_opened` (reading its "
            "summary opens it), `refused` and `too_active` (it is not followed, and opening it "
            "again changes nothing), `blocked` (its fold keeps failing), `untracked` (nobody read "
            "it for days; reading its summary opens it again), `warming_up`, `applying` (stored "
            "transactions are not counted yet), `folding` (counted ones are in no position yet), "
            "`valuing` (positions that changed are in no dollars yet), `outdated`"
        ),
    ]
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="its newest transaction that is counted")]
    checked_at: MaybeTime
    freshness_lag_sec: Annotated[
        int | None, Field(description="seconds since its newest end was last confirmed")
    ]
    history_partial: Annotated[
        bool | None, Field(description="its oldest transactions are not known; null where missing")
    ]


class StatusesBody(Body):
    """How some wallets stand, read at one instant."""

    model_config = shown_by(STATUSES)

    fresh_for_sec: Annotated[
        int, Field(description="how long ago the newest end of a fresh wallet may have been seen")
    ]
    fresh: int
    stale: int
    missing: int
    items: Annotated[list[StatusBody], Field(description="in the order in which they were named")]


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.post(
        "/v1/analyses/wallets/status",
        summary="Which wallets are fresh, stale, or missing",
        description="How up to 500 wallets stand, read at one instant; nothing is opened, fetched "
        "or kept followed by it. One round trip to the database.",
        tags=["analyses"],
        operation_id="getStatuses",
    )
    def post_statuses(
        asked: Annotated[StatusAskBody, FromBody(description="which wallets")],
    ) -> Response[StatusesBody]:
        wallets = [
            parse_address(each, field=f"wallets[{index}]")
            for index, each in enumerate(asked.wallets)
        ]
        found = read_statuses(deps.statuses, wallets)
        counts = [sum(each.judgement.freshness is kind for each in found) for kind in Freshness]
        return Response(
            status_code=HTTPStatus.OK,
            content_type="application/json",
            headers=NO_STORE,
            body=StatusesBody(
                fresh_for_sec=deps.statuses.fresh_for_s,
                fresh=counts[0],
                stale=counts[1],
                missing=counts[2],
                items=[_body(each) for each in found],
            ),
        )


def _body(status: WalletStatus) -> StatusBody:
    standing, judgement = status.standing, status.judgement
    return StatusBody(
        address=status.wallet,
        status=judgement.freshness,
        reason=judgement.reason,
        state=WalletState.UNSEEN if standing is None else standing.state,
        as_of_slot=None if standing is None else standing.as_of_slot,
        checked_at=None if standing is None else utc_or_none(standing.checked_at),
        freshness_lag_sec=judgement.lag_s,
        history_partial=None if standing is None else standing.is_history_partial,
    )
