"""Pools of the golden wallet's markets, brought to the market's price just before each trade.

The rest of the market is not part of this history: what a pool holds changes between transactions
as if others had traded.
"""

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import Addresses
from local.upstream.generated.amms import MeteoraPool, RaydiumPool, TwoVaults, WhirlpoolPool
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.generated.pump_amm import PumpPool
from local.upstream.generated.transaction import Transaction, u64
from local.upstream.generated.venue import Fill, Order, Pool, out_given_in, share
from local.upstream.golden.market import Coin

CPMM = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
SWAP_BASE_INPUT = bytes.fromhex("8fbe5adac41e33de")
DEPTH_USD = 2_500_000
"""What a pool holds of its quote, in dollars: deep, so that a trade hardly moves it."""
THIN_USD = 30_000
"""After a collapse."""


class CpmmPool(TwoVaults):
    """A Raydium CPMM pool, whose token may withhold part of every transfer."""

    program, venue = CPMM, "raydium_cpmm"
    fee_ppm, rent = 2500, 5_324_400

    def __init__(
        self, addresses: Addresses, name: str, left: Token, right: Token, withheld_bps: int
    ) -> None:
        super().__init__(addresses, name, left, right)
        self.withheld_bps = withheld_bps

    def _authority(self) -> str:
        return "GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL"

    def _extra(self) -> tuple[str, ...]:
        return (self._own("config"), self._own("observation"))

    def swap(self, tx: Transaction, order: Order) -> Fill:
        """Add a swap of an exact input; amounts are what arrives and what leaves."""
        side = self.mints.index(order.sold_mint)
        reserves = self.reserves(tx)
        withheld = self.withheld(order.sold_mint, order.amount)
        arrives = order.amount - withheld
        taken = arrives * (1_000_000 - self.fee_ppm) // 1_000_000
        out = out_given_in(reserves[side], reserves[1 - side], taken)
        config, observation = self._extra()
        programs = [token.program for token in self._tokens]
        accounts = (
            *(order.user, self.owner, config, self.address, order.source, order.target),
            *(self.vaults[side], self.vaults[1 - side], programs[side], programs[1 - side]),
            *(self.mints[side], self.mints[1 - side], observation),
        )
        data = SWAP_BASE_INPUT + u64(order.amount) + u64(out * 95 // 100)
        tx.call(CPMM, accounts, data, name="SwapBaseInput")
        tx.writes(self.address, observation)
        tx.enter()
        vaults = self.vaults
        tx.send(
            order.source, vaults[side], order.user, order.amount, checked=True, withheld=withheld
        )
        kept = self.withheld(self.mints[1 - side], out)
        tx.send(vaults[1 - side], order.target, self.owner, out, checked=True, withheld=kept)
        tx.leave()
        return Fill(order.sold_mint, order.amount, self.mints[1 - side], out, out - kept)

    def withheld(self, mint: str, amount: int) -> int:
        """Return what of a transfer its receiver does not get."""
        return 0 if mint in {p.WSOL, p.USDC} else share(amount, self.withheld_bps)


def pool_of(coin: Coin, addresses: Addresses, quote_decimals: int) -> Pool:
    """Build a coin's pool."""
    base = Token(coin.mint, "", coin.program, coin.decimals, 0)
    quote = Token(coin.quote, "", p.TOKEN, quote_decimals, 0)
    name = f"golden:{coin.name}"
    if coin.pool == "raydium_cpmm":
        return CpmmPool(addresses, name, quote, base, coin.withheld_bps)
    if coin.pool == "pump_swap":
        return PumpPool(addresses, coin.mint, addresses.wallet(f"golden:creator:{coin.name}"))
    kinds = {
        "raydium_v4": RaydiumPool,
        "orca_whirlpool": WhirlpoolPool,
        "meteora_dlmm": MeteoraPool,
    }
    return kinds[coin.pool](addresses, name, quote, base)


def found(pool: Pool, ledger: Ledger, decimals: int) -> None:
    """Set a pool up, empty."""
    if isinstance(pool, PumpPool):
        pool.found(ledger, 0, 0)
        token = ledger.tokens[pool.base]
        ledger.tokens[pool.base] = token._replace(decimals=decimals)
    elif isinstance(pool, TwoVaults):
        pool.found(ledger)


def bring_to(pool: Pool, ledger: Ledger, quote_raw: int, base_raw: int) -> None:
    """Have a pool hold these amounts of its two mints, as others' trades left it."""
    vaults = (pool.quote, pool.base) if isinstance(pool, PumpPool) else _vaults(pool)
    for vault, amount in zip(vaults, (quote_raw, base_raw), strict=True):
        token = ledger.tokens[vault]
        ledger.tokens[vault] = token._replace(amount=amount)
        native = amount if token.mint == p.WSOL else 0
        ledger.lamports[vault] = p.TOKEN_RENT + native


def _vaults(pool: Pool) -> tuple[str, ...]:
    if not isinstance(pool, TwoVaults):
        raise TypeError(f"{pool.venue} has other vaults")
    return pool.vaults
