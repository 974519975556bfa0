"""What the sale of an NFT cost apart from its price: the market's fee and the royalties.

Each is borne by who paid it out, buyer or escrow. A market names what it and its brokers collect
(`name_fee`). Creators come last among the accounts of what sells, behind all programs it names, and
nowhere before; who gave the NFT is none. Where all that are paid come last, as the market of
compressed NFTs has it, the seller is who got the most.
"""

from bisect import bisect_right
from typing import Final, NamedTuple

from oof.domain.transactions.body import Body, Instruction
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.legs import TRANSPARENT
from oof.domain.transactions.listings import is_nft
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import NameFee
from oof.domain.transactions.programs.registry import BY_ID

_SYSVAR: Final = "Sysvar"
_MARKETS: Final[dict[str, NameFee]] = {
    program_id: program.name_fee
    for program_id, program in BY_ID.items()
    if program.kind is Kind.NFT and program.name_fee is not None
}


class _Ends(NamedTuple):
    """Who gave NFTs and who got them, within one outermost instruction."""

    givers: set[str | None]
    takers: set[str | None]


def tell_royalties(body: Body, flows: list[Flow]) -> None:
    """Give what a market and creators got of a sale its own kind."""
    waiting = [flow for flow in flows if flow.kind is Kind.NFT and flow.at >= 0]
    if not waiting or _MARKETS.keys().isdisjoint(body.keys):
        return
    sold: dict[int, _Ends] = {}
    payments: list[Flow] = []
    for flow in waiting:
        if is_nft(body, flow):
            ends = sold.setdefault(body.instructions[flow.at].outer, _Ends(set(), set()))
            ends.givers.add(flow.source)
            ends.takers.add(flow.target)
        else:
            payments.append(flow)
    programs = {each.program for each in body.instructions}
    nobody = _Ends(set(), set())
    for at, paid in _list_sales(body, payments).items():
        instruction = body.instructions[at]
        _split(instruction, paid, sold.get(instruction.outer, nobody), programs)


def _list_sales(body: Body, payments: list[Flow]) -> dict[int, list[Flow]]:
    """Group payments by the market's last instruction before each that names who was paid."""
    paid = {flow.target for flow in payments} | {flow.target_account for flow in payments}
    naming: dict[str | None, list[int]] = {}
    for at, instruction in enumerate(body.instructions):
        if instruction.program in _MARKETS:
            for account in paid.intersection(instruction.accounts):
                naming.setdefault(account, []).append(at)
    sales: dict[int, list[Flow]] = {}
    for flow in payments:
        last = -1
        for account in (flow.target, flow.target_account):
            places = naming.get(account, ())
            before = bisect_right(places, flow.at)
            last = max(last, places[before - 1] if before else -1)
        if last >= 0 and body.instructions[last].outer == body.instructions[flow.at].outer:
            sales.setdefault(last, []).append(flow)
    return sales


def _split(instruction: Instruction, paid: list[Flow], ends: _Ends, programs: set[str]) -> None:
    """Tell fees and royalties from the price, within the payments of one sale."""
    name_fee = _MARKETS[instruction.program]
    payers = {flow.source for flow in paid}
    rest: list[Flow] = []
    for flow in paid:
        if flow.target not in payers and flow.target not in ends.takers:
            kind = name_fee(instruction, flow.target_account)
            if kind is None:
                rest.append(flow)
            else:
                flow.kind = kind
    last = _last_accounts(instruction, programs)
    royalties = [
        flow
        for flow in rest
        if flow.target not in ends.givers
        and not last.isdisjoint({flow.target, flow.target_account})
    ]
    if len(royalties) == len(rest):
        seller = _most_paid(rest)
        royalties = [flow for flow in royalties if flow.target != seller]
    for flow in royalties:
        flow.kind = Kind.CREATOR_FEE


def _most_paid(payments: list[Flow]) -> str | None:
    sums: dict[str | None, int] = {}
    for flow in payments:
        sums[flow.target] = sums.get(flow.target, 0) + flow.amount
    return max(sums, key=lambda owner: sums[owner], default=None)


def _last_accounts(instruction: Instruction, programs: set[str]) -> set[str]:
    """Give the accounts that stand only behind the last program that the instruction names."""
    accounts = instruction.accounts
    last = max(
        (
            place
            for place, account in enumerate(accounts)
            if account in programs
            or account in TRANSPARENT
            or account in BY_ID
            or account.startswith(_SYSVAR)
        ),
        default=len(accounts) - 1,
    )
    return set(accounts[last + 1 :]).difference(accounts[:last])
