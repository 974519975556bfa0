"""What the golden wallet does in one transaction, and what that did to it, in plain amounts."""

import hashlib
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.actions import BOT_FEE_ACCOUNT
from local.upstream.generated.chain import slot_at, time_of
from local.upstream.generated.draft import Draft, Failure
from local.upstream.generated.jupiter import Route, swap_route
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.generated.transaction import Place, Transaction, u64
from local.upstream.generated.venue import Fill, Order, Pool, share
from local.upstream.generated.world import SOL
from local.upstream.golden.market import Coin, Market
from local.upstream.golden.pools import DEPTH_USD, THIN_USD, bring_to, found, pool_of
from local.upstream.golden.script import Event, Move, Swap

STAKE = "Stake11111111111111111111111111111111111111"
LENDER = "KLend2g3cP87fffoy8q1mQqGKjrxjC8boSyAYavgmjD"
CLAIMS = "mERKcfxMC5SqJn4Ld4BUris3WKZZ1ojjWJ3A3J5CKxv"
STAKE_SPACE, POSITION_SPACE = 200, 8_112
YEAR_S = 31_536_000
_SLIPPAGE = 6001
_RICH = 10**16


class Asked(NamedTuple):
    """One swap to be made: `amount` of `sold` for `bought`."""

    sold: str
    bought: str
    amount: int
    worse_bps: int = 0
    """How much worse than the market's its price is made."""


class Deeds:
    """Makes the wallet's transactions over one ledger, and writes the script of them."""

    def __init__(self, market: Market, rng: random.Random) -> None:
        self.market, self.ledger, self.rng = market, Ledger(), rng
        self.wallet = market.addresses.wallet("wallet:golden")
        self.exchange = market.addresses.wallet("golden:exchange")
        self.friend = market.addresses.wallet("golden:friend")
        self.events: list[Event] = []
        self.drafts: list[Draft] = []
        self.programs: dict[str, str] = {}
        self._pools: dict[str, Pool] = {}
        self._stakes: dict[str, tuple[int, int]] = {}
        self._positions: dict[str, tuple[str, int, int, float]] = {}
        self._lent: tuple[int, int] | None = None
        self._table = market.addresses.program_account(p.SYSTEM, "golden:table")
        self._slot = 0
        self._found()

    # --- the world ------------------------------------------------------------------------

    def _found(self) -> None:
        lamports = self.ledger.lamports
        for program in (*p.PROGRAMS, STAKE, LENDER, CLAIMS):
            lamports[program] = 1_141_440
        for rich in (self.exchange, self.friend, *p.JITO_TIP_ACCOUNTS, BOT_FEE_ACCOUNT):
            lamports[rich] = 9_000_000 * SOL
        for key in (p.PUMP_AMM_CONFIG, p.PUMP_AMM_VOLUME, p.RAYDIUM_AUTHORITY):
            lamports[key] = SOL
        lamports[p.RENT_SYSVAR] = 1_009_200
        self._dollars = pool_of(_dollar_coin(), self.market.addresses, 9)
        found(self._dollars, self.ledger, 6)
        for coin in self.market.coins.values():
            decimals = self.market.decimals(coin.quote)
            self._pools[coin.mint] = pool = pool_of(coin, self.market.addresses, decimals)
            found(pool, self.ledger, coin.decimals)
            lamports[coin.mint] = p.MINT_RENT
        for mint in (p.WSOL, p.USDC, *self.market.spam):
            lamports[mint] = p.MINT_RENT
        for mint in (*self.market.coins, *self.market.spam, p.USDC):
            self._give(self.friend, mint, _RICH)
            self._give(self._vault("claims", mint, CLAIMS), mint, _RICH)
        self._give(self._vault("lender", p.USDC, LENDER), p.USDC, _RICH)
        self._integrator = self.market.addresses.wallet("golden:integrator")
        self._give(self._integrator, p.WSOL, 0)

    def _give(self, owner: str, mint: str, amount: int) -> None:
        account = self.account(mint, owner)
        self.ledger.lamports[account] = p.TOKEN_RENT
        self.ledger.tokens[account] = self._empty(owner, mint)._replace(amount=amount)

    def _vault(self, name: str, mint: str, program: str) -> str:
        return self.market.addresses.program_account(program, f"golden:{name}:{mint}")

    def _empty(self, owner: str, mint: str) -> Token:
        return Token(mint, owner, self._program(mint), self.market.decimals(mint), 0)

    def _program(self, mint: str) -> str:
        coin = self.market.coins.get(mint)
        return p.TOKEN if coin is None else coin.program

    def account(self, mint: str, owner: str | None = None) -> str:
        """Return an owner's associated account of a mint, the wallet's own by default."""
        program = self._program(mint)
        return self.market.addresses.associated(owner or self.wallet, mint, program)

    def held(self, mint: str) -> int:
        """Return what the wallet holds of a mint, in base units; of SOL its lamports."""
        if mint == p.WSOL:
            return self.ledger.lamports.get(self.wallet, 0)
        return self.ledger.held(self.account(mint))

    def usd(self, mint: str, raw: int, time: float) -> float:
        """Return what an amount is worth in dollars."""
        return float(raw / 10 ** self.market.decimals(mint) * self.market.usd(mint, time))

    def raw(self, mint: str, usd: float, time: float) -> int:
        """Return how much of a mint so many dollars are."""
        return int(usd / self.market.usd(mint, time) * 10 ** self.market.decimals(mint))

    # --- money and tokens without a trade ---------------------------------------------------

    def fund(self, time: int, lamports: int) -> None:
        """Receive SOL from an exchange."""
        tx = self._begin(self.exchange)
        tx.pay(self.exchange, self.wallet, lamports)
        self._land(time, tx, "fund", moves=(Move(p.WSOL, lamports, "transfer"),))

    def withdraw(self, time: int, lamports: int) -> None:
        """Send SOL to an exchange."""
        tx = self._begin()
        tx.pay(self.wallet, self.exchange, lamports)
        self._land(time, tx, "withdraw", moves=(Move(p.WSOL, -lamports, "transfer"),))

    def send(self, time: int, mint: str, amount: int) -> None:
        """Send tokens to a friend."""
        tx = self._begin()
        withheld = self._withheld(mint, amount)
        source, target = self.account(mint), self.account(mint, self.friend)
        tx.send(source, target, self.wallet, amount, checked=True, withheld=withheld)
        self._land(time, tx, "send", moves=(Move(mint, -amount, "transfer"),))

    def receive(self, time: int, mint: str, amount: int, *, what: str = "receive") -> None:
        """Get tokens from a friend, or from somebody who only wants to be seen."""
        tx = self._begin(self.friend)
        target = self._open(tx, mint)
        withheld = self._withheld(mint, amount)
        source = self.account(mint, self.friend)
        tx.send(source, target, self.friend, amount, checked=True, withheld=withheld)
        self._land(time, tx, what, moves=(Move(mint, amount, "transfer"),))

    def claim(self, time: int, mint: str, amount: int) -> None:
        """Claim an airdrop."""
        tx = self._begin()
        target = self._open(tx, mint)
        owner = self._vault("claims", mint, CLAIMS)
        source = self.account(mint, owner)
        withheld = self._withheld(mint, amount)
        data = _anchor("new_claim") + u64(amount) + bytes(12)
        tx.call(CLAIMS, (owner, source, target, self.wallet, p.TOKEN, p.SYSTEM), data)
        tx.enter()
        tx.send(source, target, owner, amount, checked=True, withheld=withheld)
        tx.leave()
        self._land(time, tx, "claim", moves=(Move(mint, amount, "income"),))

    # --- what is set aside and comes back -----------------------------------------------------

    def stake(self, time: int, lamports: int) -> None:
        """Stake SOL natively, in an account of its own."""
        account = self.market.addresses.wallet(f"golden:stake:{len(self.events)}")
        tx = self._begin()
        tx.sign(account)
        tx.create(self.wallet, account, STAKE_SPACE, STAKE, lamports)
        tx.call(STAKE, (account, p.RENT_SYSVAR), bytes(4 + 64 + 48), name="")
        data = (2).to_bytes(4, "little")
        tx.call(STAKE, (account, self.exchange, p.RENT_SYSVAR, self.wallet), data)
        self._stakes[account] = (lamports, time)
        self._land(time, tx, "stake", moves=(Move(p.WSOL, -lamports, "stake"),))

    def unstake(self, time: int) -> None:
        """Take the oldest stake back, with what it earned."""
        account, (lamports, since) = next(iter(self._stakes.items()))
        del self._stakes[account]
        earned = lamports * 7 * (time - since) // (100 * YEAR_S)
        self.ledger.lamports[account] += earned
        tx = self._begin()
        data = (4).to_bytes(4, "little") + u64(lamports + earned)
        tx.call(STAKE, (account, self.wallet, p.RENT_SYSVAR, self.exchange, self.wallet), data)
        tx.move(account, self.wallet, lamports + earned)
        self._land(time, tx, "unstake", moves=(Move(p.WSOL, lamports + earned, "stake"),))

    @property
    def is_staking(self) -> bool:
        """Whether anything is staked."""
        return bool(self._stakes)

    def lend(self, time: int, amount: int) -> None:
        """Deposit USDC with a lender."""
        owner = self._vault("lender", p.USDC, LENDER)
        tx = self._begin()
        source, target = self.account(p.USDC), self.account(p.USDC, owner)
        tx.call(LENDER, (self.wallet, owner, source, target, p.TOKEN), _anchor("deposit_reserve"))
        tx.enter()
        tx.send(source, target, self.wallet, amount, checked=True)
        tx.leave()
        self._lent = (amount, time)
        self._land(time, tx, "lend", moves=(Move(p.USDC, -amount, "lending"),))

    def take_back(self, time: int) -> None:
        """Take the deposit back, with interest."""
        if self._lent is None:
            raise ValueError("nothing is lent")
        (amount, since), self._lent = self._lent, None
        back = amount + amount * 6 * (time - since) // (100 * YEAR_S)
        owner = self._vault("lender", p.USDC, LENDER)
        tx = self._begin()
        target, source = self._open(tx, p.USDC), self.account(p.USDC, owner)
        tx.call(LENDER, (self.wallet, owner, source, target, p.TOKEN), _anchor("redeem_reserve"))
        tx.enter()
        tx.send(source, target, owner, back, checked=True)
        tx.leave()
        self._land(time, tx, "take_back", moves=(Move(p.USDC, back, "lending"),))

    @property
    def is_lending(self) -> bool:
        """Whether anything is lent."""
        return self._lent is not None

    def pool_up(self, time: int, mint: str, amount: int) -> None:
        """Put a token and as much SOL into a position of a Meteora pool."""
        lamports = self.raw(p.WSOL, self.usd(mint, amount, time), time)
        pool = self._at_market(mint, time)
        position = self.market.addresses.wallet(f"golden:position:{len(self.events)}")
        tx = self._begin()
        tx.sign(position)
        wrapped = self._wrap(tx, lamports)
        tx.call(p.METEORA, (self.wallet, position, pool.address), _anchor("initialize_position"))
        tx.enter()
        rent = 6_960 * (128 + POSITION_SPACE)
        tx.create(self.wallet, position, POSITION_SPACE, p.METEORA, rent)
        tx.leave()
        self._change(tx, pool, "add_liquidity_by_strategy", position)
        tx.enter()
        quote, base = self._vaults(pool)
        tx.send(self.account(mint), base, self.wallet, amount, checked=True)
        tx.send(wrapped, quote, self.wallet, lamports, checked=True)
        tx.leave()
        tx.close(wrapped, self.wallet, self.wallet)
        price = self.market.usd(mint, time) / self.market.usd(p.WSOL, time)
        self._positions[position] = (mint, amount, lamports, price)
        moves = (Move(mint, -amount, "liquidity"), Move(p.WSOL, -lamports, "liquidity"))
        self._land(time, tx, "pool_up", moves=moves)

    def pool_down(self, time: int) -> None:
        """Take the oldest position back: more of what fell, less of what rose."""
        position, (mint, amount, lamports, price) = next(iter(self._positions.items()))
        del self._positions[position]
        now = self.market.usd(mint, time) / self.market.usd(p.WSOL, time)
        root = (now / price) ** 0.5
        back, sol = int(amount / root), int(lamports * root)
        pool = self._at_market(mint, time)
        tx = self._begin()
        target, wrapped = self._open(tx, mint), self._open(tx, p.WSOL)
        self._change(tx, pool, "remove_liquidity_by_range", position)
        tx.enter()
        quote, base = self._vaults(pool)
        tx.send(base, target, pool.address, back, checked=True)
        tx.send(quote, wrapped, pool.address, sol, checked=True)
        tx.leave()
        tx.call(p.METEORA, (position, self.wallet, self.wallet), _anchor("close_position"))
        tx.move(position, self.wallet, self.ledger.lamports[position])
        tx.close(wrapped, self.wallet, self.wallet)
        moves = (Move(mint, back, "liquidity"), Move(p.WSOL, sol, "liquidity"))
        self._land(time, tx, "pool_down", moves=moves)

    @property
    def is_pooling(self) -> bool:
        """Whether any liquidity is provided."""
        return bool(self._positions)

    def _change(self, tx: Transaction, pool: Pool, name: str, position: str) -> None:
        accounts = (position, pool.address, self.wallet, *pool.accounts, p.TOKEN)
        tx.call(p.METEORA, accounts, _anchor(name) + bytes(16), name="")
        tx.writes(position, pool.address)

    def _vaults(self, pool: Pool) -> tuple[str, str]:
        _, quote, base, *_ = pool.accounts
        return quote, base

    # --- trades ---------------------------------------------------------------------------

    def trade(self, time: int, asked: Sequence[Asked], *, fails: bool = False) -> None:
        """Make one or more swaps in one transaction.

        Raises:
            ValueError: too little comes out.
        """
        routes = [self._route(each, time) for each in asked]
        is_routed = any(len(route) > 1 for route in routes) or self.rng.random() < 0.5
        is_routed = is_routed and all(_is_routable(route) for route in routes)
        tx = self._begin(versioned=is_routed)
        wraps = {mint for each in asked for mint in (each.sold, each.bought)} | {
            mint for route in routes if len(route) > 1 for pool in route for mint in pool.mints
        }
        deposit = sum(each.amount for each in asked if each.sold == p.WSOL)
        wrapped = self._wrap(tx, deposit) if p.WSOL in wraps else ""
        swaps = []
        for each, route in zip(asked, routes, strict=True):
            fill = self._swap(tx, each, route, wrapped, time, is_routed=is_routed)
            swaps.append(Swap(*fill[:4], is_bad=each.worse_bps > 0))
        swap_at = tx.outer_index
        if wrapped:
            tx.close(wrapped, self.wallet, self.wallet)
        self._extras(tx, swaps)
        if fails:
            self._land(time, tx, "failed", failure=Failure(swap_at, _SLIPPAGE, 1))
            return
        self._drop_empty(tx, asked)
        self._land(time, tx, "trade", swaps=swaps)

    def _route(self, asked: Asked, time: int) -> list[Pool]:
        """Return the pools on the way, each at the market's price, the last one made worse."""
        legs = [mint for mint in (asked.sold, asked.bought) if mint in self.market.coins]
        if not legs:
            return [self._dollars_at_market(asked, time)]
        if len(legs) == 1:
            return [self._at_market(legs[0], time, asked)]
        return [self._at_market(legs[0], time), self._at_market(legs[1], time, asked)]

    def _at_market(self, mint: str, time: int, asked: Asked | None = None) -> Pool:
        pool, coin = self._pools[mint], self.market.coins[mint]
        has_fallen = coin.collapse is not None and time > coin.collapse.at
        depth = THIN_USD if has_fallen else DEPTH_USD
        quote = self.raw(coin.quote, depth, time)
        base = self.raw(mint, depth, time)
        if asked is not None and asked.worse_bps:
            factor = 10_000 - asked.worse_bps
            if asked.bought == mint:
                base = base * factor // 10_000
            else:
                quote = quote * factor // 10_000
        bring_to(pool, self.ledger, quote, base)
        return pool

    def _dollars_at_market(self, asked: Asked, time: int) -> Pool:
        sol, dollars = (self.raw(mint, 4 * DEPTH_USD, time) for mint in (p.WSOL, p.USDC))
        factor = 10_000 - asked.worse_bps
        if asked.bought == p.USDC:
            dollars = dollars * factor // 10_000
        else:
            sol = sol * factor // 10_000
        bring_to(self._dollars, self.ledger, sol, dollars)
        return self._dollars

    def _swap(
        self,
        tx: Transaction,
        asked: Asked,
        pools: list[Pool],
        wrapped: str,
        time: int,
        *,
        is_routed: bool,
    ) -> Fill:
        mints = [asked.sold]
        for pool in pools:
            mints.append(pool.mints[1 - pool.mints.index(mints[-1])])
        accounts = [wrapped if mint == p.WSOL else self._open(tx, mint) for mint in mints]
        order = Order(self.wallet, accounts[0], accounts[-1], asked.sold, asked.amount, time)
        if not is_routed:
            return pools[0].swap(tx, order)
        route = Route(tuple(pools), tuple(accounts))
        if mints[-1] == p.WSOL and self.rng.random() < 0.2:
            fees = self.account(p.WSOL, self._integrator)
            route = route._replace(fee_account=fees, fee_bps=50)
        tx.lookups.update(account for pool in pools for account in pool.accounts)
        return swap_route(tx, route, order)

    def _extras(self, tx: Transaction, swaps: Sequence[Swap]) -> None:
        if self.rng.random() < 0.15:
            sol = sum(
                s.sold_raw if s.sold_mint == p.WSOL else s.bought_raw
                for s in swaps
                if p.WSOL in s[:3]
            )
            tx.pay(self.wallet, BOT_FEE_ACCOUNT, max(900_000, share(sol, 100)))
        if self.rng.random() < 0.4:
            tip = self.rng.choice((10_000, 100_000, 1_000_000, 5_000_000))
            tx.pay(self.wallet, self.rng.choice(p.JITO_TIP_ACCOUNTS), tip)

    def _drop_empty(self, tx: Transaction, asked: Sequence[Asked]) -> None:
        """Sometimes close an account that a sale emptied, for its rent."""
        for each in asked:
            token = None if each.sold == p.WSOL else tx.token(self.account(each.sold))
            if token is not None and token.amount == 0 and self.rng.random() < 0.5:
                tx.close(self.account(each.sold), self.wallet, self.wallet)

    # --- writing it down --------------------------------------------------------------------

    def _withheld(self, mint: str, amount: int) -> int:
        coin = self.market.coins.get(mint)
        return 0 if coin is None else share(amount, coin.withheld_bps)

    def _begin(self, payer: str | None = None, *, versioned: bool = False) -> Transaction:
        tx = Transaction(self.ledger, payer or self.wallet, versioned=versioned)
        tx.table = self._table
        price = self.rng.choice((0, 1_000, 20_000, 250_000))
        tx.budget(self.rng.randrange(60_000, 250_000), price)
        return tx

    def _open(self, tx: Transaction, mint: str) -> str:
        account = self.account(mint)
        tx.open_associated(tx.payer, account, self._empty(self.wallet, mint))
        return account

    def _wrap(self, tx: Transaction, lamports: int) -> str:
        account = self._open(tx, p.WSOL)
        if lamports:
            tx.pay(self.wallet, account, lamports)
            tx.sync(account)
        return account

    def _land(
        self,
        time: int,
        tx: Transaction,
        what: str,
        *,
        swaps: Sequence[Swap] = (),
        moves: Sequence[Move] = (),
        failure: Failure | None = None,
    ) -> None:
        self._slot = max(self._slot, slot_at(time))
        sign = self.market.addresses.signature
        name = f"golden:{len(self.events)}"
        place = Place((sign(name), sign(f"second:{name}")), self._slot, time_of(self._slot))
        draft = tx.commit(place, failure)
        self.drafts.append(draft)
        meant: dict[str, int] = defaultdict(int)
        for swap in swaps:
            meant[swap.sold_mint] -= swap.sold_raw
            meant[swap.bought_mint] += swap.bought_raw
        for move in moves:
            meant[move.mint] += move.raw
        happened = _changes(draft, self.wallet)
        paid = {mint: meant[mint] - happened[mint] for mint in {*meant, *happened}}
        self.events.append(
            Event(
                place.signatures[0],
                draft.slot,
                draft.block_time,
                what,
                tuple(swaps),
                tuple(moves),
                {mint: raw for mint, raw in sorted(paid.items()) if raw},
            )
        )


def _changes(draft: Draft, wallet: str) -> dict[str, int]:
    """Return by how much the wallet's holdings changed, wrapped SOL as SOL."""
    changes: dict[str, int] = defaultdict(int)
    if wallet in draft.keys:
        at = draft.keys.index(wallet)
        changes[p.WSOL] += draft.post[at] - draft.pre[at]
    for row in draft.tokens:
        if row.owner == wallet:
            changes[row.mint] += (row.post or 0) - (row.pre or 0)
    return changes


def _is_routable(route: Sequence[Pool]) -> bool:
    return all(pool.venue != "raydium_cpmm" for pool in route)


def _anchor(name: str) -> bytes:
    """Return Anchor's discriminator of an instruction."""
    return hashlib.sha256(f"global:{name}".encode()).digest()[:8]


def _dollar_coin() -> Coin:
    """USDC as something that a Whirlpool trades against SOL."""
    return Coin(
        name="dollars",
        mint=p.USDC,
        decimals=6,
        program=p.TOKEN,
        withheld_bps=0,
        pool="orca_whirlpool",
        quote=p.WSOL,
        base_usd=1,
        swings=(),
        born=0,
        collapse=None,
        silences=(),
    )
