"""The markets that exist at genesis: mints, curves, pools, and what they hold."""

import math
from operator import truediv
from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import Addresses
from local.upstream.generated.amms import MeteoraPool, RaydiumPool, WhirlpoolPool
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.generated.pump import PumpCurve
from local.upstream.generated.pump_amm import PumpPool
from local.upstream.generated.venue import Pool

SOL = 1_000_000_000
CURVES, GRADUATES = 12, 8

BONK = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"
WIF = "EKpQGSJtjMFqKZ9KQanSqYXRcFBfBopzLHYwdM65zcjm"
JUP = "JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"

MARKET = "market"
EXCHANGE = "exchange"
RELAYER = "relayer"


class Listing(NamedTuple):
    """How a mint is bought with SOL: through these pools, by these styles."""

    mint: str
    decimals: int
    pools: tuple[Pool, ...]
    """The way from SOL to the mint."""
    styles: tuple[str, ...]
    """`direct` calls the one pool, `routed` goes through Jupiter."""


class World:
    """Ledger, pools and listings of one seed at genesis."""

    def __init__(self, seed: int, sol_price: float) -> None:
        self.addresses = Addresses(seed)
        self.ledger = Ledger()
        self.programs: dict[str, str] = {}
        self.listings: list[Listing] = []
        self.table = self.addresses.program_account(p.SYSTEM, "table")
        self.integrator = self.addresses.wallet("integrator")
        self._price = sol_price
        self._newer: set[str] = set()
        self._found_programs()
        self._found_curves()
        self._found_pools()
        self._found_people()
        self.first_ratios = {
            pool.address: truediv(*pool.reserves(self.ledger))
            for listing in self.listings
            for pool in listing.pools
        }
        """Pool → the ratio of its reserves at genesis, which its price comes back to."""

    def wallet(self, name: str) -> str:
        """Return the address of a named wallet."""
        return self.addresses.wallet(f"wallet:{name}")

    def associated(self, owner: str, mint: str) -> str:
        """Return a wallet's token account of a mint."""
        return self.addresses.associated(owner, mint, self.token_program(mint))

    def token_program(self, mint: str) -> str:
        """Return the token program a mint belongs to."""
        return p.TOKEN_2022 if mint in self._newer else p.TOKEN

    def empty_token(self, owner: str, mint: str) -> Token:
        """Return what a new token account of a mint holds."""
        return Token(mint, owner, self.token_program(mint), self._decimals[mint], 0)

    def decimals(self, mint: str) -> int:
        """Return a mint's decimals."""
        return self._decimals[mint]

    def _found_programs(self) -> None:
        lamports = self.ledger.lamports
        for program in p.PROGRAMS:
            lamports[program] = 1_141_440
        lamports[p.SYSTEM] = lamports[p.COMPUTE_BUDGET] = 1
        lamports[p.RENT_SYSVAR] = 1_009_200
        lamports[p.PUMP_GLOBAL] = 300_898_467
        lamports[p.PUMP_VOLUME] = 5_066_880
        lamports[p.PUMP_FEE_CONFIG] = 26_425_733
        lamports[p.PUMP_AMM_CONFIG] = 4_457_474
        lamports[p.PUMP_AMM_VOLUME] = 25_068_886
        lamports[p.PUMP_FEE_RECIPIENT] = 4_000 * SOL
        lamports[p.RAYDIUM_AUTHORITY] = 31 * SOL
        for tip in p.JITO_TIP_ACCOUNTS:
            lamports[tip] = 100 * SOL
        self.programs |= {
            p.PUMP_GLOBAL: p.PUMP,
            p.PUMP_VOLUME: p.PUMP,
            p.PUMP_FEE_CONFIG: p.PUMP_FEES,
            p.PUMP_AMM_CONFIG: p.PUMP_AMM,
            p.PUMP_AMM_VOLUME: p.PUMP_AMM,
        }
        self._decimals = {p.WSOL: 9, p.USDC: 6, BONK: 5, WIF: 6, JUP: 6}
        for mint in self._decimals:
            lamports[mint] = p.MINT_RENT

    def _mint(self, name: str) -> str:
        mint = self.addresses.wallet(f"mint:{name}")
        self._decimals[mint] = 6
        self.ledger.lamports[mint] = p.MINT_RENT
        return mint

    def _found_curves(self) -> None:
        for at in range(CURVES):
            mint = self._mint(f"curve{at}")
            if at % 3 == 2:
                self._newer.add(mint)
            creator = self.addresses.wallet(f"creator{at}")
            curve = PumpCurve(self.addresses, mint, creator, self.token_program(mint))
            curve.found(self.ledger, (3 + 5 * at) * SOL)
            self._own(curve, p.PUMP)
            self.listings.append(Listing(mint, 6, (curve,), ("direct",)))
        for at in range(GRADUATES):
            mint = self._mint(f"graduate{at}")
            pool = PumpPool(self.addresses, mint, self.addresses.wallet(f"creator{at}"))
            pool.found(self.ledger, 206_900_000_000_000, (85 + 120 * at) * SOL)
            self._own(pool, p.PUMP_AMM)
            self.listings.append(Listing(mint, 6, (pool,), ("direct", "routed")))

    def _found_pools(self) -> None:
        sol = self._token(p.WSOL, 4_000 * SOL)
        dollars = int(4_000 * self._price) * 10**6
        main = WhirlpoolPool(self.addresses, "SOL/USDC", sol, self._token(p.USDC, dollars))
        bonk = RaydiumPool(
            self.addresses, "BONK/SOL", self._token(BONK, 9_000_000_000 * 10**5), sol
        )
        wif = RaydiumPool(self.addresses, "WIF/SOL", self._token(WIF, 900_000 * 10**6), sol)
        jup = MeteoraPool(
            self.addresses,
            "JUP/USDC",
            self._token(JUP, 1_500_000 * 10**6),
            self._token(p.USDC, 750_000 * 10**6),
        )
        for pool in (main, bonk, wif, jup):
            pool.found(self.ledger)
            self._own(pool, pool.program)
        both = ("direct", "routed")
        self.listings += [
            Listing(p.USDC, 6, (main,), both),
            Listing(BONK, 5, (bonk,), both),
            Listing(WIF, 6, (wif,), both),
            Listing(JUP, 6, (main, jup), ("routed",)),
        ]
        self.sol_usdc = main

    def _token(self, mint: str, amount: int) -> Token:
        return Token(mint, "", p.TOKEN, self._decimals[mint], amount)

    def _own(self, pool: Pool, program: str) -> None:
        for account in pool.accounts:
            if account not in self.ledger.tokens and account not in pool.mints:
                self.programs[account] = program
                self.ledger.lamports.setdefault(account, 5_616_720)
        self.programs[pool.address] = program

    def _found_people(self) -> None:
        for name, lamports in ((MARKET, 9_000_000), (EXCHANGE, 9_000_000), (RELAYER, 90_000)):
            self.ledger.lamports[self.wallet(name)] = lamports * SOL
        market = self.wallet(MARKET)
        self._deposit(market, p.WSOL, 3_000_000 * SOL)
        for listing in self.listings:
            self._deposit(market, listing.mint, 10**17)
            self._deposit(self.integrator, listing.mint, 0)
        self._deposit(self.integrator, p.WSOL, 0)
        self.ledger.lamports[self.integrator] = SOL

    def _deposit(self, owner: str, mint: str, amount: int) -> None:
        account = self.associated(owner, mint)
        native = amount if mint == p.WSOL else 0
        rent = p.TOKEN_2022_RENT if mint in self._newer else p.TOKEN_RENT
        self.ledger.lamports[account] = rent + native
        self.ledger.tokens[account] = self.empty_token(owner, mint)._replace(amount=amount)


def sol_usd(seed: int, time: float) -> float:
    """Return the made-up dollar price of SOL at a time: slow, weekly and daily waves."""
    days = time / 86_400 + seed % 97
    waves = 0.25 * math.sin(days / 14.3) + 0.08 * math.sin(days * 0.9) + 0.02 * math.sin(days * 6.3)
    return 150 * (1 + waves)
