"""Small transactions between named owners, with what two parsers say of them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from local.accuracy.model import Case, Leg, PeerAnswer, Swap
from tests.checker.bodies import TOKEN_PROGRAMS, Body, Call, Entry, Json
from tests.checker.deltas import SOL

FEE = 5000
USER, POOL = "user", "bank"


def swap(trader: str, sold: tuple[int, str], bought: tuple[int, str]) -> Swap:
    """Return a swap; each side is an amount and a mint."""
    return Swap(trader, sold[1], sold[0], bought[1], bought[0])


def moved(source: str | None, amount: int, mint: str, target: str | None) -> Call:
    """Return a token transfer between owners; without a source a mint, without a target a burn.

    It names no authority, so that owners are known by the balances alone.
    """
    info: dict[str, Any] = {"mint": mint, "amount": str(amount)}
    if source is None:
        parsed = {"type": "mintTo", "info": info | {"account": _account(target, mint)}}
    elif target is None:
        parsed = {"type": "burn", "info": info | {"account": _account(source, mint)}}
    else:
        ends = {"source": _account(source, mint), "destination": _account(target, mint)}
        parsed = {"type": "transfer", "info": info | ends}
    return Call(TOKEN_PROGRAMS[0], (), b"", parsed, 1)


def _account(owner: str | None, mint: str) -> str:
    return f"{owner}9{mint}"


def body(
    *calls: Call,
    unowned: Iterable[str] = (),
    decimals: int = 6,
    failed: bool = False,
    new: Iterable[str] = (),
) -> Body:
    """Return a body whose balances changed exactly as its calls say; USER signs and pays."""
    change: dict[tuple[str, str], int] = defaultdict(int)
    for call in () if failed else calls:
        assert call.parsed is not None
        info = call.parsed["info"]
        amount, mint = int(info["amount"]), info["mint"]
        gives = info.get("source") or (info["account"] if call.parsed["type"] == "burn" else None)
        takes = info.get("destination") or (info.get("account") if gives is None else None)
        for account, signed in ((gives, -amount), (takes, amount)):
            if account is not None:
                change[account, mint] += signed
    made = list(new)
    keys = (USER, *made, *(account for account, _mint in change))
    held = 10**18
    return Body(
        signature="signature",
        slot=1,
        tx_index=None,
        block_time=None,
        failed=failed,
        fee=FEE,
        keys=keys,
        signers=frozenset({USER}),
        pre=(FEE, *(0 for _ in made), *(0 for _ in change)),
        post=(0, *(1 for _ in made), *(0 for _ in change)),
        pre_tokens=tuple(_entry(key, held, unowned, decimals) for key in change),
        post_tokens=tuple(
            _entry(key, held + signed, unowned, decimals) for key, signed in change.items()
        ),
        calls=calls,
    )


def _entry(key: tuple[str, str], amount: int, unowned: Iterable[str], decimals: int) -> Entry:
    account, mint = key
    owner = account.split("9")[0]
    return Entry(
        account=account,
        mint=mint,
        owner=None if owner in unowned else owner,
        program=TOKEN_PROGRAMS[0],
        amount=amount,
        decimals=decimals,
    )


def case(
    of: Body,
    *,
    ours: Iterable[Swap] = (),
    whole: Swap | None = None,
    parts: Iterable[Swap] | None = None,
    legs: Iterable[tuple[int, Swap]] = (),
    fees: Iterable[Json] = (),
    error: str | None = None,
) -> Case:
    """Return a case; the peer's parts are its one trade unless said otherwise."""
    added = list(parts) if parts is not None else [whole] if whole else []
    return Case(
        file="file",
        body=of,
        result={"trades": [_trade(each) for each in ours], "movements": list(fees)},
        answer=PeerAnswer(
            whole=whole,
            parts=tuple(Leg(0, each) for each in added),
            legs=tuple(Leg(outer, each) for outer, each in legs),
            error=error,
        ),
    )


def fee(owner: str, amount: int, mint: str, receiver: str, kind: str = "protocol_fee") -> Json:
    """Return our row of a fee that an owner bore."""
    return {
        "owner": owner,
        "mint": mint,
        "delta_raw": str(-amount),
        "kind": kind,
        "counterparty": receiver,
    }


def _trade(of: Swap) -> Json:
    return {
        "trader": of.trader,
        "sold_mint": of.sold_mint,
        "sold_raw": str(of.sold_raw),
        "bought_mint": of.bought_mint,
        "bought_raw": str(of.bought_raw),
    }


__all__ = ["FEE", "POOL", "SOL", "USER", "body", "case", "fee", "moved", "swap"]
