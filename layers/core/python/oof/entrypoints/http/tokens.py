"""`/v1/tokens/{mint}/…`: what is known of a mint, whoever holds it."""

import hashlib
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from oof.app.list_prices import PricePage, list_prices
from oof.app.read_token import read_token
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.prices.candles import Candle, Width
from oof.domain.tokens_facts import TokenFacts
from oof.domain.units import Mint, UnixSeconds
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.bodies import Body, CandleBody, PricesBody, TokenBody, utc
from oof.entrypoints.http.parameters import (
    BASE58_SCHEMA,
    DEFAULT_LIMIT,
    CursorQuery,
    LimitQuery,
    parse_time,
)

MintPath = Annotated[
    str,
    Path(description="the mint's address: base58 of 32 bytes", json_schema_extra={**BASE58_SCHEMA}),
]


class TimeFrame(StrEnum):
    """How long a bucket is."""

    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    HOUR = "1h"


_WIDTHS: Final = {
    TimeFrame.MINUTE: Width.MINUTE,
    TimeFrame.FIVE_MINUTES: Width.FIVE_MINUTES,
    TimeFrame.HOUR: Width.HOUR,
}


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""

    @app.get(
        "/v1/tokens/<mint>",
        summary="What a token is called",
        description="Symbol, name, decimals and logo of a mint that some stored transaction has, "
        "as providers told, cleaned: its maker wrote them, so they prove nothing. Links are never "
        "followed here. One round trip to the database.",
        tags=["tokens"],
        operation_id="getToken",
    )
    def get_token(mint: MintPath) -> Response[TokenBody]:
        token = Mint(parse_address(mint, field="mint"))
        body = _token(read_token(deps.tokens, token))
        return Response(
            status_code=HTTPStatus.OK,
            content_type="application/json",
            headers=caching_of(body, is_growing=body.asked_at is None and body.source is None),
            body=body,
        )

    @app.get(
        "/v1/tokens/<mint>/prices",
        summary="What a mint was worth",
        description="Stored prices in USD of one whole token, oldest first. Only mints and days "
        "that a stored trade touched have any, in minutes up to 7 days back, in five minutes up "
        "to 180 days, in hours up to two years; a bucket that nobody told of is missing, never 0. "
        "Two round trips to the database.",
        tags=["tokens"],
        operation_id="listPrices",
    )
    def get_prices(
        mint: MintPath,
        *,
        tf: Annotated[TimeFrame, Query(description="how long a bucket is")] = TimeFrame.HOUR,
        since: Annotated[str | None, Query(description="ISO-8601, inclusive")] = None,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[PricesBody]:
        token = Mint(parse_address(mint, field="mint"))
        path = f"/v1/tokens/{token}/prices"
        scope = CursorScope(path=path, filters={"tf": str(tf), "since": since}, order="time_asc")
        pages = Pages(deps.cursor_keys(), scope)
        start = parse_time(since, field="since") or UnixSeconds(0)
        last = pages.last(cursor)
        if last is not None:
            start = UnixSeconds(int(last))
        page = list_prices(
            deps.prices, token, _WIDTHS[tf], since=start, limit=limit, clock=deps.clock
        )
        following = pages.following(page.next_start)
        body = _body(token, tf, page, following)
        return Response(
            status_code=HTTPStatus.OK,
            content_type="application/json",
            headers=caching_of(body, is_growing=body.pending),
            body=body,
        )


def _body(mint: Mint, tf: TimeFrame, page: PricePage, cursor: str | None) -> PricesBody:
    return PricesBody(
        mint=mint,
        tf=str(tf),
        pending=page.is_pending,
        items=[_candle(candle) for candle in page.candles],
        next_cursor=cursor,
    )


def _candle(candle: Candle) -> CandleBody:
    volume = candle.volume_usd
    return CandleBody(
        time=utc(candle.start),
        open=f"{candle.open:f}",
        high=f"{candle.high:f}",
        low=f"{candle.low:f}",
        close=f"{candle.close:f}",
        volume_usd=None if volume is None else f"{volume:f}",
        price_source=candle.source,
        confidence=candle.confidence,
    )


def _token(facts: TokenFacts) -> TokenBody:
    return TokenBody(
        mint=facts.mint,
        symbol=facts.symbol,
        name=facts.name,
        decimals=facts.decimals,
        logo=facts.logo,
        verified=facts.is_verified,
        source=facts.source,
        as_of=facts.as_of,
        asked_at=facts.asked_at,
        anomalies=list(facts.anomalies),
    )


def caching_of(body: Body, *, is_growing: bool) -> dict[str, str]:
    """Headers of what belongs to no wallet: kept for a minute, unless it is about to grow."""
    digest = hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:32]
    kept = "no-store" if is_growing else "public, max-age=60"
    return {"Cache-Control": kept, "ETag": f'"{digest}"'}
