"""What a trader pays beside its trade, in instructions of their own: a front-end's fee, and tips.

A transaction that trades is put together by a front-end. What else it has the trader send, to an
account that was there before and only receives, is no payment of the trader's own, if it is a small
share of what the trade was about: it is the front-end's. A round sum of lamports is what landing it
costs, where a terminal is known. More than that, and what reaches a signer, stays a transfer.
"""

from typing import Final

from oof.domain.transactions.body import Body
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.model import Kind, Trade
from oof.domain.transactions.operations import OPERATION_PROGRAMS
from oof.domain.transactions.programs.program import Role
from oof.domain.transactions.programs.registry import BY_ID
from oof.domain.units import SOL_MINT

LARGEST_SHARE: Final = 20
"""A fee is at most the twentieth part of what the trade was about, 5 %."""

BASIS_POINTS: Final = 10_000

ROUND_LAMPORTS: Final = 1_000
"""A tip is a multiple of 0.000001 SOL; a share of a trade is so by chance, one in a thousand."""

LARGEST_TIP: Final = 100_000_000
"""0.1 SOL; and only where a terminal is known to have put the transaction together."""

_FRONT_ENDS: Final = frozenset(
    program_id
    for program_id, program in BY_ID.items()
    if program.role in {Role.ROUTER, Role.TERMINAL}
)
_TERMINALS: Final = frozenset(
    program_id for program_id, program in BY_ID.items() if program.role is Role.TERMINAL
)


def charge_apart(body: Body, flows: list[Flow], trades: list[Trade], *, has_terminal: bool) -> None:
    """Give fees and tips beside the trades their kind."""
    about = _about(trades)
    traders = {trade.trader for trade in trades}
    waiting = [
        flow
        for flow in flows
        if flow.kind is Kind.TRANSFER and flow.source in traders and flow.at >= 0
    ]
    if waiting:
        apart = _apart(body)
        waiting = [flow for flow in waiting if body.instructions[flow.at].outer in apart]
    if not waiting:
        return
    named = _named_by_terminals(body)
    others = {flow.source for flow in flows} | set(body.signers)
    others |= {flow.target for flow in flows if flow.kind is Kind.RENT}
    for flow in waiting:
        if flow.target and flow.target not in others:
            most = about.get((flow.source or "", flow.mint), 0)
            is_direct = body.instructions[flow.at].inner < 0
            if is_direct and flow.target in named and flow.amount < most:
                flow.kind = Kind.BOT_FEE
            elif is_direct and _is_round(flow, most):
                is_tip = has_terminal and flow.amount <= LARGEST_TIP
                flow.kind = Kind.TIP if is_tip else Kind.TRANSFER
            elif flow.amount * LARGEST_SHARE <= most:
                flow.kind = Kind.BOT_FEE if has_terminal else Kind.PLATFORM_FEE


def _is_round(flow: Flow, most: int) -> bool:
    """Whether it is a round sum of lamports, and not so as some basis points of the trade."""
    if flow.mint != SOL_MINT or flow.amount % ROUND_LAMPORTS:
        return False
    is_share = most > 0 and not flow.amount * BASIS_POINTS % most
    return not (is_share and flow.amount * LARGEST_SHARE <= most)


def _apart(body: Body) -> set[int]:
    """Give the outermost instructions that pay directly, or are a front-end's own."""
    return {
        each.outer
        for each in body.instructions
        if each.inner < 0 and (each.program in OPERATION_PROGRAMS or each.program in _FRONT_ENDS)
    }


def _about(trades: list[Trade]) -> dict[tuple[str, str], int]:
    """Give the most that each trader sold or bought of a mint in one trade."""
    most: dict[tuple[str, str], int] = {}
    for trade in trades:
        for mint, amount in (
            (trade.sold_mint, trade.sold_raw),
            (trade.bought_mint, trade.bought_raw),
        ):
            pair = (trade.trader, mint)
            most[pair] = max(most.get(pair, 0), amount)
    return most


def _named_by_terminals(body: Body) -> set[str]:
    if _TERMINALS.isdisjoint(body.keys):
        return set()
    named: set[str] = set()
    for instruction in body.instructions:
        if instruction.program in _TERMINALS:
            named.update(instruction.accounts)
    return named
