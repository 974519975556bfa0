"""`/v1/wallets/{address}/behavior-analysis` and `…/classification`: stored portraits."""

from http import HTTPStatus
from typing import Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from oof.app.read_behaviour import read_portrait
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.units import Address
from oof.domain.windows import AskedDays, Window
from oof.entrypoints.http.behaviour_bodies import (
    BehaviourBody,
    ClassificationBody,
    behaviour_body,
    classification_body,
)
from oof.entrypoints.http.caching import caching_headers
from oof.entrypoints.http.parameters import AddressPath, WindowQuery, parse_asked_days
from oof.ports.portraits import PortraitDetail

JSON: Final = "application/json"


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""

    @app.get(
        "/v1/wallets/<address>/behavior-analysis",
        summary="How a wallet trades",
        description="Times of day, pace, sessions, hold times, sizes, exits, re-entries, delay "
        "after launches, venues, terminals, fees and results of a window, each with its formula "
        "and unit in the schema, null with a reason below its least sample. Stored with the "
        "wallet's own changes, soon after them for long histories. Two round trips to the "
        "database.",
        tags=["behaviour"],
        operation_id="getBehavior",
    )
    def get_behavior(address: AddressPath, window: WindowQuery = None) -> Response[BehaviourBody]:
        wallet, asked, found = _read(deps, address, window)
        body = behaviour_body(wallet, asked, found)
        headers = caching_headers(body.state, body, tag=(found.head.wallet.epoch,))
        return Response(HTTPStatus.OK, JSON, body, headers)

    @app.get(
        "/v1/wallets/<address>/classification",
        summary="What a wallet is classed as",
        description="Axes (style, size, performance, exits, activity) and badges (bot, sniper, "
        "arbitrageur, wash trader, bag holder, paper hands and others) of a window, each with its "
        "rule, the metrics it rests on and a confidence; null with a reason below its least "
        "sample. Two round trips to the database.",
        tags=["behaviour"],
        operation_id="getClassification",
    )
    def get_classification(
        address: AddressPath, window: WindowQuery = None
    ) -> Response[ClassificationBody]:
        wallet, asked, found = _read(deps, address, window)
        body = classification_body(wallet, asked, found)
        headers = caching_headers(body.state, body, tag=(found.head.wallet.epoch,))
        return Response(HTTPStatus.OK, JSON, body, headers)


def _read(
    deps: ServeDeps, address: str, window: Window | None
) -> tuple[Address, AskedDays, PortraitDetail]:
    wallet = parse_address(address, field="address")
    asked = parse_asked_days(window, None, None, clock=deps.clock)
    return wallet, asked, read_portrait(deps.portraits, wallet, asked.window or Window.ALL)
