"""Rules that decide a disagreement from the transaction itself.

Each rule is a claim about the peer that the transaction proves or does not. What no rule proves is
left to a person's verdict.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from local.accuracy.model import Case, Leg, Swap
from local.accuracy.pairing import Pairing, is_vaults, pair_up
from tests.checker.deltas import SOL


class Verdict(StrEnum):
    """Who is right about a transaction."""

    OURS = "ours"
    PEER = "peer"
    BOTH = "both-differ-by-definition"


class Rule(NamedTuple):
    """One claim, with what it means for the verdict, and the proof."""

    name: str
    verdict: Verdict
    reason: str
    proves: Callable[[Case], bool]


def decide(case: Case) -> Rule | None:
    """Return the first rule that the transaction proves."""
    return next((rule for rule in RULES if rule.proves(case)), None)


def whole_routes(legs: tuple[Leg, ...]) -> tuple[Swap, ...]:
    """Add up the legs of each outermost instruction, as the peer adds them over all of them."""
    routes: dict[int, list[Swap]] = {}
    for leg in legs:
        routes.setdefault(leg.outer, []).append(leg.swap)
    found = []
    for swaps in routes.values():
        sold, bought = swaps[0].sold_mint, swaps[-1].bought_mint
        given = sum(swap.sold_raw for swap in swaps if swap.sold_mint == sold)
        taken = sum(swap.bought_raw for swap in swaps if swap.bought_mint == bought)
        found.append(Swap(swaps[0].trader, sold, given, bought, taken))
    return tuple(found)


def _failed(case: Case) -> bool:
    payer = case.body.keys[0]
    cost_fee_only = case.evidence.deltas == {(payer, SOL): -case.body.fee}
    return case.body.failed and not case.ours and cost_fee_only


def _unreadable(case: Case) -> bool:
    return case.answer.error is not None and _are_vaults(case)


def _are_vaults(case: Case) -> bool:
    return bool(case.ours) and all(is_vaults(case, swap) for swap in case.ours)


def _default(case: Case) -> Iterator[tuple[Swap, ...]]:
    if case.answer.whole is not None:
        yield (case.answer.whole,)
    yield tuple(part.swap for part in case.answer.parts)


def _is_default(case: Case, pairing: Pairing) -> bool:
    return any(pair_up(case, answer, pairing) for answer in _default(case))


def _is_from_legs(case: Case, pairing: Pairing) -> bool:
    return pair_up(case, whole_routes(case.answer.legs), pairing)


def _routes(case: Case) -> int:
    return len({leg.outer for leg in case.answer.legs})


def _is_one_side(case: Case) -> bool:
    whole = case.answer.whole
    if whole is None or len(case.ours) != 2 or whole not in case.ours:
        return False
    other = next(swap for swap in case.ours if swap != whole)
    mirror = (whole.bought_mint, whole.bought_raw, whole.sold_mint, whole.sold_raw)
    return other.terms == mirror and all(
        case.evidence.sent(swap.trader, swap.sold_mint) >= swap.sold_raw for swap in case.ours
    )


def _is_nft(case: Case) -> bool:
    whole, evidence = case.answer.whole, case.evidence
    if whole is None or case.ours:
        return False
    sides = ((whole.sold_mint, whole.sold_raw), (whole.bought_mint, whole.bought_raw))
    return any(
        raw == 1
        and evidence.decimals(mint) == 0
        and all(flow.amount == 1 for flow in evidence.flows if flow.mint == mint)
        for mint, raw in sides
    )


def _is_minted(case: Case) -> bool:
    minted = {
        (flow.mint, flow.amount)
        for flow in case.evidence.flows
        if flow.source is None and case.evidence.is_new(flow.mint)
    }
    real = [
        part.swap
        for part in case.answer.parts
        if (part.swap.bought_mint, part.swap.bought_raw) not in minted
    ]
    is_less = len(real) < len(case.answer.parts)
    return is_less and sorted(real, key=str) == sorted(case.ours, key=str)


def _is_impossible(case: Case, swap: Swap) -> bool:
    evidence = case.evidence
    return (
        not swap.sold_raw
        or not swap.bought_raw
        or evidence.sent(swap.trader, swap.sold_mint) < swap.sold_raw
        or evidence.received(swap.trader, swap.bought_mint) < swap.bought_raw
    )


def _is_nobodys(case: Case) -> bool:
    """Whether the peer's trader cannot have traded so, and nobody else gave one for the other."""
    parts = [part.swap for part in case.answer.parts]
    return (
        not case.ours
        and case.answer.whole is not None
        and all(
            _is_impossible(case, swap) and not _has_opposed(case, swap)
            for swap in (case.answer.whole, *parts)
        )
    )


def _has_opposed(case: Case, swap: Swap) -> bool:
    """Whether anybody gave one of two mints and got the other, as vaults of a trade do."""
    if swap.sold_mint == swap.bought_mint:
        return False
    owners = {owner for owner, _mint in case.evidence.deltas}
    changes = [
        (case.evidence.delta(owner, swap.sold_mint), case.evidence.delta(owner, swap.bought_mint))
        for owner in owners
    ]
    return any(sold * bought < 0 for sold, bought in changes)


def _is_liquidity(case: Case) -> bool:
    whole = case.answer.whole
    if whole is None or case.ours:
        return False
    sent = {flow.mint for flow in case.evidence.flows if flow.source == whole.trader}
    got = {flow.mint for flow in case.evidence.flows if flow.target == whole.trader}
    for flow in case.evidence.flows:
        if flow.source is None and (flow.mint, flow.amount) == (
            whole.bought_mint,
            whole.bought_raw,
        ):
            return len(sent - {flow.mint, SOL}) >= 2
        if flow.target is None and (flow.mint, flow.amount) == (whole.sold_mint, whole.sold_raw):
            return len(got - {flow.mint, SOL}) >= 2
    return False


def _is_excessive(case: Case) -> bool:
    whole = case.answer.whole
    routes = len({part.outer for part in case.answer.parts})
    return (
        whole is not None
        and len(case.ours) >= routes
        and _is_impossible(case, whole)
        and _are_vaults(case)
    )


RULES: Final = (
    Rule(
        "failed",
        Verdict.OURS,
        "the transaction failed: nothing but its fee changed hands",
        _failed,
    ),
    Rule(
        "unreadable",
        Verdict.OURS,
        "the peer cannot read this body; vaults took and paid exactly our amounts",
        _unreadable,
    ),
    Rule(
        "first_signer",
        Verdict.OURS,
        "same amounts, but the peer names a signer who did not trade: the balances moved with ours",
        lambda case: _is_default(case, Pairing(by_balances=True)),
    ),
    Rule(
        "fees_inside",
        Verdict.BOTH,
        "ours is what the vaults took and paid; the peer's differs by exactly the fees that went"
        " to third accounts",
        lambda case: _is_default(case, Pairing(by_balances=True, but_fees=True)),
    ),
    Rule(
        "legs_twice",
        Verdict.OURS,
        "the peer adds up the events of the route and its transfers, so counts legs twice; the"
        " events alone add up to ours",
        lambda case: _routes(case) == 1 and _is_from_legs(case, Pairing(by_balances=True)),
    ),
    Rule(
        "routes_merged",
        Verdict.OURS,
        "the peer makes one trade of independent instructions; its own legs of each add up to ours",
        lambda case: _routes(case) > 1 and _is_from_legs(case, Pairing(by_balances=True)),
    ),
    Rule(
        "legs_twice_fees_inside",
        Verdict.OURS,
        "the peer counts legs twice; its events alone add up to ours but for fees that went to"
        " third accounts",
        lambda case: _is_from_legs(case, Pairing(by_balances=True, but_fees=True)),
    ),
    Rule(
        "one_side",
        Verdict.BOTH,
        "a deal between two wallets: ours has both, the peer one of them",
        _is_one_side,
    ),
    Rule(
        "nft",
        Verdict.BOTH,
        "one indivisible token: ours is an NFT's movement by definition, no trade",
        _is_nft,
    ),
    Rule(
        "minted",
        Verdict.OURS,
        "the peer takes the creation of a mint, paid with rent, for a purchase; the rest is ours",
        _is_minted,
    ),
    Rule(
        "nobodys",
        Verdict.OURS,
        "the peer's trader gave less, or got less, than the peer says, and nobody at all gave the"
        " one for the other",
        _is_nobodys,
    ),
    Rule(
        "liquidity",
        Verdict.OURS,
        "several mints against one that is minted or burned: liquidity, no trade",
        _is_liquidity,
    ),
    Rule(
        "excessive",
        Verdict.OURS,
        "the peer's trader gave less, or got less, than the peer says; vaults took and paid ours",
        _is_excessive,
    ),
)
