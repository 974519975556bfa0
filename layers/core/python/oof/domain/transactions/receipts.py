"""What is minted to who deposits, and burned by who withdraws: the other side of the deposit.

A share of a pool, a liquid stake or a claim on a lender is no token that somebody issued to its
owner, and no income. So it moves for the reason the deposit does.
"""

from typing import Final

from oof.domain.transactions.body import Body
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.model import Kind

_DEPOSITS: Final = frozenset({Kind.LIQUIDITY, Kind.STAKE, Kind.LENDING})

type _Part = tuple[int, str | None]
"""Somebody's part in one outermost instruction."""


def tell_receipts(body: Body, flows: list[Flow]) -> None:
    """Give what was minted for a deposit, or burned for a withdrawal, the kind of it."""
    issued = [
        flow
        for flow in flows
        if (flow.kind is Kind.MINT or flow.kind is Kind.BURN) and flow.at >= 0
    ]
    if not issued:
        return
    instructions = body.instructions
    given: dict[_Part, Kind] = {}
    taken: dict[_Part, Kind] = {}
    for flow in flows:
        if flow.kind in _DEPOSITS and flow.at >= 0:
            outer = instructions[flow.at].outer
            given.setdefault((outer, flow.source), flow.kind)
            taken.setdefault((outer, flow.target), flow.kind)
    for flow in issued:
        outer = instructions[flow.at].outer
        if flow.kind is Kind.MINT:
            flow.kind = given.get((outer, flow.target), Kind.MINT)
        else:
            flow.kind = taken.get((outer, flow.source), Kind.BURN)
