"""What rotki's and serejke's own tests expect of recorded transactions: one way, theirs in ours."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from tests.checker.bodies import Body, Json, read_lines
from tests.checker.deltas import SOL

type Known = dict[str, tuple[Body, Json]]

_GAS: Final = frozenset({"network_fee", "priority_fee"})
_VENUE_FEES: Final = frozenset({"platform_fee", "protocol_fee", "creator_fee"})
_WRAPPED: Final = frozenset({"mint", "burn", "lending"})
_LENDING: Final = frozenset({"lending"})
_GIVES: Final = frozenset({"SPEND", "DEPOSIT", "FEE", "DEPOSIT_ASSET"})
_KINDS: Final = {
    "DEPOSIT_FOR_WRAPPED": _LENDING,
    "REDEEM_WRAPPED": _LENDING,
    "GENERATE_DEBT": _LENDING,
    "PAYBACK_DEBT": _LENDING,
    "RECEIVE_WRAPPED": _WRAPPED,
    "RETURN_WRAPPED": _WRAPPED,
    "NFT": frozenset({"mint", "nft"}),
}
_NONE_KINDS: Final = {"": frozenset({"transfer"}), "CPT_JUPITER": frozenset({"trade", "income"})}
_FEE_KINDS: Final = {"CPT_GAS": _GAS, "CPT_JITO": frozenset({"tip"})}


class Expectation(NamedTuple):
    """One thing that another project's test expects; `holds` is None where it says nothing."""

    source: str
    signature: str
    event: str
    holds: bool | None
    ours: str


def expectations(chain: Path, known: Known) -> list[Expectation]:
    """Compare every expectation whose transaction is at hand."""
    return [
        *_of_rotki(_read(chain, "rotki_expected_events.jsonl.zst"), known),
        *_of_serejke(_read(chain, "serejke_jupiter_expected.jsonl.zst"), known),
    ]


def _read(chain: Path, name: str) -> list[Json]:
    return [json.loads(line) for line in read_lines(chain / "expected" / name)]


def _of_rotki(expected: list[Json], known: Known) -> Iterator[Expectation]:
    for case in expected:
        signature = case["signature"]
        if signature not in known:
            continue
        body, result = known[signature]
        for event in case["events"]:
            shown = f"{event['event_type']} {event['event_subtype']}: {event['notes']}"
            wallet = event["location_label"]
            holds, ours = None, "says nothing of the wallet's balances"
            if wallet not in case["wallets"]:
                ours = "recorded with names of variables instead of values"
            elif event["event_type"] != "INFORMATIONAL":
                holds, ours = _compare(event, wallet, body, result)
            yield Expectation("rotki", signature, shown, holds, ours)


def _compare(event: Json, wallet: str, body: Body, result: Json) -> tuple[bool, str]:
    mint = SOL if event["asset"] in {"SOL", "WSOL"} else event["asset"].rpartition(":")[2]
    amount = _raw(body, mint, event["amount"])
    kind, subtype = event["event_type"], event["event_subtype"]
    if kind == "TRADE" and subtype != "FEE":
        side = "sold" if subtype == "SPEND" else "bought"
        amounts = [
            int(trade[f"{side}_raw"])
            for trade in result["trades"]
            if (trade["trader"], trade[f"{side}_mint"]) == (wallet, mint)
        ]
        return amount in amounts, f"{side} {amounts}"
    gives = kind in _GIVES or subtype in _GIVES
    rows = [row for row in result["movements"] if (row["owner"], row["mint"]) == (wallet, mint)]
    wanted = _kinds(event)
    amounts = [int(row["delta_raw"]) for row in rows if row["kind"] in wanted]
    signed = -amount if gives else amount
    same = [row for row in rows if int(row["delta_raw"]) == signed] or rows
    told = ", ".join(f"{row['kind']} {row['delta_raw']}" for row in same)
    return signed in {*amounts, sum(amounts)}, told or "nothing"


def _kinds(event: Json) -> frozenset[str]:
    """Return the kinds under which we book such an event."""
    subtype, counterparty = event["event_subtype"], event.get("counterparty") or ""
    if subtype == "FEE":
        return _FEE_KINDS.get(counterparty, _VENUE_FEES)
    if subtype == "NONE":
        return _NONE_KINDS[counterparty]
    if event["event_type"] == "STAKING":
        return frozenset({"stake"})
    return _KINDS.get(subtype, _LENDING)


def _raw(body: Body, mint: str, shown: str) -> int:
    decimals = {entry.mint: entry.decimals for entry in (*body.pre_tokens, *body.post_tokens)}
    return int(Decimal(shown).scaleb(9 if mint == SOL else decimals[mint]))


def _of_serejke(expected: list[Json], known: Known) -> Iterator[Expectation]:
    for case in expected:
        signature = case["signature"]
        if signature not in known:
            continue
        result = known[signature][1]
        wanted = [case[name] for name in ("trader", "in_mint", "in_amount", "out_mint")]
        fields = ("trader", "sold_mint", "sold_raw", "bought_mint", "bought_raw")
        ours = [[trade[field] for field in fields] for trade in result["trades"]]
        wanted.append(case["out_amount"])
        yield Expectation(
            "serejke", signature, f"swap {_brief(wanted)}", wanted in ours, _all_brief(ours)
        )
        fee = case["full"].get("feeAmount")
        if fee is not None:
            paid = sum(
                int(row["delta_raw"])
                for row in result["movements"]
                if (row["owner"], row["mint"]) == (case["trader"], case["full"]["feeMint"])
                and row["kind"] == "platform_fee"
            )
            yield Expectation(
                "serejke", signature, f"platform fee {fee}", paid == -int(fee), f"{-paid}"
            )


def _brief(trade: list[str]) -> str:
    trader, sold, given, bought, taken = trade
    return f"{trader[:8]}: {given} {sold[:8]} > {taken} {bought[:8]}"


def _all_brief(trades: list[list[str]]) -> str:
    return " + ".join(_brief(trade) for trade in trades) or "no trade"
