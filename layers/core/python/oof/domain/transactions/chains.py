"""Several trades within one call: a bot that sells two coins, or buys two, in one instruction.

A router carries one intent, whatever its pools. Any other program may call pools for several: its
legs belong together where one spends what another of them brought, or where they exchange the same
two mints. Only legs that each took one mint of the trader's and gave it another tell so.
"""

from oof.domain.transactions.deals import sum_nets
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.legs import Leg, Route
from oof.domain.transactions.programs.program import Role

type Share = tuple[list[Flow], list[Leg]]


class _Chain:
    """Legs that belong together: `first` is what they spend, `brought` what any of them gave."""

    __slots__ = ("brought", "first", "last", "legs")

    def __init__(self, first: str) -> None:
        self.first = first
        self.last = ""
        self.brought: set[str] = set()
        self.legs: list[Leg] = []

    def add(self, leg: Leg, bought: str) -> None:
        self.legs.append(leg)
        self.brought.add(bought)
        self.last = bought


def split_chains(route: Route, trader: str) -> list[Share]:
    """Divide a route of one trader into its trades: flows and legs of each."""
    whole: list[Share] = [(route.flows, route.legs)]
    is_router = route.program is not None and route.program.role in {Role.ROUTER, Role.POOL}
    if is_router or route.fill is not None or len(route.legs) < len(("one", "other")):
        return whole
    chains: list[_Chain] = []
    for leg in route.legs:
        pair = _exchanged(leg, trader)
        if pair is None:
            return whole
        _link(chains, leg, *pair)
    if len({(chain.first, chain.last) for chain in chains}) < len(("one", "other")):
        return whole
    return _divide(route, chains)


def _exchanged(leg: Leg, trader: str) -> tuple[str, str] | None:
    """Name the one mint that the leg took of the trader, and the one that it gave."""
    nets = sum_nets(leg.flows, trader)
    given = [mint for mint, net in nets.items() if net < 0]
    taken = [mint for mint, net in nets.items() if net > 0]
    return (given[0], taken[0]) if len(given) == len(taken) == 1 else None


def _link(chains: list[_Chain], leg: Leg, sold: str, bought: str) -> None:
    """Add a leg to the chains that it carries on, which are then one, or runs beside."""
    carried = [chain for chain in chains if sold in chain.brought]
    beside = [chain for chain in chains if (sold, bought) == (chain.first, chain.last)]
    chain, *rest = carried or beside or [_Chain(sold)]
    for other in rest:
        chain.legs += other.legs
        chain.brought |= other.brought
        chains.remove(other)
    if chain not in chains:
        chains.append(chain)
    chain.add(leg, bought)


def _divide(route: Route, chains: list[_Chain]) -> list[Share]:
    """Give each chain its flows: what no leg moved goes to the first that exchanged its mint."""
    merged: dict[tuple[str, str], Share] = {}
    owner_of: dict[int, Share] = {}
    by_mint: dict[str, Share] = {}
    for chain in chains:
        share = merged.setdefault((chain.first, chain.last), ([], []))
        share[1].extend(chain.legs)
        share[1].sort(key=lambda leg: leg.at)
        for leg in chain.legs:
            owner_of.update((id(flow), share) for flow in leg.flows)
        for mint in (chain.first, *sorted(chain.brought)):
            by_mint.setdefault(mint, share)
    first = next(iter(merged.values()))
    for flow in route.flows:
        share = owner_of.get(id(flow)) or by_mint.get(flow.mint, first)
        share[0].append(flow)
    return list(merged.values())
