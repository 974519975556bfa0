"""What detectors are set to. Fractions are of one (0.25 is 25 %), times are seconds, money is USD.

The windows and the conditions of the first five kinds are the product's own definitions; all others
were chosen here, and each says why. A change of any of them asks for moments to be detected anew.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.errors import InvalidInput
from oof.domain.units import SOL_MINT, Mint, RawAmount

DAY_S: Final = 86_400
YEAR_S: Final = 365 * DAY_S


class Yield(NamedTuple):
    """What a token could have earned, had it not lain idle."""

    mint: Mint
    apr: Decimal
    """A year's simple interest, as a fraction."""
    reserve_raw: RawAmount
    """Units that are never idle: a wallet needs some SOL for fees and rent."""
    source: str
    """Where the rate comes from, told with every moment that rests on it."""


SOL_STAKED: Final = Yield(
    SOL_MINT,
    Decimal("0.05"),
    RawAmount(100_000_000),
    "configured; inflation of 8 % from February 2021, 15 % less each year, to who stakes "
    "(solana.com/staking): 3.5 % of all SOL in 2026, of which about two thirds is staked",
)
"""Rounded down, and flat over the years: older yields were higher."""


DIVISORS: Final = (
    "early_full_pct",
    "drawdown_range_pct",
    "route_full_pct",
    "idle_full_usd",
    "rug_left_pct",
    "rug_stood_pct",
    "sandwich_full_pct",
    "fee_full_pct",
    "record_full_pct",
    "look_again_s",
    "idle_sample_s",
)
"""What severities and times are divided by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentConfig:
    """Thresholds and windows of all detectors."""

    dust_usd: Decimal = Decimal(10)
    """A trade or lot worth less is ignored by every detector."""

    window_s: int = 7 * DAY_S
    """How long prices are followed after an exit or a buy."""
    look_again_s: int = 6 * 3_600
    """How often an open window is looked at before it ends."""
    patience_s: int = 14 * DAY_S
    """How long after a window's end its missing prices are waited for."""
    followed_s: int = 30 * DAY_S
    """How long after its last trade a position that is still held is looked at each day."""

    peak_confidence: int = 50
    """Percent: one trader's word (30) makes neither a peak nor a trough."""
    wick_factor: int = 2
    """A high more than so many times what its bucket opened and closed at, or a low as much below,
    is a wick: the bucket counts with what it opened or closed at. As far as trades may be off the
    median before they are no price."""
    volume_share: Decimal = Decimal("0.25")
    """Of what was traded at or above a price, what one seller could have been; more would have
    moved it."""
    assumed_usd: Decimal = Decimal(500)
    """A sale that a bucket bears whose source tells no volume."""
    assumed_confidence: int = 40
    """Percent, at most, where a peak rests on that."""
    evidence_candles: int = 24
    """Candles listed with a moment; more are counted."""
    evidence_lots: int = 100
    """Lots or layers listed with a moment; the rest is told as sums."""

    early_pct: Decimal = Decimal("0.25")
    early_usd: Decimal = Decimal(25)
    early_full_pct: Decimal = Decimal("0.75")
    """Severity is 1 from here."""

    drawdown_pct: Decimal = Decimal("0.30")
    drawdown_range_pct: Decimal = Decimal("0.50")
    """Severity is 1 this far beyond the threshold."""

    route_pct: Decimal = Decimal("0.01")
    route_full_pct: Decimal = Decimal("0.10")
    """Severity is 1 from here: a tenth of the trade is gone."""
    route_most_pct: Decimal = Decimal("0.50")
    """Worse than this and it is the prices that are wrong: twice off is no price."""

    yields: tuple[Yield, ...] = (SOL_STAKED,)
    idle_usd: Decimal = Decimal(25)
    idle_least_s: int = 7 * DAY_S
    """What moves again sooner is in use."""
    idle_sample_s: int = 7 * DAY_S
    """How far apart the prices are whose mean an idle balance is valued at."""
    idle_full_usd: Decimal = Decimal(250)
    """Severity is 1 from here: ten times the threshold."""

    rug_left_pct: Decimal = Decimal("0.10")
    """A collapse leaves at most so much of the highest price."""
    rug_stood_pct: Decimal = Decimal("0.50")
    rug_fall_s: int = DAY_S
    """It is sudden: so long before, the price still stood at this fraction of the highest. What
    fades over weeks is no rug."""
    rug_back_pct: Decimal = Decimal("0.20")
    rug_persist_s: int = 3 * DAY_S
    """It persists: for so long no price comes back to this fraction of the highest."""

    paper_hold_s: int = DAY_S
    """Who sells this soon after buying."""
    paper_loss_pct: Decimal = Decimal("0.10")
    """At such a loss."""
    paper_rise_pct: Decimal = Decimal("0.25")
    """And whose entry price was exceeded by so much within the window; severity is 1 at 100 %."""
    paper_usd: Decimal = Decimal(25)

    diamond_drawdown_pct: Decimal = Decimal("0.50")
    """Halved while held; severity is 1 at 90 %."""
    diamond_gain_pct: Decimal = Decimal("0.25")
    diamond_usd: Decimal = Decimal(25)

    round_gain_pct: Decimal = Decimal(1)
    """Doubled while held; severity is 1 at ten times the entry."""
    round_usd: Decimal = Decimal(25)

    sandwich_pct: Decimal = Decimal("0.005")
    """Less would be within what a price moves in a slot."""
    sandwich_full_pct: Decimal = Decimal("0.05")
    """Severity is 1 from here."""
    sandwich_match_pct: Decimal = Decimal("0.20")
    """The back leg gives what the front leg took, give or take this."""
    sandwich_confidence: int = 80
    """Percent: facts tell the venue and the pair, not the pool."""

    fee_pct: Decimal = Decimal("0.05")
    fee_usd: Decimal = Decimal(5)
    fee_full_pct: Decimal = Decimal("0.25")
    """Severity is 1 from here."""

    record_usd: Decimal = Decimal(25)
    """A best or worst trade makes or loses this much at least."""
    record_full_pct: Decimal = Decimal(3)
    """Severity of the best is 1 at this gain; that of the worst is what was lost of the cost."""

    def __post_init__(self) -> None:
        """Raise InvalidInput where something that is divided by is not above 0."""
        for name in DIVISORS:
            if getattr(self, name) <= 0:
                raise InvalidInput(name, "a number above 0")

    def yield_of(self, mint: Mint) -> Yield | None:
        """Return what a token could have earned; None where nothing is configured."""
        return next((each for each in self.yields if each.mint == mint), None)


DEFAULTS: Final = MomentConfig()
