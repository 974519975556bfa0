"""NFTs that only went to a market to be sold, or came back from it unsold: escrow, not a deal.

Markets move listed NFTs by the same programs, and often the same instruction, that sell them. What
tells a sale is that somebody paid.
"""

from typing import Final

from oof.domain.transactions.body import Body
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.model import Kind

_CHARGES: Final = frozenset(
    {Kind.NETWORK_FEE, Kind.PRIORITY_FEE, Kind.TIP, Kind.RENT, Kind.TRANSFER_FEE}
)
"""What any transaction may cost: no payment for an NFT."""


def tell_listings(body: Body, flows: list[Flow]) -> None:
    """Book as escrow the NFTs of an outermost instruction in which, and for which, nobody paid."""
    deals: dict[int, list[Flow]] = {}
    for flow in flows:
        if flow.kind is Kind.NFT and flow.at >= 0:
            deals.setdefault(body.instructions[flow.at].outer, []).append(flow)
    if not deals:
        return
    payers = {flow.source for flow in flows if flow.kind not in _CHARGES and not is_nft(body, flow)}
    for moved in deals.values():
        if all(is_nft(body, flow) and flow.target not in payers for flow in moved):
            for flow in moved:
                flow.kind = Kind.ESCROW


def is_nft(body: Body, flow: Flow) -> bool:
    """Whether it moves one token that has no parts."""
    if flow.amount != 1:
        return False
    for account in (flow.source_account, flow.target_account):
        balance = body.pre_tokens.get(account) or body.post_tokens.get(account)
        if balance is not None:
            return balance.decimals == 0
    return False
