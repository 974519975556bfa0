"""A deal: one route's flows split, for one trader, into fees and the trade itself.

A flow that ends at an account which is neither the trader's nor a pool's vault, and which nobody
passes on, is a fee of the trader, whoever paid it out. What remains is netted by owner and mint.
"""

from typing import Final

from oof.domain.transactions.flows import NOBODY, Flow
from oof.domain.transactions.legs import Leg, Route, kind_of_receiver
from oof.domain.transactions.model import Kind

type Owner = str | None
type Nets = dict[str, int]
type LegOf = dict[int, Leg]

_UNNAMED_FEES: Final = frozenset({Kind.PLATFORM_FEE, Kind.PROTOCOL_FEE})
"""What a receiver gets by no name; one that signed was paid by agreement, not charged a fee."""


class Deal:
    """A route split for one trader: its trades, and the flows that replace the route's."""

    __slots__ = ("fees", "flows", "nets", "rest", "side", "trader")

    def __init__(self, trader: str) -> None:
        self.trader = trader
        self.fees: list[Flow] = []
        self.rest: list[Flow] = []
        self.flows: list[Flow] = []
        self.nets: Nets = {}
        self.side: set[Owner] = {trader}
        """Who stands on the trader's side: itself, other traders, and who carries for them."""


def sum_nets(flows: list[Flow], owner: Owner) -> Nets:
    """Sum what one owner gained or lost by mint; zeros are kept."""
    nets: Nets = {}
    for flow in flows:
        if flow.source == owner:
            nets[flow.mint] = nets.get(flow.mint, 0) - flow.amount
        elif flow.target == owner:
            nets[flow.mint] = nets.get(flow.mint, 0) + flow.amount
    return nets


def find_vaults(flows: list[Flow], legs: list[Leg], side: set[Owner]) -> set[Owner]:
    """Name the owners of the pools' vaults: in each leg whoever takes and gives.

    So is the largest receiver of what went in: a pool's vaults may have an owner each.
    """
    found: set[Owner] = set()
    for group in [leg.flows for leg in legs] or [flows]:
        givers = {flow.source for flow in group} - side
        takers = [flow for flow in group if flow.target not in side]
        vaults = {flow.target for flow in takers if flow.target in givers}
        entering = [flow for flow in takers if flow.source in side]
        if not vaults and not entering:
            payers = {flow.source for flow in flows}
            entering = [flow for flow in takers if flow.target not in payers]
        if entering:
            vaults.add(_largest(entering, entering[0].mint).target)
        found |= vaults
    return found


def _largest(flows: list[Flow], mint: str) -> Flow:
    return max([flow for flow in flows if flow.mint == mint], key=lambda flow: flow.amount)


def index_legs(legs: list[Leg]) -> LegOf:
    """Tell of each flow inside a leg, by its identity, which one that is."""
    return {id(flow): leg for leg in legs for flow in leg.flows}


def find_carriers(flows: list[Flow], leg_of: LegOf) -> dict[Owner, None]:
    """Name those who carry for the trader: a router's authority gives on what it got.

    They meet the trader outside the legs; without legs, they give the very mint they got. (In the
    order in which they give: a set of strings has another in every process.)
    """
    got = {(flow.target, flow.mint) for flow in flows}
    carried = {flow.source: None for flow in flows if (flow.source, flow.mint) in got}
    if not leg_of or not carried:
        return carried
    outside = [flow for flow in flows if id(flow) not in leg_of]
    met = {flow.source for flow in outside} | {flow.target for flow in outside}
    return {owner: None for owner in carried if owner in met}


def split_deal(
    flows: list[Flow],
    legs: list[Leg],
    route: Route,
    trader: str,
    traders: set[Owner],
    signers: tuple[str, ...],
) -> Deal:
    """Tell fees from the rest, let the trader bear them, and net the rest by owner and mint."""
    deal = Deal(trader)
    rest = deal.rest
    if route.claims:
        flows = _take_claims(deal, flows, route)
    leg_of = index_legs(legs)
    carriers = find_carriers(flows, leg_of)
    side = traders | carriers.keys()
    vaults = find_vaults(flows, legs, side)
    kept = vaults | side | {flow.source for flow in flows}
    kept.add(NOBODY)
    for flow in flows:
        leg = leg_of.get(id(flow))
        is_kept = flow.target in kept
        if is_kept and (leg is None or leg.name_fee is None):
            rest.append(flow)
            continue
        kind = _fee_kind(flow, leg, route, is_kept=is_kept)
        if kind is None or flow.target in traders:
            rest.append(flow)
            continue
        if flow.target in signers and kind in _UNNAMED_FEES:
            kind = Kind.TRANSFER
        deal.fees.append(_booked(flow, trader, flow.target, kind))
        if flow.source != trader:
            rest.append(Flow(flow.at, flow.mint, flow.amount, flow.source, trader))
    if legs and route.fill is None:
        retaining = [each for each in carriers if each not in traders and each not in vaults]
        _charge_retained(deal, route, retaining)
    deal.side = side
    deal.nets = {mint: net for mint, net in sum_nets(rest, trader).items() if net}
    if deal.fees:
        _forward(deal, {flow.mint for flow in flows if flow.target in vaults})
    deal.flows = _net(rest, trader) + deal.fees
    return deal


def _take_claims(deal: Deal, flows: list[Flow], route: Route) -> list[Flow]:
    """Let the trader have what was claimed on the way, whoever took it in; give the other flows.

    So what a venue charged and paid back at once is a fee and an income, not nothing.
    """
    claims = {id(flow) for flow in route.claims}
    for flow in flows:
        if id(flow) in claims:
            deal.fees.append(_booked(flow, flow.source, deal.trader, Kind.INCOME))
            if flow.target != deal.trader:
                deal.rest.append(Flow(flow.at, flow.mint, flow.amount, deal.trader, flow.target))
    return [flow for flow in flows if id(flow) not in claims]


def _booked(flow: Flow, source: Owner, target: Owner, kind: Kind) -> Flow:
    """Copy a flow between the same accounts, for other owners."""
    accounts = (flow.source_account, flow.target_account)
    return Flow(flow.at, flow.mint, flow.amount, source, target, kind, *accounts)


def _fee_kind(flow: Flow, leg: Leg | None, route: Route, *, is_kept: bool) -> Kind | None:
    """Tell which fee a flow is; None for one that ends at a vault or is carried on.

    What no pool of the route charged, who carries it through them did.
    """
    if leg is not None and leg.name_fee is not None:
        named = leg.name_fee(leg.instruction, flow.target_account)
        if named is not None:
            return named
    if is_kept:
        return None
    known = kind_of_receiver(flow.target)
    if known is not None:
        return known
    return _front_end_fee(route) if leg is None and route.legs else Kind.PROTOCOL_FEE


def _front_end_fee(route: Route) -> Kind:
    return Kind.BOT_FEE if route.terminal is not None else Kind.PLATFORM_FEE


def _charge_retained(deal: Deal, route: Route, carriers: list[Owner]) -> None:
    """Take for a fee what a carrier retains of the trader's own mints.

    One that retains the larger part carries it further, in an instruction of its own. (Who fills
    an order keeps what it gains: that is its own. Nor is retained what the carrier burned.)
    """
    if not carriers:
        return
    nets = sum_nets(deal.rest, deal.trader)
    terms = [flow for flow in route.fixed if flow.kind is Kind.BURN]
    for carrier in carriers:
        for mint, retained in sum_nets(deal.rest + terms, carrier).items():
            if 0 < retained < abs(nets.get(mint, 0)):
                at = deal.rest[-1].at
                fee = Flow(at, mint, retained, deal.trader, carrier, _front_end_fee(route))
                deal.fees.append(fee)
                deal.rest.append(Flow(at, mint, retained, carrier, deal.trader))


def _forward(deal: Deal, entered: set[str]) -> None:
    """Where the trader keeps nothing of what it bought, the largest share was sent on.

    `entered` are the mints that went into some vault: what was bought is none of them.
    """
    for mint, bought in deal.nets.items():
        shares = [fee for fee in deal.fees if fee.mint == mint]
        if bought <= 0 or mint in entered or sum(share.amount for share in shares) < bought:
            continue
        sent = [share for share in shares if kind_of_receiver(share.target) is None]
        if sent:
            max(sent, key=lambda share: share.amount).kind = Kind.TRANSFER


def _net(flows: list[Flow], trader: str) -> list[Flow]:
    """Replace flows by the fewest that leave every owner with the same: givers pay takers.

    The trader gives first and takes last, so that what it gave meets the first pool.
    """
    nets: dict[str, dict[Owner, int]] = {}
    for flow in flows:
        by_owner = nets.setdefault(flow.mint, {})
        by_owner[flow.source] = by_owner.get(flow.source, 0) - flow.amount
        by_owner[flow.target] = by_owner.get(flow.target, 0) + flow.amount
    at = flows[0].at if flows else -1
    found: list[Flow] = []
    for mint, by_owner in nets.items():
        own = by_owner.pop(trader, 0)
        givers = [(owner, -net) for owner, net in by_owner.items() if net < 0]
        takers = [(owner, net) for owner, net in by_owner.items() if net > 0]
        if own < 0:
            givers.insert(0, (trader, -own))
        elif own > 0:
            takers.append((trader, own))
        found += _pair(at, mint, givers, takers)
    return found


def _pair(
    at: int, mint: str, givers: list[tuple[Owner, int]], takers: list[tuple[Owner, int]]
) -> list[Flow]:
    found: list[Flow] = []
    queue = iter(takers)
    taker, wanted = next(queue, (NOBODY, 0))
    for giver, amount in givers:
        left = amount
        while left and wanted:
            part = min(left, wanted)
            found.append(Flow(at, mint, part, giver, taker, Kind.TRADE))
            left -= part
            wanted -= part
            if not wanted:
                taker, wanted = next(queue, (NOBODY, 0))
    return found
