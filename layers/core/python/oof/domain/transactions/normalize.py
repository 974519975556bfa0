"""Normalize one raw transaction: balance deltas first, instructions only split them."""

from typing import Any, Final

from oof.domain.transactions.apart import charge_apart
from oof.domain.transactions.body import Body, read_body
from oof.domain.transactions.book import Book
from oof.domain.transactions.fees import fee_flows
from oof.domain.transactions.flows import NOBODY, Flow, Replay, list_operations
from oof.domain.transactions.helper_claims import tell_helper_claims
from oof.domain.transactions.legs import kind_of_receiver
from oof.domain.transactions.listings import tell_listings
from oof.domain.transactions.marks import mark_movements
from oof.domain.transactions.model import (
    AccountBalance,
    Anomaly,
    Kind,
    Movement,
    NormalizedTransaction,
    Status,
    Trade,
    Unreadable,
)
from oof.domain.transactions.operations import OPERATION_PROGRAMS
from oof.domain.transactions.ownership import Ownership
from oof.domain.transactions.programs.registry import SELF_PAYING
from oof.domain.transactions.programs.terminals import FEE_ACCOUNTS
from oof.domain.transactions.receipts import tell_receipts
from oof.domain.transactions.routes import list_routes, place_residuals
from oof.domain.transactions.royalties import tell_royalties
from oof.domain.transactions.settle import settle
from oof.domain.transactions.settlements import merge_settlements
from oof.domain.transactions.trades import trade_route
from oof.domain.units import (
    SOL_DECIMALS,
    SOL_MINT,
    Address,
    Lamports,
    Mint,
    RawAmount,
    Signature,
    Slot,
    UnixSeconds,
)

_movement: Final = Movement._make
_SELF_PAYING_IDS: Final = frozenset(program.program_id for program in SELF_PAYING)
_ACTING: Final = OPERATION_PROGRAMS | _SELF_PAYING_IDS
"""Programs without whose instructions a transaction has no flow but its fee."""


def normalize(raw: Any) -> NormalizedTransaction | Unreadable:
    """Normalize one decoded body of any complete encoding.

    For every owner and mint the movements add up to the on-chain delta, exactly. Odd data comes
    back as anomalies; a body that is no complete transaction comes back as `Unreadable`. Never
    raises, whatever `raw` holds.
    """
    body = read_body(raw, _ACTING)
    return body if isinstance(body, Unreadable) else normalize_body(body)


def normalize_body(body: Body) -> NormalizedTransaction:
    """Normalize a body that has been read; see `normalize`."""
    if body.is_still:
        return _assemble(body, _fee_paid(body), _movements(fee_flows(body)), ())
    if body.is_failed:
        return _normalize_failed(body)
    operations = list_operations(body)
    ownership = Ownership(body, operations)
    deltas = ownership.deltas()
    replay = Replay(body, ownership.open_accounts())
    replay.flows.extend(fee_flows(body))
    replay.run(operations)
    replay.flows.extend(_list_payouts(body))
    trades, flows = _find_trades(body, settle(body, replay, deltas))
    tell_receipts(body, flows)
    return _assemble(body, ownership.balances(), _movements(flows), trades)


def _fee_paid(body: Body) -> tuple[AccountBalance, ...]:
    """Give the one balance of a still body that changed: what its payer held."""
    if not body.fee:
        return ()
    payer = Address(body.keys[0])
    before, after = RawAmount(body.pre_lamports[0]), RawAmount(body.post_lamports[0])
    return (AccountBalance(payer, payer, SOL_MINT, before, after),)


def _normalize_failed(body: Body) -> NormalizedTransaction:
    """Charge the fee of a transaction that took no other effect, whatever its balances say."""
    ownership = Ownership(body, [])
    flows = fee_flows(body)
    deltas = ownership.deltas()
    if deltas != {(body.keys[0], SOL_MINT): -body.fee}:
        replay = Replay(body, ownership.open_accounts())
        replay.flows.extend(flows)
        flows = settle(body, replay, deltas)
    return _assemble(body, ownership.balances(), _movements(flows), ())


def _list_payouts(body: Body) -> list[Flow]:
    """Give as flows what programs say they paid out of accounts of their own."""
    found: list[Flow] = []
    if _SELF_PAYING_IDS.isdisjoint(body.keys):
        return found
    for program in SELF_PAYING:
        if program.program_id not in body.keys or program.list_payouts is None:
            continue
        try:
            payouts = program.list_payouts(body.instructions)
        except ValueError:
            continue
        found += [
            Flow(at, SOL_MINT, lamports, source, target, None, source, target)
            for at, source, target, lamports in payouts
        ]
    return found


def _find_trades(body: Body, flows: list[Flow]) -> tuple[tuple[Trade, ...], list[Flow]]:
    """Give the trades, in order of execution, and the flows with the kind of each settled."""
    place_residuals(body, flows)
    tell_helper_claims(body, flows)
    trades: list[Trade] = []
    terminals: list[str] = []
    routes, sent = list_routes(body, flows)
    if not routes and not sent:
        return (), flows
    book = Book(flows)
    for flow in sent:
        flow.kind = kind_of_receiver(flow.target) or Kind.TRANSFER
    for route in merge_settlements(body, routes):
        trades += trade_route(body, route, book)
        if route.terminal is not None:
            terminals.append(route.terminal)
    flows = book.flows()
    tell_listings(body, flows)
    tell_royalties(body, flows)
    if trades:
        collected = [FEE_ACCOUNTS.get(flow.target or "") for flow in flows]
        terminals += [terminal for terminal in collected if terminal is not None]
        charge_apart(body, flows, trades, has_terminal=bool(terminals))
        if terminals:
            trades = [trade._replace(terminal=terminals[0]) for trade in trades]
    return tuple(trades), flows


def _assemble(
    body: Body,
    balances: tuple[AccountBalance, ...],
    movements: tuple[Movement, ...],
    trades: tuple[Trade, ...],
) -> NormalizedTransaction:
    decimals = _decimals(body, movements)
    return NormalizedTransaction(
        signature=Signature(body.signature),
        slot=None if body.slot is None else Slot(body.slot),
        tx_index=body.tx_index,
        block_time=None if body.block_time is None else UnixSeconds(body.block_time),
        status=Status.FAILED if body.is_failed else Status.OK,
        fee_payer=Address(body.keys[0]),
        fee_lamports=Lamports(body.fee),
        signers=tuple(map(Address, body.signers)),
        trades=trades,
        movements=mark_movements(body, movements, decimals),
        balances=balances,
        decimals=decimals,
        anomalies=tuple(map(Anomaly._make, body.oddities)),
    )


def _movements(flows: list[Flow]) -> tuple[Movement, ...]:
    """Write each flow from both ends, summed by (owner, mint, kind, counterparty)."""
    sums: dict[tuple[str | None, str, Kind, str | None], int] = {}
    for flow in flows:
        source, target, mint = flow.source, flow.target, flow.mint
        amount, kind = flow.amount, flow.kind or Kind.TRANSFER
        if source != NOBODY:
            key = (source, mint, kind, target or flow.target_account or None)
            sums[key] = sums.get(key, 0) - amount
        if target != NOBODY:
            key = (target, mint, kind, source or flow.source_account or None)
            sums[key] = sums.get(key, 0) + amount
    return tuple(
        [
            _movement((owner, mint, delta, kind, counterparty, None))
            for (owner, mint, kind, counterparty), delta in sums.items()
            if delta
        ]
    )


def _decimals(body: Body, movements: tuple[Movement, ...]) -> dict[Mint, int]:
    used = {movement.mint for movement in movements}
    stated = {SOL_MINT: SOL_DECIMALS} if SOL_MINT in used else {}
    if len(used) > len(stated):
        for balances in (body.pre_tokens, body.post_tokens):
            for balance in balances.values():
                if balance.mint in used:
                    stated[Mint(balance.mint)] = balance.decimals
    return stated
