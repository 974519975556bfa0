"""How alike two wallets are: every formula, worked out with NumPy for one wallet against many.

All are symmetric, from 0 to 1, and 1 of a wallet with itself. A component is None where either
side's sample is too small.

allocation
    Sum over named tokens of min(a, b) / sum of max(a, b), of shares a and b (weighted Jaccard).
    Needs `MIN_TOKENS` named tokens on each side.
timing
    Half: days on which both were active / days on which either was, over the two years. Half: sum
    over the hours of the week of sqrt(p * q), of their shares of transactions (Bhattacharyya).
    Needs `MIN_DAYS` active days on each side.
cotrading
    Sum over shared tokens of 1 / (1 + gap / 60 s), / sqrt(tokens of one * tokens of the other):
    a token bought at once counts 1, one bought a minute apart a half, a day apart next to nothing.
    The gap is between first purchases, from times, or where one has none from slots of 0.4 s.
    Counted are tokens that both vectors would name. Needs `MIN_TOKENS` of them on each side.
behaviour
    exp(-(d / 0.25)^2), with d the root mean square of differences of the traits both have. Needs
    `MIN_TRAITS` of these.
overall
    The mean of those that are known, weighed by `WEIGHTS`. Needs allocation or cotrading, and one
    more.
"""

from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from oof.domain.block_times import MILLIS_PER_SLOT
from oof.domain.similarity.features import TRAITS, WEEK_HOURS, YEAR_DAYS
from oof.domain.similarity.model import (
    ALL_KEPT,
    UNKNOWN,
    WEIGHTS,
    Component,
    Entering,
    FirstPurchase,
    Scores,
    SharedMint,
    WalletVector,
)
from oof.domain.units import Slot, UnixSeconds

MIN_TOKENS: Final = 3
MIN_DAYS: Final = 3
MIN_TRAITS: Final = 8
MIN_SHARED: Final = 3
"""Shared tokens below which no lag is told."""
MIN_LED: Final = 5
"""Shared tokens below which nobody is said to follow."""
LED_SHARE: Final = 0.8
LED_GAP_S: Final = 60
CLOSE_S: Final = 60.0
SPREAD: Final = 0.25
CLOSEST: Final = 5
_SLOT_S: Final = MILLIS_PER_SLOT / 1000

type Floats = NDArray[np.float64]


class ScoreRow(NamedTuple):
    """Scores of one wallet with each of some others; NaN stands for None."""

    overall: Floats
    allocation: Floats
    timing: Floats
    cotrading: Floats
    behaviour: Floats

    def at(self, place: int) -> Scores:
        """Return the scores with one of the others, to four decimals."""
        return Scores(*(_known(part[place]) for part in self))


class Population:
    """Vectors side by side, ready to be compared."""

    def __init__(self, vectors: Sequence[WalletVector]) -> None:
        self.vectors = tuple(vectors)
        mints = sorted({m for v in vectors for m in (*v.share_mints, *v.first_mints)})
        self._columns = {mint: column for column, mint in enumerate(mints)}
        self._shares = self._sparse([v.share_mints for v in vectors], [v.shares for v in vectors])
        numbers = [np.arange(1, len(v.first_mints) + 1) for v in vectors]
        self._firsts = self._sparse([v.first_mints for v in vectors], numbers)
        self._hours = np.array([_hour_shares(v) for v in vectors]).reshape(len(vectors), WEEK_HOURS)
        self._days = _day_grid(vectors)
        self._active = self._days.sum(axis=1)
        traits = np.array([v.traits for v in vectors], dtype=float)
        traits = traits.reshape(len(vectors), len(TRAITS))
        self._traits = np.where(traits == UNKNOWN, np.nan, traits)
        self._limits = np.array([v.sample_limit for v in vectors], dtype=np.int64)
        self._sums = np.array([sum(v.shares) for v in vectors], dtype=float)
        self._named = np.array([len(v.shares) for v in vectors])

    def scores(self, one: int, others: NDArray[np.intp]) -> ScoreRow:
        """Return the scores of one wallet with some others."""
        parts = {
            Component.ALLOCATION: self._allocation(one, others),
            Component.TIMING: self._timing(one, others),
            Component.COTRADING: self._cotrading(one, others),
            Component.BEHAVIOUR: self._behaviour(one, others),
        }
        return ScoreRow(_overall(parts), *(parts[each] for each in Component))

    def cheap_scores(self, block: range) -> Floats:
        """Return guesses of overall scores of a block of wallets with all, by products alone.

        Cosines stand for what is no product, and gaps are not looked at: good enough to tell whom
        to compare in full.
        """
        rows = slice(block.start, block.stop)
        norms = np.sqrt(self._shares.power(2).sum(axis=1))
        shares = (self._shares[rows] @ self._shares.T).toarray()
        held = self._firsts.astype(bool).astype(np.float64)
        counts = np.sqrt(held.sum(axis=1))
        shared = (held[rows] @ held.T).toarray()
        days = np.sqrt(np.maximum(self._active, 1))
        both = self._days[rows].astype(np.float32) @ self._days.astype(np.float32).T
        hours = self._hours[rows] @ self._hours.T
        guess: Floats = (
            WEIGHTS[Component.ALLOCATION] * _scaled(shares, norms, rows)
            + WEIGHTS[Component.COTRADING] * _scaled(shared, counts, rows)
            + WEIGHTS[Component.TIMING] * (_scaled(both, days, rows) + hours) / 2
        )
        return guess

    def too_small(self, place: int) -> tuple[Component, ...]:
        """Return the components that a wallet's own sample is too small for."""
        vector = self.vectors[place]
        enough = {
            Component.ALLOCATION: len(vector.shares) >= MIN_TOKENS,
            Component.TIMING: self._active[place] >= MIN_DAYS,
            Component.COTRADING: len(vector.first_mints) >= MIN_TOKENS,
            Component.BEHAVIOUR: len(TRAITS) - vector.traits.count(UNKNOWN) >= MIN_TRAITS,
        }
        return tuple(component for component, holds in enough.items() if not holds)

    def active_days(self, place: int) -> int:
        """Return on how many days of its year a wallet was active."""
        return int(self._active[place])

    def entering(self, one: int, other: int) -> Entering:
        """Return who of two bought the tokens they share first, and how soon."""
        shared = self._shared(one, other)
        lags = np.array([each.lag_s for each in shared])
        gaps = np.abs(lags)
        slots = np.array([each.second.slot - each.first.slot for each in shared])
        is_told = len(shared) >= MIN_SHARED
        closest = sorted(shared, key=lambda each: (abs(each.lag_s), each.first.slot))
        return Entering(
            shared=len(shared),
            first_led=int((slots > 0).sum()),
            second_led=int((slots < 0).sum()),
            same_slot=int((slots == 0).sum()),
            within_10s=int((gaps <= 10).sum()),
            within_60s=int((gaps <= 60).sum()),
            within_10m=int((gaps <= 600).sum()),
            within_2_slots=int((np.abs(slots) <= 2).sum()),
            median_lag_s=float(np.median(lags)) if is_told else None,
            median_gap_s=float(np.median(gaps)) if is_told else None,
            closest=tuple(closest[:CLOSEST]),
        )

    def share_of(self, place: int, mint: int) -> float | None:
        """Return a token's share of a wallet's capital; None where it is not named."""
        column = self._columns.get(mint)
        share = 0.0 if column is None else float(self._shares[place, column])
        return share or None

    def first_of(self, place: int, mint: int) -> FirstPurchase:
        """Return a wallet's first purchase of a token that its vector names."""
        return _purchase(self.vectors[place], int(self._firsts[place, self._columns[mint]]) - 1)

    def _shared(self, one: int, other: int) -> list[SharedMint]:
        mine, theirs = self.vectors[one], self.vectors[other]
        limit = min(mine.sample_limit, theirs.sample_limit)
        places = {mint: place for place, mint in enumerate(theirs.first_mints)}
        return [
            SharedMint(
                mint,
                _purchase(mine, place),
                _purchase(theirs, places[mint]),
                _lag(mine, place, theirs, places[mint]),
            )
            for place, mint in enumerate(mine.first_mints)
            if mint in places and mine.first_keys[place] < limit
        ]

    def _allocation(self, one: int, others: NDArray[np.intp]) -> Floats:
        mine = self.vectors[one]
        columns = [self._columns[mint] for mint in mine.share_mints]
        theirs = self._shares[others][:, columns].toarray()
        least = np.minimum(theirs, np.array(mine.shares, dtype=float)).sum(axis=1)
        most = self._sums[one] + self._sums[others] - least
        known = (self._named[others] >= MIN_TOKENS) & (self._named[one] >= MIN_TOKENS)
        return _where(known, _ratio(least, most))

    def _timing(self, one: int, others: NDArray[np.intp]) -> Floats:
        both = (self._days[others] & self._days[one]).sum(axis=1)
        either = self._active[others] + self._active[one] - both
        hours = np.minimum(self._hours[others] @ self._hours[one], 1)
        known = (self._active[others] >= MIN_DAYS) & (self._active[one] >= MIN_DAYS)
        return _where(known, (_ratio(both.astype(float), either.astype(float)) + hours) / 2)

    def _cotrading(self, one: int, others: NDArray[np.intp]) -> Floats:
        mine = self.vectors[one]
        columns = [self._columns[mint] for mint in mine.first_mints]
        found = self._firsts[others][:, columns].toarray().astype(np.intp) - 1
        limits = np.minimum(self._limits[others], self._limits[one])
        keys = np.array(mine.first_keys, dtype=np.int64)
        is_shared = (found >= 0) & (keys[None, :] < limits[:, None])
        near = np.zeros(len(others))
        for row, other in enumerate(others):
            picked = np.flatnonzero(is_shared[row])
            if len(picked):
                theirs = self.vectors[int(other)]
                gaps = _gaps(mine, picked, theirs, found[row, picked])
                near[row] = (1 / (1 + gaps / CLOSE_S)).sum()
        own = np.searchsorted(keys, limits)
        their = np.array(
            [
                _kept_below(self.vectors[int(o)], limit)
                for o, limit in zip(others, limits, strict=True)
            ]
        )
        known = (own >= MIN_TOKENS) & (their >= MIN_TOKENS)
        return _where(known, np.minimum(_ratio(near, np.sqrt(own * their)), 1))

    def _behaviour(self, one: int, others: NDArray[np.intp]) -> Floats:
        apart = self._traits[others] - self._traits[one]
        count = (~np.isnan(apart)).sum(axis=1)
        squares = _ratio(np.nansum(apart**2, axis=1), count.astype(float))
        return _where(count >= MIN_TRAITS, np.exp(-squares / SPREAD**2))

    def _sparse(self, mints: Sequence[Any], values: Sequence[Any]) -> csr_array:
        ends = np.cumsum([0, *(len(each) for each in mints)])
        columns = [self._columns[mint] for each in mints for mint in each]
        data = np.concatenate([np.asarray(each, dtype=float) for each in (*values, [])])
        return csr_array((data, columns, ends), shape=(len(mints), len(self._columns)))


def leader_of(entering: Entering) -> int | None:
    """Return 0 or 1: the wallet of a pair whom the other follows, None where nobody does.

    Of at least `MIN_LED` shared tokens one bought `LED_SHARE` of them in an earlier slot, and the
    median gap is at most `LED_GAP_S`.
    """
    gap = entering.median_gap_s
    if entering.shared < MIN_LED or gap is None or gap > LED_GAP_S:
        return None
    led = (entering.first_led, entering.second_led)
    place = int(led[1] > led[0])
    return place if led[place] >= LED_SHARE * entering.shared else None


def _overall(parts: dict[Component, Floats]) -> Floats:
    weights = np.array([WEIGHTS[each] for each in Component])[:, None]
    stacked = np.array([parts[each] for each in Component])
    known = ~np.isnan(stacked)
    mean = _ratio(np.nansum(stacked * weights, axis=0), (known * weights).sum(axis=0))
    traded = known[0] | known[2]
    return _where(traded & (known.sum(axis=0) >= 2), mean)


def _hour_shares(vector: WalletVector) -> Floats:
    counts: Floats = np.array(vector.hours, dtype=np.float64)
    shares: Floats = np.sqrt(counts / max(counts.sum(), 1.0))
    return shares


def _day_grid(vectors: Sequence[WalletVector]) -> NDArray[np.bool_]:
    if not vectors:
        return np.zeros((0, 0), dtype=bool)
    base = min(vector.first_day for vector in vectors)
    width = max(vector.first_day for vector in vectors) - base + YEAR_DAYS
    grid = np.zeros((len(vectors), width), dtype=bool)
    for row, vector in enumerate(vectors):
        bits = np.unpackbits(np.frombuffer(vector.days, dtype=np.uint8), bitorder="little")
        begin = vector.first_day - base
        grid[row, begin : begin + YEAR_DAYS] = bits[:YEAR_DAYS]
    return grid


def _gaps(
    mine: WalletVector, picked: NDArray[np.intp], theirs: WalletVector, found: NDArray[np.intp]
) -> Floats:
    """Return seconds between first purchases, whoever was earlier."""
    slots = _taken(mine.first_slots, picked) - _taken(theirs.first_slots, found)
    own, other = _taken(mine.first_ats, picked), _taken(theirs.first_ats, found)
    timed = (own > 0) & (other > 0)
    return np.abs(np.where(timed, own - other, slots * _SLOT_S))


def _taken(numbers: "array[int]", places: NDArray[np.intp]) -> Floats:
    return np.asarray(numbers)[places].astype(float)


def _lag(mine: WalletVector, place: int, theirs: WalletVector, found: int) -> float:
    own, other = mine.first_ats[place], theirs.first_ats[found]
    if own and other:
        return float(other - own)
    return (theirs.first_slots[found] - mine.first_slots[place]) * _SLOT_S


def _purchase(vector: WalletVector, place: int) -> FirstPurchase:
    at = vector.first_ats[place]
    return FirstPurchase(
        Slot(vector.first_slots[place]),
        UnixSeconds(at) if at else None,
        vector.first_txs[place],
    )


def _kept_below(vector: WalletVector, limit: int) -> int:
    if limit >= ALL_KEPT:
        return len(vector.first_keys)
    return int(np.searchsorted(np.asarray(vector.first_keys, dtype=np.int64), limit))


def _scaled(products: Any, norms: Floats, rows: slice) -> Floats:
    scaled: Floats = products / np.maximum(np.outer(norms[rows], norms), 1e-12)
    return scaled


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return ratio


def _where(known: NDArray[np.bool_], values: Floats) -> Floats:
    return np.where(known, values, np.nan)


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
