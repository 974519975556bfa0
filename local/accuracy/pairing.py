"""Whether a list of the peer's trades is ours, up to differences that the transaction explains."""

from typing import NamedTuple

from local.accuracy.evidence import sums
from local.accuracy.model import Case, Swap

_FEES = frozenset({"platform_fee", "protocol_fee", "creator_fee", "bot_fee", "transfer_fee", "tip"})
_VENUE_FEES = frozenset({"platform_fee", "protocol_fee", "creator_fee"})


class Pairing(NamedTuple):
    """Which differences are allowed, each only where the transaction proves it."""

    by_balances: bool = False
    """Another trader, if the balances moved with ours and not with the peer's."""
    but_fees: bool = False
    """Amounts apart by fees, if vaults took and paid ours and the fees went to others."""


def pair_up(case: Case, theirs: tuple[Swap, ...], pairing: Pairing) -> bool:
    """Whether each of our trades has its own one among `theirs`, and none is left."""
    left = list(theirs)
    for ours in case.ours:
        found = next((swap for swap in left if _is_same(case, ours, swap, pairing)), None)
        if found is None:
            return False
        left.remove(found)
    return bool(case.ours) and not left


def _is_same(case: Case, ours: Swap, theirs: Swap, pairing: Pairing) -> bool:
    if ours.trader != theirs.trader and not (pairing.by_balances and _traded(case, ours, theirs)):
        return False
    if ours.terms == theirs.terms:
        return True
    return pairing.but_fees and _differ_by_fees(case, ours, theirs)


def _traded(case: Case, ours: Swap, theirs: Swap) -> bool:
    """Whether our trader took part and theirs did not."""
    return took_part(case, ours) and not took_part(case, theirs)


def took_part(case: Case, swap: Swap) -> bool:
    """Whether a trader gave what was sold, got what was bought, and was no mere go-between.

    Fees may be missing from what it got, up to a tenth. An order's owner gave what is sold to the
    order's escrow before and signs nothing: then it is enough that it ended up with what it bought.
    """
    evidence, trader = case.evidence, swap.trader
    sold, bought = evidence.delta(trader, swap.sold_mint), evidence.delta(trader, swap.bought_mint)
    is_passed_through = (
        evidence.sent(trader, swap.sold_mint) >= swap.sold_raw
        and evidence.received(trader, swap.bought_mint) * 10 >= swap.bought_raw * 9
    )
    if is_passed_through:
        return bool(sold or bought)
    return trader not in case.body.signers and bought * 10 >= swap.bought_raw * 9


def is_vaults(case: Case, swap: Swap) -> bool:
    """Whether vaults took and paid exactly these amounts, and the trader took part.

    What is smaller than the fees we say it bore is no trade but what was left of one.
    """
    evidence, trader = case.evidence, swap.trader
    sold, bought = swap.sold_mint, swap.bought_mint
    return (
        swap.sold_raw in evidence.taken(sold, trader, _fee_receivers(case, trader, sold))
        and swap.bought_raw in evidence.paid(bought, trader, _fee_receivers(case, trader, bought))
        and took_part(case, swap)
        and swap.sold_raw > _venue_fees(case, trader, sold)
        and swap.bought_raw > _venue_fees(case, trader, bought)
    )


def _venue_fees(case: Case, trader: str | None, mint: str) -> int:
    """Sum the fees we say the venue took: what a new account keeps is a charge for making it."""
    return -sum(
        int(row["delta_raw"])
        for row in case.result["movements"]
        if (row["owner"], row["mint"]) == (trader, mint)
        and row["kind"] in _VENUE_FEES
        and not (row["counterparty"] and case.evidence.is_new(row["counterparty"]))
    )


def _fee_receivers(case: Case, trader: str | None, mint: str) -> frozenset[str | None]:
    """Return who got fees of the trader's in a mint, as we say."""
    return frozenset(
        row["counterparty"]
        for row in case.result["movements"]
        if (row["owner"], row["mint"]) == (trader, mint) and row["kind"] in _FEES
    )


def _differ_by_fees(case: Case, ours: Swap, theirs: Swap) -> bool:
    """Whether theirs is ours and the fees on the way in, less the fees on the way out."""
    if (ours.sold_mint, ours.bought_mint) != (theirs.sold_mint, theirs.bought_mint):
        return False
    more = theirs.sold_raw - ours.sold_raw
    less = ours.bought_raw - theirs.bought_raw
    return (
        is_vaults(case, ours)
        and _are_fees(case, ours, ours.sold_mint, more)
        and _are_fees(case, ours, ours.bought_mint, less)
    )


def _are_fees(case: Case, ours: Swap, mint: str, amount: int) -> bool:
    """Whether an amount is nothing, or fees of ours that somebody else really received.

    A fee is a small part: what is more than a tenth of the trade is for a person to judge.
    """
    traded = ours.sold_raw if mint == ours.sold_mint else ours.bought_raw
    receivers = _fee_receivers(case, ours.trader, mint)
    paid = [
        flow.amount
        for flow in case.evidence.flows
        if flow.mint == mint and flow.target in receivers
    ]
    without_transfer = receivers - {flow.target for flow in case.evidence.flows}
    paid += [case.evidence.delta(receiver, mint) for receiver in without_transfer]
    return amount == 0 or (0 < amount * 10 <= traded and amount in sums(paid))
