"""A busy trader's facts, made by seed without any bodies: as many as a bench asks for.

Some hundred mints of which some are traded far more than others, partial exits and re-entries,
fees, tips and rent on each trade, trades in dollars and between tokens, transfers both ways, failed
transactions. The wallet never sells what it does not hold, and every balance follows from the
movements, so that its positions reconcile. It sends away what SOL it gains: the lots of SOL that
are open stay about as many, however long it trades.
"""

import hashlib
import math
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.prices.candles import CONFIDENCE, Candle, Source, Width, price_of
from oof.domain.tokens import USDC_MINT
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.model import (
    AccountBalance,
    Kind,
    Movement,
    NormalizedTransaction,
    Role,
    Status,
    Trade,
)
from oof.domain.units import (
    SOL_DECIMALS,
    SOL_MINT,
    Address,
    Lamports,
    Mint,
    RawAmount,
    Signature,
    Slot,
    UnixSeconds,
)

MINTS: Final = 300
_SOL: Final = 10**9
_RENT: Final = 2_039_280
_BASE_FEE: Final = 5_000
_SLOTS_APART: Final = 400
_SECONDS_APART: Final = 160
_FIRST_SLOT: Final = 250_000_000
_FIRST_TIME: Final = 1_707_000_000
_DECIMALS: Final = 6
_SOL_DOLLARS: Final = 150
_USUAL_PRICE: Final = 1e-5
_CRITICAL_SOL: Final = 20 * _SOL
_PLENTY_SOL: Final = 60 * _SOL
_SHARES: Final = (("trade", 90), ("dollars", 3), ("transfer", 3), ("failed", 4))


class _Leg(NamedTuple):
    """An amount that moved, why, and where from or to."""

    mint: Mint
    delta_raw: int
    kind: Kind
    other: Address | None


class Trader:
    """One wallet and everything it did so far; each step is one transaction, in chain order."""

    def __init__(
        self,
        *,
        seed: int,
        mints: int = MINTS,
        first_time: int = _FIRST_TIME,
        seconds_apart: int = _SECONDS_APART,
        friends: int = 1,
    ) -> None:
        self._chance = random.Random(seed)
        self._first_time, self._seconds_apart = first_time, seconds_apart
        self._seed = seed
        self.wallet = _address(f"wallet:{seed}")
        self._pool = _address(f"pool:{seed}")
        self._friends = [_address(f"friend:{seed}{':' * at}") for at in range(friends)]
        self._mints = [Mint(_address(f"mint:{seed}:{at}")) for at in range(mints)]
        self._chosen = frozenset(self._mints)
        self._held: dict[Mint, int] = {SOL_MINT: 50 * _SOL, USDC_MINT: 10**10}
        self._price = {mint: self._chance.uniform(1e-8, 1e-3) for mint in self._mints}
        self._paid: dict[tuple[Mint, UnixSeconds], list[float]] = {}
        self._open: list[Mint] = []
        self.made: list[Mint] = []
        """What it trades only when told to."""
        self.count = 0

    def steps(self, count: int) -> Iterator[NormalizedTransaction]:
        """Go on for so many transactions."""
        names = [name for name, _ in _SHARES]
        weights = [weight for _, weight in _SHARES]
        for name in self._chance.choices(names, weights, k=count):
            yield self._step(name)

    def buy(self, mint: Mint, sol_raw: int) -> NormalizedTransaction:
        """Spend SOL on a mint at its price of now."""
        units = max(1, int(sol_raw / _SOL / self._moved_price(mint) * 10**_DECIMALS))
        return self._exchange(SOL_MINT, sol_raw, mint, units)

    def sell(self, mint: Mint, units: int) -> NormalizedTransaction:
        """Sell units of a mint for SOL at its price of now."""
        sol_raw = max(1, int(units / 10**_DECIMALS * self._moved_price(mint) * _SOL))
        return self._exchange(mint, units, SOL_MINT, sol_raw)

    def new_mint(self) -> Mint:
        """Return a mint that it trades only when told to."""
        self.made.append(Mint(_address(f"made:{self._seed}:{len(self.made)}")))
        return self.made[-1]

    def candles(self) -> dict[Mint, list[Candle]]:
        """Return what was paid so far, in USD, in each hour somebody paid it; SOL stands still."""
        last = self._first_time + self.count * self._seconds_apart
        sol = [
            _candle(start, [1.0])
            for start in range(Width.HOUR.bucket(self._first_time), last, Width.HOUR)
        ]
        found: dict[Mint, list[Candle]] = {SOL_MINT: sol}
        for (mint, start), paid in self._paid.items():
            found.setdefault(mint, []).append(_candle(start, paid))
        return found

    def _moved_price(self, mint: Mint) -> float:
        """Return what a whole token is worth now, in SOL: as likely more than before as less."""
        moved = math.exp(self._chance.uniform(-0.2, 0.2))
        self._price[mint] = self._price.get(mint, _USUAL_PRICE) * moved
        start = Width.HOUR.bucket(self._first_time + self.count * self._seconds_apart)
        self._paid.setdefault((mint, start), []).append(self._price[mint])
        return self._price[mint]

    def _step(self, name: str) -> NormalizedTransaction:
        sol = self._held[SOL_MINT]
        if sol < _CRITICAL_SOL:
            return self._transfer(SOL_MINT, _CRITICAL_SOL)
        if sol > _PLENTY_SOL:
            return self._transfer(SOL_MINT, (_PLENTY_SOL + _CRITICAL_SOL) // 2 - sol)
        if name == "failed":
            return self._done([], [], failed=True)
        if name == "transfer" and self._open:
            mint = self._chance.choice(self._open)
            sign = self._chance.choice((-1, 1))
            return self._transfer(mint, sign * max(1, self._held[mint] // 5))
        if name == "dollars":
            return self._dollars()
        return self._trade()

    def _dollars(self) -> NormalizedTransaction:
        dollars = self._chance.randrange(10**6, 10**8)
        lamports = dollars * 1_000 // _SOL_DOLLARS
        if self._held[USDC_MINT] > 2 * 10**8:
            return self._exchange(USDC_MINT, dollars, SOL_MINT, lamports)
        return self._exchange(SOL_MINT, lamports, USDC_MINT, dollars)

    def _trade(self) -> NormalizedTransaction:
        if self._open and self._chance.random() < 0.52:
            mint = self._chance.choice(self._open)
            held = self._held[mint]
            part = self._chance.choice((1.0, 1.0, 0.5, 0.25))
            return self.sell(mint, max(1, int(held * part)))
        # Squared, so that the first mints are traded far more often, and entered again.
        mint = self._mints[int(self._chance.random() ** 2 * len(self._mints))]
        return self.buy(mint, self._chance.randrange(_SOL // 20, 2 * _SOL))

    def _exchange(self, sold: Mint, sold_raw: int, bought: Mint, got: int) -> NormalizedTransaction:
        legs = [
            _Leg(sold, -sold_raw, Kind.TRADE, self._pool),
            _Leg(bought, got, Kind.TRADE, self._pool),
        ]
        if bought != SOL_MINT and not self._held.get(bought):
            legs.append(_Leg(SOL_MINT, -_RENT, Kind.RENT, None))
        elif sold != SOL_MINT and sold_raw == self._held[sold]:
            legs.append(_Leg(SOL_MINT, _RENT, Kind.RENT, None))
        trade = Trade(
            self.wallet, sold, RawAmount(sold_raw), bought, RawAmount(got), "jupiter_v6",
            ("raydium_amm", "pump_amm"), 3, Role.TAKER, arbitrage=False, terminal=None,
        )  # fmt: skip
        return self._done(legs, [trade])

    def _transfer(self, mint: Mint, delta_raw: int) -> NormalizedTransaction:
        friend = self._friends[self.count % len(self._friends)]
        return self._done([_Leg(mint, delta_raw, Kind.TRANSFER, friend)], [])

    def _done(
        self, legs: list[_Leg], trades: Sequence[Trade], *, failed: bool = False
    ) -> NormalizedTransaction:
        priority = self._chance.randrange(10_000, 2_000_000)
        paid = [
            _Leg(SOL_MINT, -_BASE_FEE, Kind.NETWORK_FEE, None),
            _Leg(SOL_MINT, -priority, Kind.PRIORITY_FEE, None),
        ]
        if trades and self._chance.random() < 0.5:
            paid.append(_Leg(SOL_MINT, -self._chance.randrange(10**4, 10**7), Kind.TIP, None))
        moved = legs + paid
        own = [
            Movement(self.wallet, leg.mint, RawAmount(leg.delta_raw), leg.kind, leg.other)
            for leg in moved
        ]
        theirs = [
            Movement(leg.other, leg.mint, RawAmount(-leg.delta_raw), leg.kind, self.wallet)
            for leg in legs
            if leg.other is not None
        ]
        number = self.count
        self.count += 1
        balances = self._balances(moved)
        self._note_open({leg.mint for leg in legs} & self._chosen)
        digest = hashlib.sha512(f"{self._seed}:{number}".encode()).digest()
        return NormalizedTransaction(
            signature=Signature(encode_base58(digest)),
            slot=Slot(_FIRST_SLOT + number * _SLOTS_APART),
            tx_index=number % 1_000,
            block_time=UnixSeconds(self._first_time + number * self._seconds_apart),
            status=Status.FAILED if failed else Status.OK,
            fee_payer=self.wallet,
            fee_lamports=Lamports(_BASE_FEE + priority),
            signers=(self.wallet,),
            trades=tuple(trades),
            movements=(*own, *theirs),
            balances=balances,
            decimals={
                leg.mint: SOL_DECIMALS if leg.mint == SOL_MINT else _DECIMALS for leg in moved
            },
            anomalies=(),
        )

    def _balances(self, moved: Sequence[_Leg]) -> tuple[AccountBalance, ...]:
        deltas: dict[Mint, int] = {}
        for leg in moved:
            deltas[leg.mint] = deltas.get(leg.mint, 0) + leg.delta_raw
        found = []
        for mint, delta in deltas.items():
            if not delta:
                continue
            before = self._held.get(mint, 0)
            self._held[mint] = before + delta
            account = self.wallet if mint == SOL_MINT else _address(f"{self.wallet}:{mint}")
            amounts = RawAmount(before), RawAmount(before + delta)
            found.append(AccountBalance(account, self.wallet, mint, *amounts))
        return tuple(found)

    def _note_open(self, touched: set[Mint]) -> None:
        for mint in sorted(touched):
            is_open = mint in self._open
            if self._held[mint] and not is_open:
                self._open.append(mint)
            elif not self._held[mint] and is_open:
                self._open.remove(mint)


def _candle(start: int, paid: Sequence[float]) -> Candle:
    """Return an hour's candle of what was paid, in SOL."""
    usd = [price_of(Decimal(repr(each)) * _SOL_DOLLARS) for each in paid]
    return Candle(
        start=UnixSeconds(start),
        width=Width.HOUR,
        open=usd[0],
        high=max(usd),
        low=min(usd),
        close=usd[-1],
        volume_usd=None,
        source=Source.GECKOTERMINAL,
        confidence=CONFIDENCE[Source.GECKOTERMINAL],
    )


def _address(text: str) -> Address:
    return Address(encode_base58(hashlib.sha256(text.encode()).digest()))
