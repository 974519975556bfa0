"""The rest of the market: trades that move prices just before our wallets trade."""

import math
import random

from local.upstream.generated import programs as p
from local.upstream.generated.actions import Intent, Made
from local.upstream.generated.pump import PumpCurve
from local.upstream.generated.transaction import Place, Transaction
from local.upstream.generated.venue import Fill, Order, Pool
from local.upstream.generated.world import MARKET, SOL, World

CURVE_FLOOR, CURVE_CEILING = 32 * SOL, 105 * SOL
"""Between these virtual SOL reserves the market keeps a bonding curve."""
SIGMA = 0.3
"""How far, in logarithms, a price moves at a time."""
RETURN = 0.15
"""What part of its way from its first price, in logarithms, it goes back at a time."""


def move_market(
    world: World, pool: Pool, place: Place, rng: random.Random, sol_price: float
) -> Made | None:
    """Trade so that the pool's price moves; None if it would not move at all."""
    user = world.wallet(MARKET)
    source, target, sold, amount = _wanted(world, pool, rng, sol_price)
    if amount <= 0:
        return None
    accounts = [world.associated(user, mint) for mint in (source, target)]
    tx = Transaction(world.ledger, user)
    tx.budget(120_000, 5_000)
    order = Order(user, accounts[0], accounts[1], sold, amount, place.block_time)
    if isinstance(pool, PumpCurve):
        account = world.associated(user, pool.mint)
        order = order._replace(source=account, target=account)
    try:
        fill: Fill = pool.swap(tx, order)
    except ValueError:
        return None
    intent = Intent("market", user, fill, pool.venue, (pool.venue,))
    return Made(tx.commit(place), intent)


def _wanted(
    world: World, pool: Pool, rng: random.Random, sol_price: float
) -> tuple[str, str, str, int]:
    """Return source, target and sold mint, and how much moves the price as it should."""
    left, right = pool.mints
    reserve_left, reserve_right = pool.reserves(world.ledger)
    strayed = math.log(reserve_left / max(1, reserve_right) / world.first_ratios[pool.address])
    factor = math.exp(rng.gauss(0, SIGMA) - RETURN * strayed)
    if pool is world.sol_usdc:
        present = reserve_right * 1_000 / reserve_left
        factor = present / sol_price
    # the product stays: the left reserve grows by the root of what its price falls by
    wanted = int(reserve_left * math.sqrt(factor))
    if isinstance(pool, PumpCurve):
        wanted = min(max(wanted, CURVE_FLOOR), CURVE_CEILING)
    if wanted > reserve_left:
        return left, right, left, wanted - reserve_left
    product = reserve_left * reserve_right
    return right, left, right, product // max(1, wanted) - reserve_right


def price_in_sol(world: World, mint: str) -> float | None:
    """Return the present price of one whole token in SOL; None if nobody lists it."""
    if mint == p.WSOL:
        return 1.0
    for listing in world.listings:
        if listing.mint == mint:
            price = 1.0
            at = p.WSOL
            for pool in listing.pools:
                side = pool.mints.index(at)
                reserves = pool.reserves(world.ledger)
                price *= reserves[side] / max(1, reserves[1 - side])
                at = pool.mints[1 - side]
            return price * 10.0 ** (listing.decimals - 9)
    return None
