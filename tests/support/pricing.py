"""Transactions that trade a coin for SOL or dollars, as prices are told from them."""

from typing import Any

from oof.domain.tokens import USDC_MINT
from oof.domain.transactions.model import NormalizedTransaction, Role, Trade
from oof.domain.units import SOL_MINT, Mint, RawAmount
from tests.support.transactions import address, transaction

COIN = Mint(address("coin"))
USDC = USDC_MINT
LAMPORTS: Any = 10**9
MICROS: Any = 10**6


def dealt(
    name: str,
    *,
    time: int | None,
    coins: int = 1,
    quote: Mint = SOL_MINT,
    paid: int = LAMPORTS,
    buys: bool = True,
    who: str | None = None,
    slot: int | None = None,
    role: Role = Role.TAKER,
    arbitrage: bool = False,
) -> NormalizedTransaction:
    """Return a trade of whole coins, of six decimals, for `paid` of a quote mint."""
    trader = address(who or name)
    coin, money = (COIN, RawAmount(coins * MICROS)), (quote, RawAmount(paid))
    sold, bought = (money, coin) if buys else (coin, money)
    trade = Trade(
        trader=trader,
        sold_mint=sold[0],
        sold_raw=sold[1],
        bought_mint=bought[0],
        bought_raw=bought[1],
        venue="raydium_cpmm",
        route=("raydium_cpmm",),
        outer_index=0,
        role=role,
        arbitrage=arbitrage,
        terminal=None,
    )
    place = slot if slot is not None else (time or 0) // 2 % 10**9
    made = transaction(name, payer=trader, slot=place, time=time, trades=(trade,))
    return made._replace(decimals={SOL_MINT: 9, COIN: 6, USDC: 6})
