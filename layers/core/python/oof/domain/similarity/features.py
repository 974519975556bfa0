"""What a wallet's vector is made of: the one place that defines its features.

A vector tells of one *year*: the 365 UTC days that end with the day of the wallet's newest
transaction, so that it depends on facts alone and not on when it is worked out. Tokens are all
mints but SOL, USDC and USDT. Below `MIN_PURCHASES` purchases a wallet has no vector.

Allocation
    A purchase is worth the dollars, or the SOL, that were given for it; SOL at its price at noon of
    that UTC day, or of the nearest of the wallet's active days that has one, the earlier of two.
    Where none has a price, all is counted in SOL, and what was paid in dollars is left out.
    Purchases paid in other tokens are in no share. A token's share is what all its purchases were
    worth, by what those of all tokens were. The 64 largest shares are named; `rest` is the others'
    sum.
Timing
    Transactions by UTC hour of the week (168 counts), and which UTC days have one (365 bits).
Co-trading
    The first purchase of each token within the year: slot, time, transaction. Of more than 256
    tokens those with the lowest *sample keys* are kept (the first four bytes of the SHA-256 of the
    mint's address): every wallet keeps the same tokens by preference, so two wallets can be
    compared, without bias, over those that both would have kept.
Behaviour
    `TRAITS`, each from 0 to 1, from `domain.behaviour.model`, whose definitions hold. `log(x, top)`
    is ln(1 + x) / ln(1 + top), at most 1; what lies between -1 and 1 is moved to 0 to 1.

A stored vector takes less than 8 KB.
"""

import hashlib
import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.behaviour.model import Behaviour
from oof.domain.prices.candles import DAY_S
from oof.domain.similarity.model import ALL_KEPT, UNKNOWN, ShareUnit, WalletVector
from oof.domain.transactions.base58 import decode_base58
from oof.domain.units import Mint, Slot, UnixSeconds

VERSION: Final = 1
YEAR_DAYS: Final = 365
NAMED_SHARES: Final = 64
KEPT_MINTS: Final = 256
MIN_PURCHASES: Final = 10
HOUR_S: Final = 3_600
MINUTE_S: Final = 60
WEEK_HOURS: Final = 168
_MONDAY: Final = 4 * 24
"""1970-01-01 was a Thursday: so many hours before its first Monday."""
_MICROS: Final = 10**6
_LAMPORTS: Final = 10**9
_MONTH_S: Final = 30 * DAY_S


class MintPurchases(NamedTuple):
    """A wallet's purchases of one token within its year, summed exactly."""

    mint_number: int
    """The store's own."""
    mint: Mint
    first_slot: Slot
    first_at: UnixSeconds | None
    first_tx: int
    """The store's number of the transaction; of one slot the lowest."""
    purchases: int
    priced: int
    """Of these, those paid in SOL or dollars."""
    lamports: int
    """Given for those that were paid in SOL."""
    lamport_dollars: Decimal
    """The same, each day's lamports times that day's dollars a SOL."""
    micros: int
    """Millionths of dollars given for those that were paid in dollars."""


class TraitRule(NamedTuple):
    """A trait by its name, and how it follows from a behaviour; None where that has a gap."""

    name: str
    of: Callable[[Behaviour], float | None]


def _log(value: Decimal | int | None, top: float) -> float | None:
    if value is None:
        return None
    return min(math.log1p(max(float(value), 0.0)) / math.log1p(top), 1.0)


def _share(value: Decimal | None) -> float | None:
    return None if value is None else min(max(float(value), 0.0), 1.0)


def _around_zero(value: Decimal | None) -> float | None:
    return None if value is None else (min(max(float(value), -1.0), 1.0) + 1) / 2


TRAITS: Final = (
    TraitRule("win_rate", lambda b: _share(b.results.win_rate)),
    TraitRule("roi", lambda b: _around_zero(b.results.roi)),
    TraitRule("hold_median", lambda b: _log(b.holding.hold.median, _MONTH_S)),
    TraitRule("flipper_score", lambda b: _share(b.holding.flipper_score)),
    TraitRule("disposition", lambda b: _around_zero(b.holding.disposition)),
    TraitRule("received_share", lambda b: _share(b.holding.received_share)),
    TraitRule("trades_per_active_day", lambda b: _log(b.rhythm.trades_per_active_day, 1_000)),
    TraitRule("active_hours", lambda b: _hours(b.rhythm.active_hours_per_day)),
    TraitRule("quiet_hours", lambda b: _hours(b.rhythm.quiet_hours)),
    TraitRule("within_2s_share", lambda b: _share(b.pace.within_2s_share)),
    TraitRule("burstiness", lambda b: _around_zero(b.pace.burstiness)),
    TraitRule("size_median_sol", lambda b: _log(b.sizing.sol.median, 1_000)),
    TraitRule("same_size_share", lambda b: _share(b.sizing.same_size_share)),
    TraitRule("concentration", lambda b: _share(b.sizing.concentration)),
    TraitRule("single_exit_share", lambda b: _share(b.leaving.single_exit_share)),
    TraitRule("entries_per_episode", lambda b: _log(b.leaving.entries_per_episode, 50)),
    TraitRule("reentered_share", lambda b: _share(b.reentry.reentered_share)),
    TraitRule("launch_minute_share", lambda b: _share(b.launches.within_minute_share)),
    TraitRule("tip_share", lambda b: _share(b.costs.tip_share)),
    TraitRule("bot_fee_share", lambda b: _share(b.costs.bot_fee_share)),
    TraitRule("maker_share", lambda b: _share(b.mix.maker_share)),
)
"""The behaviour block, in the order in which it is stored: a change is a new `VERSION`."""


def _hours(value: Decimal | int | None) -> float | None:
    return None if value is None else min(max(float(value) / 24, 0.0), 1.0)


def sample_key(mint: Mint) -> int:
    """Return by what a token is preferred where not all are kept: lowest first."""
    return int.from_bytes(hashlib.sha256(decode_base58(mint)).digest()[:4], "big")


def year_of(newest_hour: UnixSeconds) -> range:
    """Return the days, since 1970, of the year that ends with an hour's day."""
    last = newest_hour // DAY_S
    return range(last - YEAR_DAYS + 1, last + 1)


def noon_of(day: int) -> UnixSeconds:
    """Return when a day's price of SOL is looked up."""
    return UnixSeconds(day * DAY_S + DAY_S // 2)


def nearest_prices(days: Iterable[int], known: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return each day's price, or that of the nearest day with one, the earlier of two."""
    told = sorted(known)
    if not told:
        return {}
    return {day: known[min(told, key=lambda each: (abs(each - day), each))] for day in days}


def traits_of(behaviour: Behaviour | None) -> array[float]:
    """Return a behaviour's traits; those that it does not tell are `UNKNOWN`."""
    told = (None if behaviour is None else rule.of(behaviour) for rule in TRAITS)
    return array("f", (UNKNOWN if value is None else value for value in told))


def vector_of(
    purchases: Iterable[MintPurchases],
    hours: Mapping[UnixSeconds, int],
    traits: array[float],
) -> WalletVector | None:
    """Return a wallet's vector; None below `MIN_PURCHASES`.

    `purchases` and `hours` (transactions by the begin of their UTC hour) are those of one year; the
    order of neither matters.
    """
    bought = sorted(purchases, key=lambda each: (sample_key(each.mint), each.mint))
    if not hours or sum(each.purchases for each in bought) < MIN_PURCHASES:
        return None
    newest = max(hours)
    kept, left = bought[:KEPT_MINTS], bought[KEPT_MINTS:]
    unit, named, rest = _shares(bought)
    return WalletVector(
        version=VERSION,
        newest_at=newest,
        purchases=sum(each.purchases for each in bought),
        priced=sum(each.priced for each in bought),
        mints=len(bought),
        unit=unit,
        rest=rest,
        share_mints=array("i", (number for number, _ in named)),
        shares=array("f", (share for _, share in named)),
        sample_limit=sample_key(left[0].mint) if left else ALL_KEPT,
        first_keys=array("I", (sample_key(each.mint) for each in kept)),
        first_mints=array("i", (each.mint_number for each in kept)),
        first_slots=array("i", (each.first_slot for each in kept)),
        first_ats=array("I", (each.first_at or 0 for each in kept)),
        first_txs=array("q", (each.first_tx for each in kept)),
        hours=_week(hours),
        first_day=year_of(newest).start,
        days=_bits(hours, year_of(newest)),
        traits=traits,
    )


def _shares(
    bought: Sequence[MintPurchases],
) -> tuple[ShareUnit | None, list[tuple[int, float]], float]:
    """Return the unit, the largest shares by mint number, and the sum of the others."""
    in_dollars = {
        each.mint_number: each.lamport_dollars / _LAMPORTS + Decimal(each.micros) / _MICROS
        for each in bought
    }
    is_dollars = any(each.lamport_dollars for each in bought) or not any(
        each.lamports for each in bought
    )
    worth = (
        in_dollars if is_dollars else {each.mint_number: Decimal(each.lamports) for each in bought}
    )
    whole = sum(worth.values(), Decimal(0))
    if not whole:
        return None, [], 0.0
    keys = {each.mint_number: (sample_key(each.mint), each.mint) for each in bought}
    ranked = sorted(worth.items(), key=lambda item: (-item[1], keys[item[0]]))
    named = [(number, float(usd / whole)) for number, usd in ranked[:NAMED_SHARES] if usd]
    rest = float(sum((usd for _, usd in ranked[NAMED_SHARES:]), Decimal(0)) / whole)
    return ShareUnit.USD if is_dollars else ShareUnit.SOL, named, rest


def _week(hours: Mapping[UnixSeconds, int]) -> array[int]:
    counts = array("I", [0]) * WEEK_HOURS
    for begin, count in hours.items():
        counts[(begin // HOUR_S - _MONDAY) % WEEK_HOURS] += max(count, 0)
    return counts


def _bits(hours: Mapping[UnixSeconds, int], year: range) -> bytes:
    bits = 0
    for begin, count in hours.items():
        if count > 0:
            bits |= 1 << (begin // DAY_S - year.start)
    return bits.to_bytes(-(-YEAR_DAYS // 8), "little")
