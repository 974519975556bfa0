"""Jupiter v6 routes over the other pools: one outer instruction, a SwapEvent for each hop."""

from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import raw
from local.upstream.generated.transaction import Transaction, u64
from local.upstream.generated.venue import Fill, Order, Pool, share

ROUTE = bytes.fromhex("e517cb977ae3ad2a")
SWAP_EVENT = bytes.fromhex("40c6cde8260871e2")
FEE_EVENT = bytes.fromhex("494f4e7fb8d50ddc")
_SWAP_KIND = {
    "raydium_v4": b"\x07",
    "orca_whirlpool": b"\x11\x01",
    "meteora_dlmm": b"\x26",
    "pump_swap": b"\x4d",
}


class Route(NamedTuple):
    """One route of one or more hops through `pools`."""

    pools: tuple[Pool, ...]
    accounts: tuple[str, ...]
    """The trader's token accounts along the way: source, what lies between, target."""
    fee_account: str | None = None
    """Where the integrator's fee on the output goes."""
    fee_bps: int = 0


def swap_route(tx: Transaction, route: Route, order: Order) -> Fill:
    """Add a route: `order.source` and `order.target` are its two ends.

    Raises:
        ValueError: some hop gives nothing.
    """
    steps = b"".join(
        _SWAP_KIND[pool.venue] + bytes([100, at, at + 1]) for at, pool in enumerate(route.pools)
    )
    final = _final_mint(route, order)
    expected = _quote(tx, route, order)
    data = ROUTE + len(route.pools).to_bytes(4, "little") + steps + u64(order.amount)
    data += u64(expected) + (100).to_bytes(2, "little") + bytes([route.fee_bps])
    tx.call(p.JUPITER, _accounts(route, order, final), data, name="Route")
    tx.enter()
    amount, mint = order.amount, order.sold_mint
    fills = []
    for at, pool in enumerate(route.pools):
        source, target = route.accounts[at], route.accounts[at + 1]
        fill = pool.swap(tx, Order(order.user, source, target, mint, amount, order.time))
        event = SWAP_EVENT + raw(pool.address) + raw(mint) + u64(amount)
        event += raw(fill.bought_mint) + u64(fill.received)
        tx.call(p.JUPITER, (p.JUPITER_EVENT_AUTHORITY,), p.EVENT + event)
        amount, mint = fill.received, fill.bought_mint
        fills.append(fill)
    received = amount - _charge(tx, route, order, final, amount)
    tx.leave()
    return Fill(order.sold_mint, fills[0].sold_raw, mint, fills[-1].bought_raw, received)


def _charge(tx: Transaction, route: Route, order: Order, mint: str, amount: int) -> int:
    if route.fee_account is None:
        return 0
    fee = share(amount, route.fee_bps)
    tx.send(order.target, route.fee_account, order.user, fee, checked=True)
    event = FEE_EVENT + raw(route.fee_account) + raw(mint) + u64(fee)
    tx.call(p.JUPITER, (p.JUPITER_EVENT_AUTHORITY,), p.EVENT + event)
    return fee


def _final_mint(route: Route, order: Order) -> str:
    mint = order.sold_mint
    for pool in route.pools:
        mint = pool.mints[1 - pool.mints.index(mint)]
    return mint


def _quote(tx: Transaction, route: Route, order: Order) -> int:
    """Return what the route promises: the present prices, fees left out."""
    amount, mint = order.amount, order.sold_mint
    for pool in route.pools:
        side = pool.mints.index(mint)
        reserves = pool.reserves(tx)
        amount = reserves[1 - side] * amount // (reserves[side] + amount)
        mint = pool.mints[1 - side]
    return amount


def _accounts(route: Route, order: Order, final: str) -> tuple[str, ...]:
    head = (p.TOKEN, order.user, order.source, order.target, p.JUPITER, final)
    fee = route.fee_account or p.JUPITER
    hops: list[str] = []
    for at, pool in enumerate(route.pools):
        hops += [order.user, *pool.accounts, *route.accounts[at : at + 2]]
    return (*head, fee, p.JUPITER_EVENT_AUTHORITY, p.JUPITER, *hops)
