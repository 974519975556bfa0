"""What a wallet does in one transaction: buy, sell, transfer, be funded, and fail at any of it."""

import random
from collections.abc import Callable
from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.draft import Draft, Failure
from local.upstream.generated.jupiter import Route, swap_route
from local.upstream.generated.people import WalletSpec
from local.upstream.generated.transaction import Place, Transaction
from local.upstream.generated.venue import Fill, Order, Pool
from local.upstream.generated.world import EXCHANGE, RELAYER, SOL, Listing, World

BOT_FEE_ACCOUNT = "9yMwSPk9mrXSN7yDHUuZurAh1sjbJsfpUqjZ7SvVtdco"
KEEP = SOL // 20
"""What a trader never spends: rent and fees of the next transactions."""
SLIPPAGE_CODES = {"pump_fun": 6002, "pump_swap": 6004, "raydium_v4": 30, "orca_whirlpool": 6036}


class Intent(NamedTuple):
    """What a transaction was made to do, for those who check what others read out of it."""

    kind: str
    trader: str
    fill: Fill | None
    """The trade; None for everything else, failed trades included."""
    venue: str | None
    route: tuple[str, ...]


class Made(NamedTuple):
    """A committed transaction and what it was meant to be."""

    draft: Draft
    intent: Intent


class Maker:
    """Makes transactions of wallets over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = world.ledger
        self._accounts: dict[str, list[tuple[str, Listing]]] = {}

    # --- choosing -------------------------------------------------------------------------

    def choose(self, spec: WalletSpec, address: str, rng: random.Random) -> str:
        """Return what the wallet does next, by what it has."""
        if self.ledger.lamports.get(address, 0) < 6 * KEEP:
            return "fund"
        held = self.holdings(address)
        roll = rng.random()
        if roll < spec.failure_rate:
            return "failed"
        if roll > 0.96:
            return "transfer"
        if roll > 0.93 and held:
            return "token_transfer"
        selling = min(0.55, 0.15 + 0.1 * len(held))
        return "sell" if held and rng.random() < selling else "buy"

    def holdings(self, address: str) -> list[Listing]:
        """List the mints the wallet holds."""
        accounts = self._accounts.get(address)
        if accounts is None:
            listings = self.world.listings
            accounts = [(self.world.associated(address, known.mint), known) for known in listings]
            self._accounts[address] = accounts
        tokens = self.ledger.tokens
        return [
            known for account, known in accounts if account in tokens and tokens[account].amount
        ]

    def make(
        self, kind: str, spec: WalletSpec, address: str, place: Place, rng: random.Random
    ) -> Made:
        """Make one transaction of a kind.

        Raises:
            KeyError: an unknown kind.
            ValueError: it cannot be done (sold out, too small, too poor); nothing was applied.
        """
        makers: dict[str, Callable[[WalletSpec, str, Place, random.Random], Made]] = {
            "fund": self._fund,
            "buy": self._buy,
            "sell": self._sell,
            "failed": self._failed,
            "transfer": self._transfer,
            "token_transfer": self._token_transfer,
        }
        return makers[kind](spec, address, place, rng)

    # --- money ----------------------------------------------------------------------------

    def _fund(self, spec: WalletSpec, address: str, place: Place, rng: random.Random) -> Made:
        exchange = self.world.wallet(EXCHANGE)
        tx = Transaction(self.ledger, exchange)
        tx.budget(450, 50_000)
        tx.pay(exchange, address, spec.funding_sol * SOL + rng.randrange(SOL))
        return Made(tx.commit(place), Intent("fund", address, None, None, ()))

    def _transfer(self, spec: WalletSpec, address: str, place: Place, rng: random.Random) -> Made:
        tx = self._begin(spec, address, rng)
        spare = self.ledger.lamports[address] - KEEP
        tx.pay(address, self._peer(address, rng), rng.randrange(spare // 100, spare // 8))
        return Made(tx.commit(place), Intent("transfer", address, None, None, ()))

    def _token_transfer(
        self, spec: WalletSpec, address: str, place: Place, rng: random.Random
    ) -> Made:
        listing = rng.choice(self.holdings(address))
        peer = self._peer(address, rng)
        source = self.world.associated(address, listing.mint)
        target = self.world.associated(peer, listing.mint)
        amount = max(1, self.ledger.held(source) * rng.randrange(5, 60) // 100)
        tx = self._begin(spec, address, rng)
        if tx.token(target) is None:  # else the receiver's own address is not even mentioned
            tx.open_associated(tx.payer, target, self.world.empty_token(peer, listing.mint))
        tx.send(source, target, address, amount, checked=True)
        return Made(tx.commit(place), Intent("token_transfer", address, None, None, ()))

    def _peer(self, address: str, rng: random.Random) -> str:
        lamports = self.ledger.lamports
        known = self.crowd if address in self.crowd else self.peers
        found = [peer for peer in known if peer != address and lamports.get(peer, 0) > KEEP]
        if not found:
            raise ValueError("nobody to send to")
        return rng.choice(found)

    peers: tuple[str, ...] = ()
    """Whom wallets send to: each other."""
    crowd: tuple[str, ...] = ()
    """Those who send to each other alone, so that they change nobody else's history."""

    # --- trades ---------------------------------------------------------------------------

    def _begin(
        self, spec: WalletSpec, address: str, rng: random.Random, *, versioned: bool = False
    ) -> Transaction:
        payer = self.world.wallet(RELAYER) if spec.sponsored else address
        tx = Transaction(self.ledger, payer, versioned=versioned)
        tx.table = self.world.table
        if payer != address:
            tx.sign(address)
        price = rng.choice((0, 1_000, 20_000, 250_000, 2_000_000))
        tx.budget(rng.randrange(60_000, 250_000), price)
        return tx

    def _listing(self, spec: WalletSpec, rng: random.Random) -> Listing:
        listings = self.world.listings
        if spec.curves_only:
            listings = [known for known in listings if known.pools[0].venue == "pump_fun"]
        return rng.choice(listings)

    def _buy(self, spec: WalletSpec, address: str, place: Place, rng: random.Random) -> Made:
        return self._trade(_Plan(spec, address, self._listing(spec, rng), True, None), place, rng)

    def _sell(self, spec: WalletSpec, address: str, place: Place, rng: random.Random) -> Made:
        held = self.holdings(address)
        if not held:
            raise ValueError("nothing to sell")
        return self._trade(_Plan(spec, address, rng.choice(held), False, None), place, rng)

    def _failed(self, spec: WalletSpec, address: str, place: Place, rng: random.Random) -> Made:
        held = self.holdings(address)
        buying = not held or rng.random() < 0.6
        listing = self._listing(spec, rng) if buying else rng.choice(held)
        return self._trade(_Plan(spec, address, listing, buying, rng.random()), place, rng)

    def _trade(self, plan: "_Plan", place: Place, rng: random.Random) -> Made:
        style = rng.choice(plan.listing.styles)
        tx = self._begin(plan.spec, plan.address, rng, versioned=style == "routed")
        amount = self._amount(plan, rng)
        curve = plan.listing.pools[0].venue == "pump_fun"
        if curve:
            fill, swap = self._trade_on_curve(tx, plan, amount, place)
        else:
            fill, swap = self._trade_with_wrapped(tx, plan, amount, place, (style, rng))
        self._extras(tx, plan, fill, rng)
        route = tuple(pool.venue for pool in plan.route)
        venue = "jupiter_v6" if style == "routed" else route[0]
        if plan.failing is None:
            intent = Intent("buy" if plan.buying else "sell", plan.address, fill, venue, route)
            return Made(tx.commit(place), intent)
        done = int(plan.failing * (tx.inner_calls(swap) + 1))
        failure = Failure(swap, SLIPPAGE_CODES.get(venue, 6001), done)
        return Made(tx.commit(place, failure), Intent("failed", plan.address, None, None, ()))

    def _amount(self, plan: "_Plan", rng: random.Random) -> int:
        if not plan.buying:
            held = self.ledger.held(self.world.associated(plan.address, plan.listing.mint))
            return held if rng.random() < 0.5 else max(1, held * rng.randrange(10, 90) // 100)
        spare = self.ledger.lamports[plan.address] - KEEP
        most = 4 * SOL if plan.listing.pools[0].venue == "pump_fun" else 400 * SOL
        amount = min(most, spare * rng.randrange(2, 25) // 100)
        if amount < SOL // 1000:
            raise ValueError("too poor to buy")
        return amount

    def _open(self, tx: Transaction, owner: str, mint: str) -> str:
        account = self.world.associated(owner, mint)
        tx.open_associated(tx.payer, account, self.world.empty_token(owner, mint))
        return account

    def _trade_on_curve(
        self, tx: Transaction, plan: "_Plan", amount: int, place: Place
    ) -> tuple[Fill, int]:
        user, mint = plan.address, plan.listing.mint
        account = self.world.associated(user, mint)
        if plan.buying:
            self._open(tx, user, mint)
        sold = p.WSOL if plan.buying else mint
        order = Order(user, account, account, sold, amount, place.block_time)
        fill = plan.listing.pools[0].swap(tx, order)
        swap = tx.outer_index
        token = tx.token(account)
        if not plan.buying and token is not None and token.amount == 0:
            tx.close(account, tx.payer, user)
        return fill, swap

    def _trade_with_wrapped(
        self,
        tx: Transaction,
        plan: "_Plan",
        amount: int,
        place: Place,
        manner: tuple[str, random.Random],
    ) -> tuple[Fill, int]:
        style, rng = manner
        user = plan.address
        wrapped = self._wrap(tx, plan, amount if plan.buying else 0, rng, place)
        mints = _mints_along(plan)
        accounts = [wrapped if mint == p.WSOL else self._open(tx, user, mint) for mint in mints]
        order = Order(user, accounts[0], accounts[-1], mints[0], amount, place.block_time)
        if style == "routed":
            route = Route(plan.route, tuple(accounts))
            if rng.random() < 0.3 and not plan.buying:
                fees = self.world.associated(self.world.integrator, mints[-1])
                route = route._replace(fee_account=fees, fee_bps=50)
            tx.lookups.update(account for pool in plan.route for account in pool.accounts)
            fill = swap_route(tx, route, order)
        else:
            fill = plan.route[0].swap(tx, order)
        swap = tx.outer_index
        tx.close(wrapped, user, user)
        return fill, swap

    def _wrap(
        self, tx: Transaction, plan: "_Plan", deposit: int, rng: random.Random, place: Place
    ) -> str:
        """Open the trader's wrapped-SOL account, as wallets or as trading bots do."""
        user = plan.address
        if tx.payer == user and rng.random() < 0.4:
            seed = place.signatures[0][:32]
            account = self.world.addresses.with_seed(user, seed, p.TOKEN)
            tx.open_seeded(user, account, seed, self.world.empty_token(user, p.WSOL), deposit)
            return account
        account = self._open(tx, user, p.WSOL)
        if deposit:
            tx.pay(user, account, deposit)
            tx.sync(account)
        return account

    def _extras(self, tx: Transaction, plan: "_Plan", fill: Fill, rng: random.Random) -> None:
        """Pay what traders pay beside: the bot's percent and a tip."""
        if plan.spec.bot_fee:
            sol = fill.sold_raw if plan.buying else fill.received
            tx.pay(plan.address, BOT_FEE_ACCOUNT, max(900_000, sol // 100))
        if rng.random() < plan.spec.tip_rate:
            tip = rng.choice((10_000, 100_000, 1_000_000, 5_000_000))
            tx.pay(plan.address, rng.choice(p.JITO_TIP_ACCOUNTS), tip)


class _Plan(NamedTuple):
    """One trade to be made; `failing` is how far it gets, None if it succeeds."""

    spec: WalletSpec
    address: str
    listing: Listing
    buying: bool
    failing: float | None

    @property
    def route(self) -> tuple[Pool, ...]:
        """Return the pools in the order of this trade."""
        return self.listing.pools if self.buying else self.listing.pools[::-1]


def _mints_along(plan: _Plan) -> list[str]:
    mints = [p.WSOL if plan.buying else plan.listing.mint]
    for pool in plan.route:
        mints.append(pool.mints[1 - pool.mints.index(mints[-1])])
    return mints
