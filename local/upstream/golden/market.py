"""What the golden wallet trades: tokens, and what each was worth in dollars at any time.

Prices are closed formulas of time, so that the price APIs can tell any candle of four years
without living through them: slow waves, and collapses that persist. What nobody recorded is a gap.
"""

import hashlib
import math
import random
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import Addresses
from local.upstream.generated.people import DAY
from local.upstream.generated.world import sol_usd

HOUR = 3_600
USDT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
_FALL_S = 600
"""A collapse is over after a few times as long."""
_LOST_HOURS = 97
"""Of so many hours one has no candle."""
_DIGITS = 10
"""Significant digits of a told price: few enough that JSON carries them exactly."""
_REMEMBERED = 10_000
_POOLS = ("raydium_v4", "orca_whirlpool", "meteora_dlmm", "pump_swap")
_MEMES, _MAJORS, _RUGS = 28, 4, 9


class Collapse(NamedTuple):
    """From `at` on a price falls to `left` of what it would have been, and stays there."""

    at: int
    left: float


class Coin(NamedTuple):
    """One token and its story."""

    name: str
    mint: str
    decimals: int
    program: str
    withheld_bps: int
    """What Token-2022 withholds of every transfer."""
    pool: str
    """Where it is traded: a venue's name."""
    quote: str
    base_usd: float
    swings: tuple[tuple[float, float, float], ...]
    """Amplitude in logarithms, period in seconds, phase."""
    born: int
    collapse: Collapse | None
    silences: tuple[tuple[int, int], ...]
    """Spans of whole hours that nobody has candles of."""

    def usd(self, time: float) -> float:
        """Return what one whole token is worth."""
        swing = sum(a * math.sin(math.tau * time / t + phase) for a, t, phase in self.swings)
        price = self.base_usd * math.exp(swing)
        if self.collapse is not None and time > self.collapse.at:
            left = self.collapse.left
            price *= left + (1 - left) * math.exp((self.collapse.at - time) / _FALL_S)
        return price


class Market:
    """The tokens of one seed over four years that end at `end`."""

    def __init__(self, seed: int, begin: int, end: int) -> None:
        self.seed, self.begin, self.end = seed, begin, end
        self.addresses = Addresses(seed)
        self._prices: dict[tuple[str, int], float] = {}
        self._rng = random.Random(f"{seed}:golden:market")
        self.majors = [self._coin(f"major{at}", is_major=True) for at in range(_MAJORS)]
        self.memes = [self._coin(f"meme{at}", is_major=False) for at in range(_MEMES)]
        self.spam = tuple(self._mint(f"spam{at}") for at in range(6))
        """Tokens that nobody prices."""

    @cached_property
    def coins(self) -> dict[str, Coin]:
        """Mint → token, those that are priced."""
        return {coin.mint: coin for coin in (*self.majors, *self.memes)}

    def decimals(self, mint: str) -> int:
        """Return a mint's decimals."""
        if mint in self.coins:
            return self.coins[mint].decimals
        return {p.WSOL: 9, p.USDC: 6, USDT: 6}.get(mint, 0)

    def usd(self, mint: str, time: float) -> float:
        """Return what one whole token is worth. Raises KeyError for a mint that nobody prices."""
        if mint == p.WSOL:
            return sol_usd(self.seed, time)
        if mint in {p.USDC, USDT}:
            return 1 + 0.0004 * math.sin(time / 90_000)
        return self.coins[mint].usd(time)

    def bar(self, mint: str, start: int, step: int) -> tuple[float, float, float, float] | None:
        """Return open, high, low and close of a bar; None where nobody recorded it."""
        if not self._is_told(mint, start):
            return None
        inside = [self._told(mint, start + step * at // 2) for at in range(3)]
        return inside[0], max(inside), min(inside), inside[-1]

    def volume(self, mint: str, start: int) -> float:
        """Return for how many dollars a bar's token changed hands."""
        name = f"{mint}:{start}:volume".encode()
        return 500.0 + int.from_bytes(hashlib.blake2b(name, digest_size=2).digest())

    def is_priced(self, mint: str) -> bool:
        """Whether anybody tells prices of a mint."""
        return mint in self.coins or mint in {p.WSOL, p.USDC, USDT}

    @cached_property
    def sol_silence(self) -> tuple[int, int]:
        """A month in which nobody knows what SOL was worth."""
        start = (self.begin + 820 * DAY) // HOUR * HOUR
        return start, start + 30 * DAY

    def _told(self, mint: str, time: int) -> float:
        """Return a price as it is told; a bar's last is the next one's first."""
        known = self._prices.get((mint, time))
        if known is None:
            if len(self._prices) > _REMEMBERED:
                self._prices.clear()
            known = float(f"{self.usd(mint, time):.{_DIGITS - 1}e}")
            self._prices[mint, time] = known
        return known

    def _is_told(self, mint: str, start: int) -> bool:
        if mint == p.WSOL:
            first, last = self.sol_silence
            return not first <= start < last
        if mint in {p.USDC, USDT}:
            return True
        coin = self.coins[mint]
        if start < coin.born:
            return False
        place = bisect_right(coin.silences, (start, self.end + DAY)) - 1
        if place >= 0 and start < coin.silences[place][1]:
            return False
        name = f"{mint}:{start // HOUR}".encode()
        return hashlib.blake2b(name, digest_size=4).digest()[0] % _LOST_HOURS != 0

    def _mint(self, name: str) -> str:
        return self.addresses.wallet(f"golden:mint:{name}")

    def _coin(self, name: str, *, is_major: bool) -> Coin:
        rng, at = self._rng, int(name.removeprefix("major").removeprefix("meme"))
        span = self.end - self.begin
        is_newer = not is_major and at % 5 == 4
        born = self.begin + (0 if is_major else int(span * (0.9 * at / _MEMES)))
        is_rug = not is_major and at % 3 == 1 and at // 3 < _RUGS
        on_dollars = not is_newer and at % 7 == 3
        swings = (
            (rng.uniform(0.35, 0.8), rng.uniform(18, 50) * DAY, rng.uniform(0, math.tau)),
            (rng.uniform(0.1, 0.2), rng.uniform(3, 8) * DAY, rng.uniform(0, math.tau)),
            (rng.uniform(0.004, 0.01), rng.uniform(0.4, 1.1) * DAY, rng.uniform(0, math.tau)),
        )
        falls = Collapse(born + int(rng.uniform(9, 30) * DAY), rng.uniform(0.002, 0.02))
        return Coin(
            name=name,
            mint=self._mint(name),
            decimals=rng.choice((5, 6, 6, 9)),
            program=p.TOKEN_2022 if is_newer else p.TOKEN,
            withheld_bps=(0, 100, 300)[at // 5 % 3] if is_newer else 0,
            pool="raydium_cpmm"
            if is_newer
            else ("orca_whirlpool" if on_dollars else _POOLS[at % 4]),
            quote=p.USDC if on_dollars else p.WSOL,
            base_usd=rng.uniform(0.5, 8) if is_major else 10 ** rng.uniform(-2.5, 0),
            swings=swings,
            born=born // HOUR * HOUR,
            collapse=falls if is_rug else None,
            silences=tuple(sorted(self._silence(born) for _ in range(3))),
        )

    def _silence(self, born: int) -> tuple[int, int]:
        start = (born + int(self._rng.uniform(2, 90) * DAY)) // HOUR * HOUR
        return start, start + self._rng.randrange(5, 60) * HOUR
