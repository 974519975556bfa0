"""Trades: what one route took from its trader and gave back, fees apart.

Within a route every flow ends at the trader, at a pool's vault, at somebody who passes it on, or
at an account that only receives: the last is a fee, and it is the trader's, whoever paid it out.
What remains is netted by owner and mint, so that intermediates of a multi-hop route cancel and
leftovers of them stay movements, never trades of their own.
"""

from typing import Final

from oof.domain.transactions.addresses import is_on_curve
from oof.domain.transactions.body import Body
from oof.domain.transactions.book import Book
from oof.domain.transactions.chains import split_chains
from oof.domain.transactions.deals import (
    Deal,
    Owner,
    find_carriers,
    find_vaults,
    index_legs,
    split_deal,
    sum_nets,
)
from oof.domain.transactions.flows import NOBODY, Flow
from oof.domain.transactions.legs import TRANSPARENT, Leg, Route, kind_of_receiver
from oof.domain.transactions.model import Kind, Role, Trade
from oof.domain.transactions.programs.program import is_claim
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount

_TERMS: Final = frozenset({Kind.MINT, Kind.BURN})
_CHAIN: Final = 2
_SIDES: Final = (Role.TAKER, Role.MAKER)


def trade_route(body: Body, route: Route, book: Book) -> list[Trade]:
    """Give the trades of one route and settle the kinds of its flows, replacing them in `book`.

    A route without a known pool is a trade only if exactly one mint went out and one came in, or
    several pools each took one and gave another: none minted or burned on the way, none an NFT.
    Otherwise its flows take the kind its program prescribes.
    """
    if not route.is_known:
        if route.kind is None and _is_pool_share(route):
            route.kind = Kind.LIQUIDITY
        if not _may_be_unknown_trade(route):
            _classify(body, route)
            return []
    traders = _resolve_traders(body, route, book)
    if not traders:
        _classify(body, route)
        return []
    if len(traders) == 1:
        _return_rent(body, route, traders[0], book)
    trades: list[Trade] = []
    shares = _share(route, traders)
    everyone: set[Owner] = set(traders)
    replaced: set[int] = set()
    for trader, share, legs in shares:
        deal = split_deal(share, legs, route, trader, everyone, body.signers)
        trade = _price(body, route, deal, share, legs)
        if trade is None:
            continue
        trades += [trade, *_other_trades(body, route, trade, traders)]
        replaced.update(map(id, share))
        book.drop(share)
        book.add(deal.flows)
    if trades:
        route.flows = [flow for flow in route.flows if id(flow) not in replaced]
    if not trades and not route.is_known and _is_nft_deal(body, route):
        route.kind = Kind.NFT
    _classify(body, route, is_traded=bool(trades))
    return trades


def _resolve_traders(body: Body, route: Route, book: Book) -> list[str]:
    """Find who traded; where somebody acted for another, let that other have the trade."""
    if route.fill is not None:
        _act_for(route, route.fill.escrow, route.fill.maker, Kind.ESCROW, book)
        return [route.fill.maker]
    traders = _find_traders(body, route)
    if len(traders) == 1:
        principal = _find_principal(body, route, traders[0], book)
        if principal is not None:
            _act_for(route, traders[0], principal, Kind.TRANSFER, book)
            return [principal]
    return traders


def _find_principal(body: Body, route: Route, agent: str, book: Book) -> str | None:
    """Name the signer for whom the agent traded: it paid all of it in, the agent kept nothing."""
    traded = {mint: net for mint, net in sum_nets(route.flows, agent).items() if net}
    for mint in traded:
        if book.kept(agent, mint):
            return None
    within = {flow.source for flow in route.flows if flow.target == agent}
    payers: set[Owner] = set()
    for mint, net in traded.items():
        if net < 0:
            everyone = book.payers(agent, mint)
            if len(everyone) > len(within) + 1:
                return None
            payers |= everyone - within
    payer = payers.pop() if len(payers) == 1 else None
    return payer if payer in body.signers else None


def _act_for(route: Route, agent: str, principal: str, kind: Kind, book: Book) -> None:
    """Let the principal trade what its agent or escrow gave and got; the two settle by `kind`."""
    nets = sum_nets(route.flows, agent)
    for flow in route.flows:
        if flow.source == agent:
            flow.source = principal
        if flow.target == agent:
            flow.target = principal
    book.drop(flow for flow in route.flows if flow.source == flow.target)
    route.flows = [flow for flow in route.flows if flow.source != flow.target]
    book.add(
        Flow(-1, mint, abs(net), *((agent, principal) if net < 0 else (principal, agent)), kind)
        for mint, net in nets.items()
        if net
    )


def _is_pool_share(route: Route) -> bool:
    """Whether several mints went in for one that was minted, or came out for one burned."""
    for flow in route.fixed:
        if flow.kind not in _TERMS or flow.amount == 1:
            continue
        owner, sign = (flow.target, -1) if flow.kind is Kind.MINT else (flow.source, 1)
        if sum(net * sign > 0 for net in sum_nets(route.flows, owner).values()) > 1:
            return True
    return False


def _return_rent(body: Body, route: Route, trader: str, book: Book) -> None:
    """Let rent come back to the trader, where who closed its account only carried it on."""
    returned = [
        flow
        for flow in route.fixed
        if _is_rent(flow) and flow.source == NOBODY and flow.target != trader
    ]
    if not returned:
        return
    own = {
        flow.target_account for flow in book.all_flows() if _is_rent(flow) and flow.source == trader
    }
    own |= {account for account, balance in body.pre_tokens.items() if balance.owner == trader}
    for flow in returned:
        carrier = flow.target
        if (
            flow.source_account in own
            and sum_nets(route.flows, carrier).get(SOL_MINT, 0) <= -flow.amount
        ):
            flow.target = trader
            carried = Flow(flow.at, SOL_MINT, flow.amount, trader, carrier)
            book.add([carried])
            route.flows.append(carried)


def _is_rent(flow: Flow) -> bool:
    return flow.kind is Kind.RENT and flow.at >= 0


def _may_be_unknown_trade(route: Route) -> bool:
    if route.kind is not None or route.top.program in TRANSPARENT:
        return False
    return not _is_unknown_claim(route)


def _is_unknown_claim(route: Route) -> bool:
    """Whether an instruction is named a claim, of a program that no file lists."""
    return route.program is None and is_claim(route.top)


def _classify(body: Body, route: Route, *, is_traded: bool = False) -> None:
    """Give what is no part of a trade the kind of its program.

    A program that no file lists is taken at its word where its instruction is named a claim: what
    others than a signer pay below it is an income.
    """
    kind = route.kind
    if kind is None and route.legs and not is_traded and route.legs[0].program is not None:
        kind = route.legs[0].program.kind_of(route.legs[0].instruction)
    is_claimed = kind is None and not is_traded and _is_unknown_claim(route)
    for flow in route.flows:
        earned = Kind.INCOME if is_claimed and flow.source not in body.signers else None
        flow.kind = kind_of_receiver(flow.target) or earned or kind or Kind.TRANSFER


def _is_opposed(route: Route, owner: Owner) -> bool:
    """Whether the owner gave one thing and got another, or went round in circles."""
    nets = sum_nets(route.flows, owner).values()
    if nets and min(nets) < 0 < max(nets):
        return True
    if len(route.legs) < 2:
        return False
    given = {flow.mint for flow in route.flows if flow.source == owner}
    return any(flow.target == owner and flow.mint in given for flow in route.flows)


def _find_traders(body: Body, route: Route) -> list[str]:
    """Find who traded: whom the outermost program names, else signers, else who is no vault."""
    named = route.named
    is_named = route.program is not None and route.program.name_trader is not None
    is_guess = any(leg.is_guess for leg in route.legs)
    if named and not is_guess and (is_named or route.maker is not None):
        first = named[0]
        if _is_opposed(route, first) or (first in body.signers and _gives(route, first)):
            return [first]
    signers = [signer for signer in body.signers if _is_opposed(route, signer)]
    if signers:
        return signers
    for name in named:
        if _is_opposed(route, name):
            return [name]
    wallet = _find_wallet(route)
    if wallet is not None:
        return [wallet]
    senders = [signer for signer in body.signers if route.is_known and _gives(route, signer)]
    return senders[:1]


def _find_wallet(route: Route) -> str | None:
    """Find the one owner that gave and got and is no vault: a wallet, or a program's account."""
    owners = [
        owner
        for owner in dict.fromkeys(flow.source for flow in route.flows)
        if owner and _is_opposed(route, owner)
    ]
    wallets = [owner for owner in owners if is_on_curve(owner)]
    if len(wallets) == 1:
        return wallets[0]
    carriers = find_carriers(route.flows, index_legs(route.legs)).keys() - owners
    vaults = find_vaults(route.flows, route.legs, carriers)
    others = [owner for owner in owners if owner not in vaults]
    return others[0] if len(others) == 1 else _find_hub(route, owners)


def _find_hub(route: Route, owners: list[str]) -> str | None:
    """Find the one owner that took part in every one of several legs; a pool has one of them."""
    if len(route.legs) < _CHAIN:
        return None
    hubs = set(owners)
    for leg in route.legs:
        hubs &= {end for flow in leg.flows for end in (flow.source, flow.target) if end}
    return hubs.pop() if len(hubs) == 1 else None


def _gives(route: Route, owner: str) -> bool:
    return any(flow.source == owner for flow in route.flows)


def _share(route: Route, traders: list[str]) -> list[tuple[str, list[Flow], list[Leg]]]:
    """Divide the route among its traders: each has the legs it takes part in."""
    if len(traders) == 1:
        return [(traders[0], *share) for share in split_chains(route, traders[0])]
    shares: dict[str, tuple[list[Flow], list[Leg]]] = {trader: ([], []) for trader in traders}
    owner_of: dict[int, str] = {}
    for leg in route.legs:
        for trader in traders:
            if any(trader in (flow.source, flow.target) for flow in leg.flows):
                shares[trader][1].append(leg)
                owner_of.update((id(flow), trader) for flow in leg.flows)
                break
    for flow in route.flows:
        ends = (flow.source, flow.target)
        sharer = owner_of.get(id(flow)) or next((each for each in traders if each in ends), None)
        if sharer is not None:
            shares[sharer][0].append(flow)
    return [(trader, *share) for trader, share in shares.items()]


def _price(
    body: Body,
    route: Route,
    deal: Deal,
    share: list[Flow],
    legs: list[Leg],
) -> Trade | None:
    """Tell the sold and the bought side of a deal; None where it is no trade after all."""
    given = {mint: -net for mint, net in deal.nets.items() if net < 0}
    taken = {mint: net for mint, net in deal.nets.items() if net > 0}
    kept = _kept(deal, taken)
    if not route.is_known:
        is_trade = len(given) == 1 == len(kept) or _is_chain(deal, legs)
        if not (is_trade and _is_plain(body, route, deal)):
            return None
    sold = _first_given(share, deal.trader)
    bought = _paid_out(deal, legs) or _last_taken(deal.rest, deal.trader)
    is_circular = sold is not None and sold == bought and len(legs) > 1
    if not is_circular:
        sold = sold if sold in given else next(iter(given), None)
        bought = bought if bought in taken else next(iter(kept), None)
    if sold is None or bought is None:
        return None
    sold_raw, bought_raw = given.get(sold, 0), taken.get(bought, 0)
    if is_circular:
        sold_raw, bought_raw = _gross(deal, sold)
    if sold_raw <= 0 or bought_raw <= 0:
        return None
    return Trade(
        trader=Address(deal.trader),
        sold_mint=Mint(sold),
        sold_raw=RawAmount(sold_raw),
        bought_mint=Mint(bought),
        bought_raw=RawAmount(bought_raw),
        venue=route.venue,
        route=tuple([leg.slug for leg in legs]) or (route.venue,),
        outer_index=route.outer,
        role=Role.TAKER if route.fill is None else route.fill.side,
        arbitrage=is_circular,
        terminal=None,
    )


def _kept(deal: Deal, taken: dict[str, int]) -> dict[str, int]:
    """Leave out what the trader took of a mint only to pay fees with it, if it took another."""
    if not deal.fees:
        return taken
    kept = dict(taken)
    for fee in deal.fees:
        if fee.mint in kept:
            kept[fee.mint] -= fee.amount
    return {mint: rest for mint, rest in kept.items() if rest > 0} or taken


def _is_chain(deal: Deal, legs: list[Leg]) -> bool:
    """Whether several legs each took one mint from the trader's side and gave one other."""
    if len(legs) < _CHAIN:
        return False
    for leg in legs:
        nets: dict[str, int] = {}
        for owner in deal.side:
            for mint, net in sum_nets(leg.flows, owner).items():
                nets[mint] = nets.get(mint, 0) + net
        signs = sorted(net > 0 for net in nets.values() if net)
        if signs != [False, True]:
            return False
    return True


def _first_given(flows: list[Flow], trader: str) -> str | None:
    return next((flow.mint for flow in flows if flow.source == trader), None)


def _paid_out(deal: Deal, legs: list[Leg]) -> str | None:
    """Name the mint that the last leg paid out, where the trader got some of it.

    What was left over of an intermediate may have reached the trader after it.
    """
    if not legs:
        return None
    given = {flow.mint for flow in legs[-1].flows if flow.source in deal.side}
    paid = {
        flow.mint for flow in legs[-1].flows if flow.target in deal.side and flow.mint not in given
    }
    taken = {flow.mint for flow in deal.rest if flow.target == deal.trader}
    return next(iter(paid)) if len(paid) == 1 and paid <= taken else None


def _last_taken(flows: list[Flow], trader: str) -> str | None:
    """Name the mint the trader took last, rather one that it did not also give."""
    given = {flow.mint for flow in flows if flow.source == trader}
    taken = [flow.mint for flow in reversed(flows) if flow.target == trader]
    return next((mint for mint in taken if mint not in given), next(iter(taken), None))


def _gross(deal: Deal, mint: str) -> tuple[int, int]:
    """Sum what a circular route took and gave of its one asset, fees apart."""
    given = sum(
        flow.amount for flow in deal.rest if (flow.source, flow.mint) == (deal.trader, mint)
    )
    taken = sum(
        flow.amount for flow in deal.rest if (flow.target, flow.mint) == (deal.trader, mint)
    )
    return given, taken


def _is_plain(body: Body, route: Route, deal: Deal) -> bool:
    """Whether neither mint was minted or burned on the way, and neither is an NFT."""
    mints = set(deal.nets)
    if any(flow.kind in _TERMS and flow.mint in mints for flow in route.fixed):
        return False
    return not any(
        balance.mint in mints and balance.decimals == 0 and abs(deal.nets[balance.mint]) == 1
        for balances in (body.pre_tokens, body.post_tokens)
        for balance in balances.values()
    )


def _is_nft_deal(body: Body, route: Route) -> bool:
    """Whether one indivisible token went against something else."""
    single = {flow.mint for flow in route.flows if flow.amount == 1}
    if not single or len({flow.mint for flow in route.flows}) < 2:
        return False
    return any(
        balance.mint in single and balance.decimals == 0
        for balances in (body.pre_tokens, body.post_tokens)
        for balance in balances.values()
    )


def _other_trades(body: Body, route: Route, trade: Trade, traders: list[str]) -> list[Trade]:
    """Mirror the trade for who stood on its other side: a maker by name, or who also signed.

    Where two signers exchanged with each other alone, both traded, as by a quote; and who fills an
    order without a pool gives what was its own.
    """
    maker = route.maker
    if trade.role is Role.MAKER:
        return [] if route.legs else _taker_trades(body, route, trade)
    if maker is None and len(route.legs) < _CHAIN and len(traders) == len(_SIDES):
        other = next(trader for trader in traders if trader != trade.trader)
        nets = {mint: net for mint, net in sum_nets(route.flows, other).items() if net}
        if nets == {trade.sold_mint: trade.sold_raw, trade.bought_mint: -trade.bought_raw}:
            maker = other
    return [] if maker is None or maker == trade.trader else [_mirror(trade, maker)]


def _taker_trades(body: Body, route: Route, trade: Trade) -> list[Trade]:
    """Give the trade of the signer who filled an order out of what it had itself."""
    for signer in body.signers:
        nets = sum_nets(route.flows, signer)
        gained, given = nets.get(trade.sold_mint, 0), -nets.get(trade.bought_mint, 0)
        if signer != trade.trader and gained > 0 and given > 0:
            taken = _mirror(trade, signer, Role.TAKER)
            return [taken._replace(sold_raw=RawAmount(given), bought_raw=RawAmount(gained))]
    return []


def _mirror(trade: Trade, trader: str, side: Role = Role.MAKER) -> Trade:
    """Give the other side of a trade."""
    return trade._replace(
        trader=Address(trader),
        sold_mint=trade.bought_mint,
        sold_raw=trade.bought_raw,
        bought_mint=trade.sold_mint,
        bought_raw=trade.sold_raw,
        role=side,
    )
