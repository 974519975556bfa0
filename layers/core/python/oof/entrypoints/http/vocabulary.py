"""What fields and parameters of the same name mean everywhere: said once, shown at each of them.

A field that says what it means itself is left alone; `Schema.field` goes before the bare name.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_WALLET: Final = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
_MINT: Final = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"
_CURSOR: Final = "bm90LWEtcmVhbC1jdXJzb3I"

FIELDS: Final[Mapping[str, str]] = {
    "address": "the wallet's, base58 of 32 bytes",
    "amount": "of one mint, exact; base units and as people write it",
    "anomalies": "what was odd in the chain's data; nothing is left out for it",
    "arbitrage": "bought and sold within one transaction, for what it began with",
    "as_of_slot": "the newest slot that is counted; null before the first",
    "at": "UTC",
    "balances_count": "mints of which something is held, shown or not",
    "bought": "units that trades brought in",
    "bought_mint": "what the sale brought; null where that is not one mint",
    "bought_raw": "how much of it, in base units",
    "buys": "trades that brought some of it in",
    "closed": "positions of which nothing is left",
    "closed_slot": "where the last of it left",
    "code": "stable; what programs should look at",
    "complete": "listings of the wallet and of all its known token accounts reached their end",
    "components": "by dependency",
    "computed_at": "when it became what it is, UTC",
    "cost_usd_covers": "the part of what is held that `cost_usd` is the cost of",
    "counterparty": "who it came from or went to; null where the transaction does not tell",
    "coverage": "which part of the history this rests on",
    "created_at": "UTC",
    "current_is_winning": "whether the current streak wins; null where there is none",
    "day": "UTC",
    "detail": "in words, of this very case",
    "direction": "as asked for",
    "done": "counted in `unit`",
    "exits": "trades that sold some of it",
    "expected": "what would be right there",
    "fee_payer": "the account that signed first and paid the network's fee",
    "field": "a parameter, or a place in the body by dots",
    "first_day": "UTC",
    "first_slot": "of the first trade within the days",
    "folding": "something newer is applied that is not counted here yet",
    "fresh": "how many: seen within `fresh_for_sec`",
    "has_vector": "whether there is a vector to compare; `reason` says why not",
    "held": "units in open lots; the chain's own count may differ, and stands beside it",
    "history_span_days": "days between the oldest and the newest known transaction",
    "href": "where to read it, on this host",
    "id": "opaque",
    "in_transfers": "how many came in",
    "instance": "the path that was asked for",
    "is_open": "something is held, or set aside",
    "items": "of this page, in the order stated",
    "kind": "what sort",
    "last_day": "UTC",
    "last_error": "null where the last attempt succeeded",
    "last_processed_slot": "the newest slot that is counted; null before the first",
    "last_slot": "of the last trade within the days",
    "left_out": "what no profit counts, and why",
    "losses": "exits with a profit below zero, net of fees",
    "losses_usd": "exits below zero in USD, net of fees",
    "lots_count": "open lots, shown or not",
    "mark": "`spam` or `dust` that arrived unasked; null of all else",
    "matrix": "a score for every two wallets of `order`; null where their samples are too small",
    "method": "in which order sales take lots",
    "method_fallbacks": "exits whose lots the method could not rank: the oldest were taken first",
    "mint": "the token's address, base58 of 32 bytes; SOL and wrapped SOL are one",
    "missing": "how many: nothing is known of them",
    "moment": "as in the list",
    "moments": "what is worth telling of this wallet, counted",
    "movements": "every change on the wallet's side: they add up to what the chain says, exactly",
    "name": "as named everywhere",
    "next_cursor": "hand it back for the next page, with the same filters; null on the last one",
    "now": "what is held now, whatever the days",
    "number": "of the mint's episodes, from 1",
    "open": "positions of which something is held, or set aside",
    "opened_slot": "where the first of it came",
    "out_transfers": "how many went out",
    "outer_index": "of the instruction that was signed for, from 0",
    "paid": "fees, tips and rent in SOL, over the whole known history",
    "pending_exits_usd": "exits whose price may still come: ask again later",
    "pnl": "profit in USD, realized and not",
    "position": "as in the list",
    "positions": "what tokens came to, in SOL",
    "prices_as_of": "start of the newest price's bucket, UTC",
    "progress": "how far it is",
    "provisional": "why it may still change, by name; empty where it is final",
    "realize_exchange_transfers": "whether transfers to exchanges' published wallets are sales",
    "request_id": "quote it when something is wrong",
    "role": "`taker`: the wallet's own intent; `maker`: an order of its that somebody filled",
    "route": "venues passed through, in order",
    "same_slot": "shared tokens that both bought in one slot",
    "second_led": "shared tokens bought by `second` in an earlier slot",
    "sig_ref": "the transaction's signature, base58 of 64 bytes",
    "signature": "base58 of 64 bytes",
    "slot": "of the block it landed in",
    "slot_ref": "the slot it rests on",
    "sold": "units that trades took out",
    "source": "who told the price",
    "stale": "how many: known, and not seen within `fresh_for_sec`",
    "state": "how far the wallet's history is known",
    "status": "how it stands",
    "terminal": "the trading front-end or bot, where one is known",
    "tf": "how long a bucket is",
    "title": "the code in words, the same for all cases",
    "tokens_count": "how many tokens two or more of them share",
    "totals": "over all, shown or not",
    "trades": "how many",
    "trades_count": "trades of the wallet, makers' sides included",
    "tx_counts": "transactions, over times that end now",
    "unit": "what `done` and `total` count",
    "unknown_basis": "units sold though nobody knows their cost",
    "unmatched": "units sold though no lot of them was known",
    "unpriced": "units sold in `unpriced_exits`",
    "unpriced_exits": "exits whose cost or proceeds have no worth in SOL",
    "unpriced_exits_usd": "exits that nobody has a price for",
    "updated_at": "UTC",
    "valuing": "trades wait to be valued in USD",
    "venue": "the program that swapped, by name; `unknown` where it has none",
    "venues": "most used first, at most 20",
    "wallets": "members, by address",
    "weights": "of components in the overall score",
    "window": "the days that are covered",
    "wins": "exits with a profit above zero, net of fees",
    "wins_usd": "exits above zero in USD, net of fees",
    "within_10m": "shared tokens bought at most ten minutes apart",
    "within_10s": "shared tokens bought at most ten seconds apart",
    "within_2_slots": "shared tokens bought at most two slots apart",
    "within_60s": "shared tokens bought at most a minute apart",
    "ComparedWalletBody.active_days": "UTC days of the same year on which it was active",
    "ExtremesBody.bad_route": "the dearest `BAD_ROUTE`; null of none",
    "ExtremesBody.bag_holder": "the dearest `BHD`; null of none",
    "ExtremesBody.diamond_hands": "the dearest `DIAMOND_HANDS`; null of none",
    "ExtremesBody.fee_burner": "the dearest `FEE_BURNER`; null of none",
    "ExtremesBody.highest_loss": "the sale that lost the most, net of fees; null of none",
    "ExtremesBody.highest_win": "the sale that made the most, net of fees; null of none",
    "ExtremesBody.idle_yield": "the dearest `IDLE_YIELD`; null of none",
    "ExtremesBody.paper_hands": "the dearest `PAPER_HANDS`; null of none",
    "ExtremesBody.round_trip": "the dearest `ROUND_TRIP`; null of none",
    "ExtremesBody.rug": "the dearest `RUG`; null of none",
    "ExtremesBody.sandwich": "the dearest `SANDWICH`; null of none",
    "ExtremesBody.sold_too_early": "the dearest `S2E`; null of none",
    "FlowTotalsBody.out_transfers": "how many went out, whatever they were",
    "GroupTotalsBody.losses": "exits below zero in SOL, net of fees",
    "GroupTotalsBody.wins": "exits above zero in SOL, net of fees",
    "LotUsdBody.missing": "why there is no cost in USD; empty where there is one",
    "NeighbourBody.scores": "between 0 and 1, by component and overall",
    "PairBody.first": "the one wallet, base58 of 32 bytes",
    "PairBody.scores": "between 0 and 1, by component and overall",
    "PairBody.second": "the other wallet, base58 of 32 bytes",
    "PnlBody.losses": "exits below zero in USD, net of fees",
    "PnlBody.wins": "exits above zero in USD, net of fees",
    "PnlCalendarDayBody.buys": "trades that bought a token on the day",
    "PnlCalendarDayBody.exits": "trades that sold a token on the day",
    "PnlOverviewBody.buys": "trades that bought a token within the days",
    "PnlOverviewBody.exits": "trades that sold a token within the days",
    "PositionTotalsBody.losses": "exits below zero in SOL, net of fees",
    "PositionTotalsBody.wins": "exits above zero in SOL, net of fees",
    "Problem.status": "the HTTP status",
    "SharedPurchaseBody.first": "the first wallet's first purchase of it",
    "SharedPurchaseBody.second": "the second wallet's first purchase of it",
    "TradeBody.bought": "what the route gave",
    "TradeBody.sold": "what the route took",
    "TransactionBody.status": "`failed` costs its fee and nothing else",
    "TransactionBody.trades": "intents to trade, one a route",
    "VenueBody.trades": "how many of the wallet's trades",
    "WeightsBody.allocation": "of capital by mint; weights add up to 1",
    "WeightsBody.behaviour": "of behaviour; weights add up to 1",
    "WeightsBody.cotrading": "of tokens that both bought; weights add up to 1",
    "WeightsBody.timing": "of when they trade; weights add up to 1",
}

_STATED: Final[Mapping[str, str]] = {
    "code": "a problem's stable code",
}
"""Of parameters that do not say it themselves."""

PARAMETERS: Final[Mapping[str, Any]] = {
    "If-None-Match": '"5f2b7c1d9e8a4f60b3c2d1e0f9a8b7c6"',
    "address": _WALLET,
    "analysis_id": "c1f0a9e84b7d4d0f9a52f3f7b1e6d2c4",
    "code": "invalid_cursor",
    "cursor": _CURSOR,
    "from": "2025-06-01",
    "idempotency-key": "3f1c2a52-7d0e-4c36-9d34-6a2f6f0a7b11",
    "job_id": "mZ4p1Hn0y0vVxk2y3vJm5w",
    "kinds": "S2E,RUG",
    "kind": "trade",
    "limit": 50,
    "min_usd": "25",
    "mint": _MINT,
    "moment_id": "0f8e1d7c6b5a49382716f5e4d3c2b1a0",
    "older": "30d",
    "since": "2025-06-01T12:00:00Z",
    "status": "ok",
    "to": "2025-06-30",
    "wallet": _WALLET,
    "window": "30d",
}
"""An example of each parameter that is neither a choice nor has a default."""


def explain(document: dict[str, Any]) -> None:
    """Add to an OpenAPI document what its fields and parameters do not say themselves."""
    for name, schema in document["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            meaning = FIELDS.get(f"{name}.{field}", FIELDS.get(field))
            if meaning is not None:
                told.setdefault("description", meaning)
    for parameter in _parameters(document):
        name = parameter["name"]
        if name in _STATED:
            parameter.setdefault("description", _STATED[name])
        example = _example(document, parameter)
        if example is not None:
            parameter.setdefault("example", example)


def _parameters(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        for operation in operations.values():
            yield from operation.get("parameters", ())


def _example(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Any:
    """Return what a caller may send: the default, else what the name stands for, if it may be."""
    schema = parameter["schema"]
    if schema.get("default") is not None:
        return schema["default"]
    example = PARAMETERS.get(parameter["name"])
    choices = _choices(document, schema)
    if choices and example not in choices:
        return choices[0]
    return example


def _choices(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Any]:
    """Return what an enumeration allows; nothing of what is none."""
    for each in (schema, *schema.get("anyOf", ())):
        name = each.get("$ref", "").rpartition("/")[2]
        told = document["components"]["schemas"].get(name, each)
        if told.get("enum"):
            return list(told["enum"])
    return []
