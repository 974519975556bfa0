"""Four years of the golden wallet: campaigns on single tokens, and what happens beside them.

It trades as people do: buys into a token, adds, sells in parts, comes back to it later, holds some
down to nothing, forgets a failed try, is sent what it never asked for, and rests for months.
"""

import heapq
import random
from collections.abc import Iterator
from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.people import DAY
from local.upstream.generated.world import SOL
from local.upstream.golden.deeds import Asked, Deeds
from local.upstream.golden.market import Coin, Market
from local.upstream.golden.script import Golden

ROLE = "golden"
FOUR_YEARS = 1_461 * DAY
TRANSACTIONS = 3_700
"""About how many it makes, the ones that happen to it included."""
KEEP = 2 * SOL
"""What it does not spend on tokens."""
_MOST_USD, _LEAST_USD = 1_500, 20
_CAMPAIGN_DEEDS = (25, 70)
_REST = (600 * DAY, 750 * DAY)
"""A pause, from the beginning: nothing is begun in it."""


class _Turn(NamedTuple):
    time: int
    what: str
    coin: str
    """The mint of the campaign; empty beside campaigns."""


def live(seed: int, end: int, transactions: int = TRANSACTIONS) -> Golden:
    """Return the life of one seed that ends at `end`, in Unix seconds."""
    market = Market(seed, end - FOUR_YEARS, end)
    rng = random.Random(f"{seed}:golden:life")
    life = _Life(market, Deeds(market, rng), rng)
    for turn in heapq.merge(*_turns(market, rng, transactions)):
        life.take(turn)
    deeds = life.deeds
    return Golden(deeds.wallet, tuple(deeds.events), tuple(deeds.drafts))


def _turns(market: Market, rng: random.Random, transactions: int) -> Iterator[list[_Turn]]:
    beside = {"spam": 40, "claim": 8, "send": 20, "receive": 16, "withdraw": 12, "dollars": 60}
    beside |= {"stake": 8, "lend": 16, "pool": 20}
    begin, end = market.begin + DAY, market.end - DAY
    for what, count in beside.items():
        yield sorted(_Turn(rng.randrange(begin, end), what, "") for _ in range(count))
    left = transactions - sum(beside.values())
    while left > 0:
        deeds = min(left, rng.randrange(*_CAMPAIGN_DEEDS))
        left -= deeds
        campaign = _campaign(market, rng, deeds)
        yield campaign


def _campaign(market: Market, rng: random.Random, deeds: int) -> list[_Turn]:
    """Return the turns of some weeks on one token."""
    coin = rng.choice((*market.memes, *market.memes, *market.majors))
    first = max(coin.born, market.begin) + DAY
    start = first + int(rng.random() ** 2 * 60 * DAY)
    if rng.random() < 0.4 or coin in market.majors:
        start = rng.randrange(first, market.end - 30 * DAY)
    length = int(rng.uniform(4, 40) * DAY)
    since = start - market.begin
    if _REST[0] - length < since < _REST[1]:
        start = market.begin + _REST[1] + rng.randrange(60 * DAY)
    last = min(start + length, market.end - DAY)
    if last <= start:
        start = last - 5 * DAY
    return sorted(_Turn(rng.randrange(start, last), "campaign", coin.mint) for _ in range(deeds))


class _Life:
    def __init__(self, market: Market, deeds: Deeds, rng: random.Random) -> None:
        self.market, self.deeds, self._rng = market, deeds, rng
        self._given_up: set[str] = set()

    def take(self, turn: _Turn) -> None:
        """Do what a turn asks for, as far as the wallet can."""
        if self.deeds.held(p.WSOL) < 3 * KEEP:
            self.deeds.fund(turn.time, self._rng.randrange(20, 60) * SOL + self._rng.randrange(SOL))
        try:
            if turn.coin:
                self._campaign(turn.time, self.market.coins[turn.coin])
            else:
                getattr(self, f"_{turn.what}")(turn.time)
        except ValueError:  # too poor or too small for it now
            return

    # --- campaigns --------------------------------------------------------------------------

    def _campaign(self, time: int, coin: Coin) -> None:
        if coin.mint in self._given_up:
            return
        rng, held = self._rng, self.deeds.held(coin.mint)
        worth = self.deeds.usd(coin.mint, held, time)
        has_fallen = coin.collapse is not None and time > coin.collapse.at
        if has_fallen:
            # it hopes for a while, then sells what is left, or never looks again
            if rng.random() < 0.8:
                return
            self._given_up.add(coin.mint)
            if held and rng.random() < 0.5:
                self.deeds.trade(time, [Asked(coin.mint, coin.quote, held)])
            return
        fails = rng.random() < 0.05
        is_selling = worth > _LEAST_USD and rng.random() < 0.45
        asked = self._sale(coin, held) if is_selling else self._purchase(time, coin)
        another = self._another(coin)
        if another is not None and is_selling and rng.random() < 0.08:
            asked = asked._replace(bought=another.mint)
        both = [asked]
        if another is not None and not is_selling and rng.random() < 0.05:
            both.append(self._purchase(time, another))
        self.deeds.trade(time, both, fails=fails)
        if rng.random() < 0.06:
            # and once more in the same second
            self.deeds.trade(time, [self._purchase(time, coin)])

    def _purchase(self, time: int, coin: Coin) -> Asked:
        usd = self._rng.uniform(_LEAST_USD, _MOST_USD) * self._rng.random()
        amount = self.deeds.raw(coin.quote, max(usd, _LEAST_USD), time)
        spare = self.deeds.held(coin.quote) - (KEEP if coin.quote == p.WSOL else 0)
        if amount > spare:
            raise ValueError("too poor to buy")
        return Asked(coin.quote, coin.mint, amount, self._worse())

    def _sale(self, coin: Coin, held: int) -> Asked:
        part = 100 if self._rng.random() < 0.35 else self._rng.randrange(10, 90)
        return Asked(coin.mint, coin.quote, max(1, held * part // 100), self._worse())

    def _worse(self) -> int:
        return self._rng.randrange(300, 1_500) if self._rng.random() < 0.04 else 0

    def _another(self, coin: Coin) -> Coin | None:
        """Return another token that Jupiter could go to from this one, through SOL."""
        found = [each for each in self.market.majors if each is not coin and _is_routed(each)]
        return self._rng.choice(found) if found and _is_routed(coin) else None

    # --- beside them -------------------------------------------------------------------------

    def _spam(self, time: int) -> None:
        mint = self._rng.choice(self.market.spam)
        self.deeds.receive(time, mint, self._rng.randrange(1, 10**9), what="spam")

    def _claim(self, time: int) -> None:
        coin = self._alive(time)
        usd = self._rng.uniform(50, 900)
        self.deeds.claim(time, coin.mint, self.deeds.raw(coin.mint, usd, time))

    def _send(self, time: int) -> None:
        held = [mint for mint in self.market.coins if self.deeds.held(mint)]
        if held:
            mint = self._rng.choice(held)
            part = self._rng.randrange(10, 101)
            self.deeds.send(time, mint, max(1, self.deeds.held(mint) * part // 100))

    def _receive(self, time: int) -> None:
        coin = self._alive(time)
        usd = self._rng.uniform(50, 600)
        self.deeds.receive(time, coin.mint, self.deeds.raw(coin.mint, usd, time))

    def _withdraw(self, time: int) -> None:
        spare = self.deeds.held(p.WSOL) - 10 * KEEP
        if spare > SOL:
            self.deeds.withdraw(time, spare * self._rng.randrange(20, 80) // 100)

    def _dollars(self, time: int) -> None:
        held = self.deeds.held(p.USDC)
        if held > 1_500 * 10**6 and self._rng.random() < 0.5:
            part = held * self._rng.randrange(20, 90) // 100
            self.deeds.trade(time, [Asked(p.USDC, p.WSOL, part, self._worse())])
            return
        spare = self.deeds.held(p.WSOL) - 2 * KEEP
        if spare > SOL:
            part = spare * self._rng.randrange(20, 60) // 100
            self.deeds.trade(time, [Asked(p.WSOL, p.USDC, part, self._worse())])

    def _stake(self, time: int) -> None:
        if self.deeds.is_staking:
            self.deeds.unstake(time)
        elif self.deeds.held(p.WSOL) > 6 * KEEP:
            self.deeds.stake(time, self.deeds.held(p.WSOL) // 3)

    def _lend(self, time: int) -> None:
        if self.deeds.is_lending:
            self.deeds.take_back(time)
        elif self.deeds.held(p.USDC):
            self.deeds.lend(time, self.deeds.held(p.USDC) * self._rng.randrange(30, 101) // 100)

    def _pool(self, time: int) -> None:
        if self.deeds.is_pooling:
            self.deeds.pool_down(time)
            return
        held = [
            mint
            for mint, coin in self.market.coins.items()
            if coin.pool == "meteora_dlmm" and self.deeds.usd(mint, self.deeds.held(mint), time) > 1
        ]
        if held:
            mint = self._rng.choice(held)
            amount = min(self.deeds.held(mint), self.deeds.raw(mint, 300, time))
            self.deeds.pool_up(time, mint, amount)

    def _alive(self, time: int) -> Coin:
        alive = [coin for coin in self.market.coins.values() if coin.born < time]
        return self._rng.choice(alive)


def _is_routed(coin: Coin) -> bool:
    return coin.quote == p.WSOL and coin.pool != "raydium_cpmm"
