"""Judges one normalized transaction against the chain's own numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tests.checker.bodies import Body, Json
from tests.checker.deltas import SOL, Deltas, deltas, token_accounts
from tests.checker.token_steps import paid_amounts

KINDS = frozenset(
    [
        "trade",
        "transfer",
        "network_fee",
        "priority_fee",
        "tip",
        "platform_fee",
        "protocol_fee",
        "creator_fee",
        "bot_fee",
        "transfer_fee",
        "rent",
        "mint",
        "burn",
        "stake",
        "liquidity",
        "lending",
        "escrow",
        "nft",
        "income",
        "unknown",
    ]
)
FEE_KINDS = frozenset({"network_fee", "priority_fee"})
VENUE_FEES = frozenset({"platform_fee", "protocol_fee", "creator_fee"})
RAW = re.compile(r"-?[1-9][0-9]*")
FIELDS = frozenset(
    [
        "signature",
        "slot",
        "tx_index",
        "block_time",
        "status",
        "fee_payer",
        "trades",
        "movements",
        "anomalies",
    ]
)
TRADE_FIELDS = frozenset(
    [
        "trader",
        "sold_mint",
        "sold_raw",
        "bought_mint",
        "bought_raw",
        "venue",
        "route",
        "outer_index",
        "role",
        "arbitrage",
        "terminal",
    ]
)
MARKS = frozenset({"spam", "dust"})
MOVEMENT_FIELDS = frozenset(["owner", "mint", "delta_raw", "kind", "counterparty"])


class Finding(NamedTuple):
    """One disagreement with one transaction."""

    signature: str
    code: str
    detail: str


def judge(body: Body, result: Json) -> list[Finding]:
    """Return everything wrong with `result`, the command's answer for `body`."""
    complaints = list(_shape(result))
    if not complaints:
        expected = deltas(body)
        complaints.extend(_header(body, result))
        complaints.extend(_sums(expected, result))
        complaints.extend(_movements(result))
        complaints.extend(_marks(body, result))
        complaints.extend(_fees(body, result))
        complaints.extend(_rent(body, result))
        complaints.extend(_trades(result))
        complaints.extend(_pool_amounts(body, expected, result))
        complaints.extend(_fee_shares(body, result))
    return [Finding(body.signature, code, detail) for code, detail in complaints]


def _shape(result: Json) -> Iterator[tuple[str, str]]:
    if "error" in result:
        yield "error", str(result["error"])
        return
    if set(result) != FIELDS:
        yield "fields", f"{sorted(set(result) ^ FIELDS)}"
        return
    for movement in result["movements"]:
        if set(movement) - {"mark"} != MOVEMENT_FIELDS or movement.get("mark", "dust") not in MARKS:
            yield "movement_fields", str(movement)
        elif movement["kind"] not in KINDS:
            yield "kind", str(movement)
        elif not (isinstance(movement["delta_raw"], str) and RAW.fullmatch(movement["delta_raw"])):
            yield "delta_raw", str(movement)
    for trade in result["trades"]:
        if set(trade) != TRADE_FIELDS:
            yield "trade_fields", str(trade)
        elif not all(
            isinstance(trade[side], str) and RAW.fullmatch(trade[side]) and int(trade[side]) > 0
            for side in ("sold_raw", "bought_raw")
        ):
            yield "trade_raw", str(trade)


def _header(body: Body, result: Json) -> Iterator[tuple[str, str]]:
    expected = {
        "signature": body.signature,
        "slot": body.slot,
        "tx_index": body.tx_index,
        "block_time": body.block_time,
        "status": "failed" if body.failed else "ok",
        "fee_payer": body.keys[0],
    }
    for field, value in expected.items():
        if result[field] != value:
            yield field, f"{result[field]} instead of {value}"


def _sums(expected: Deltas, result: Json) -> Iterator[tuple[str, str]]:
    found: Deltas = defaultdict(int)
    for movement in result["movements"]:
        found[movement["owner"], movement["mint"]] += int(movement["delta_raw"])
    for key in {*expected, *found}:
        if found.get(key, 0) != expected.get(key, 0):
            yield "delta", f"{key}: {found.get(key, 0)} instead of {expected.get(key, 0)}"


def _movements(result: Json) -> Iterator[tuple[str, str]]:
    seen = Counter(
        (movement["owner"], movement["mint"], movement["kind"], movement["counterparty"])
        for movement in result["movements"]
    )
    for key, count in seen.items():
        if count > 1:
            yield "repeated", f"{key} {count} times"


def _marks(body: Body, result: Json) -> Iterator[tuple[str, str]]:
    """Only what an owner got who neither signed nor gave anything can have come unasked."""
    givers = {row["owner"] for row in result["movements"] if int(row["delta_raw"]) < 0}
    for row in result["movements"]:
        if "mark" in row and (row["owner"] in givers or row["owner"] in body.signers):
            yield "mark", str(row)


def _fees(body: Body, result: Json) -> Iterator[tuple[str, str]]:
    paid = 0
    for movement in result["movements"]:
        if movement["kind"] in FEE_KINDS:
            if (movement["owner"], movement["mint"]) != (body.keys[0], SOL):
                yield "fee_owner", str(movement)
            paid += int(movement["delta_raw"])
        elif body.failed:
            yield "failed_moves", str(movement)
    if paid != -body.fee:
        yield "fee", f"{paid} instead of {-body.fee}"
    if body.failed and result["trades"]:
        yield "failed_trades", str(result["trades"])


def _rent(body: Body, result: Json) -> Iterator[tuple[str, str]]:
    """Rent that owners lose or regain is what the token accounts hold beyond their tokens."""
    tokens = token_accounts(body)
    held = sum(
        after - before
        for key, before, after in zip(body.keys, body.pre, body.post, strict=True)
        if key in tokens
    )
    held -= sum(entry.amount for entry in body.post_tokens if entry.mint == SOL)
    held += sum(entry.amount for entry in body.pre_tokens if entry.mint == SOL)
    moved = sum(int(row["delta_raw"]) for row in result["movements"] if row["kind"] == "rent")
    if moved != -held:
        yield "rent", f"{moved} instead of {-held}"


def _trades(result: Json) -> Iterator[tuple[str, str]]:
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for trade in result["trades"]:
        owed[trade["trader"], trade["sold_mint"]] -= int(trade["sold_raw"])
        owed[trade["trader"], trade["bought_mint"]] += int(trade["bought_raw"])
        if not trade["route"] or not trade["venue"]:
            yield "route", str(trade)
        if trade["role"] not in {"taker", "maker"}:
            yield "role", str(trade)
        if trade["arbitrage"] != (trade["sold_mint"] == trade["bought_mint"]):
            yield "arbitrage", str(trade)
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for movement in result["movements"]:
        if movement["kind"] == "trade":
            moved[movement["owner"], movement["mint"]] += int(movement["delta_raw"])
    for key, amount in owed.items():
        if moved[key] != amount:
            yield "trade_sum", f"{key}: movements {moved[key]}, trades {amount}"


def _pool_amounts(body: Body, expected: Deltas, result: Json) -> Iterator[tuple[str, str]]:
    """What one pool took and gave is one transfer, or somebody's whole delta: never a mixture."""
    if len(result["trades"]) != 1 or len(result["trades"][0]["route"]) != 1:
        return
    trade = result["trades"][0]
    amounts = paid_amounts(body.calls)
    for side, sign in (("sold", 1), ("bought", -1)):
        amount = int(trade[f"{side}_raw"])
        whole = any(
            sign * delta == amount
            for (owner, mint), delta in expected.items()
            if mint == trade[f"{side}_mint"] and owner != trade["trader"]
        )
        if amount not in amounts and not whole:
            yield "pool_amount", f"{side} {amount} is no pool's: {trade['venue']}"


def _fee_shares(body: Body, result: Json) -> Iterator[tuple[str, str]]:
    """A fee of a venue is a part: never half of what its one trade sold or bought.

    What is put into an account that was not there before is a flat charge for making it.
    """
    fresh = {key for key, before in zip(body.keys, body.pre, strict=True) if not before}
    if len(result["trades"]) != 1:
        return
    trade = result["trades"][0]
    whole: dict[str, int] = defaultdict(int)
    for side in ("sold", "bought"):
        mint = trade[f"{side}_mint"]
        whole[mint] = max(whole[mint], int(trade[f"{side}_raw"]))
    for movement in result["movements"]:
        if movement["counterparty"] in fresh:
            continue
        if movement["owner"] == trade["trader"] and movement["kind"] in VENUE_FEES:
            total = whole.get(movement["mint"])
            if total is not None and -int(movement["delta_raw"]) * 2 > total:
                yield "fee_share", f"{movement} of {total}"


def unknown_share(bodies: list[Body], results: list[Json]) -> tuple[int, int]:
    """Return how many of the signers' rows are `unknown`, and how many rows signers have."""
    unknown = total = 0
    for body, result in zip(bodies, results, strict=True):
        for movement in result.get("movements", ()):
            if movement["owner"] in body.signers:
                total += 1
                unknown += movement["kind"] == "unknown"
    return unknown, total
