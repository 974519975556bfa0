"""Where the lines of a classification are drawn, and its version."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

VERSION: Final = 1
"""Raised whenever the same history may be classed otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassConfig:
    """Thresholds and least samples of all rules. Durations are seconds, money is USD."""

    least_exits: int = 10
    least_entries: int = 10
    least_trades: int = 20
    least_episodes: int = 5
    least_launches: int = 5

    scalper_s: int = 3_600
    """A median hold below this is a scalper's."""
    day_s: int = 86_400
    swing_s: int = 30 * 86_400

    fish_usd: Decimal = Decimal(1_000)
    """Bought in one day at most, from here on."""
    shark_usd: Decimal = Decimal(10_000)
    whale_usd: Decimal = Decimal(100_000)

    profit_roi: Decimal = Decimal("0.10")
    """From here on it makes a profit, and loses from minus this on."""
    strong_roi: Decimal = Decimal("0.50")
    strong_factor: Decimal = Decimal(2)

    single_share: Decimal = Decimal("0.60")
    ladder_share: Decimal = Decimal("0.40")

    hyper_trades: Decimal = Decimal(50)
    """Trades a day."""
    busy_trades: Decimal = Decimal(5)
    regular_trades: Decimal = Decimal("0.5")

    bot_trades: int = 50
    """Least sample."""
    bot_signs: int = 3
    """Of five."""
    bot_within_2s: Decimal = Decimal("0.20")
    bot_gap_s: int = 15
    bot_hours: Decimal = Decimal(14)
    bot_quiet_hours: int = 2
    bot_same_size: Decimal = Decimal("0.50")

    sniper_share: Decimal = Decimal("0.50")
    arbitrage_share: Decimal = Decimal("0.50")
    turns: int = 3
    turns_share: Decimal = Decimal("0.05")
    wash_turns: int = 10
    wash_share: Decimal = Decimal("0.30")

    bag_moments: int = 3
    bag_share: Decimal = Decimal("0.25")
    """Of entries."""
    paper_moments: int = 3
    paper_share: Decimal = Decimal("0.10")
    """Of exits."""
    diamond_moments: int = 2
    diamond_share: Decimal = Decimal("0.05")
    sandwich_moments: int = 3
    sandwich_share: Decimal = Decimal("0.02")
    """Of transactions with a trade."""
    cutter_disposition: Decimal = Decimal("-0.20")
    cutter_loss: Decimal = Decimal("0.25")

    lotto_deep: Decimal = Decimal("0.30")
    lotto_wins: Decimal = Decimal("0.40")
    received_share: Decimal = Decimal("0.30")
    fee_rate: Decimal = Decimal("0.05")


DEFAULTS: Final = ClassConfig()
