"""Least samples of metrics, and where their lines are drawn."""

from typing import Final

LEAST_TRADES: Final = 10
LEAST_EXITS: Final = 5
LEAST_ENTRIES: Final = 5
LEAST_EPISODES: Final = 3
LEAST_SESSIONS: Final = 3
LEAST_LAUNCHES: Final = 3
LEAST_COSTS: Final = 5

SESSION_GAP_S: Final = 1_800
"""A longer pause ends a session."""
AT_ONCE_S: Final = 2
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
MONTH_S: Final = 30 * DAY_S
FLIP_S: Final = 6 * HOUR_S
"""Held so long, an exit counts one half as a flip."""
HOLD_S: Final = MONTH_S
"""Held so long, it counts one half as a hold."""
QUIET_PERCENT: Final = 1
LADDER_EXITS: Final = 3
BIG_WIN: Final = 5
"""Times its cost, net of fees."""
DEEP_LOSS_PERCENT: Final = 80
FLAT_S: Final = 300
FLAT_PERCENT: Final = 1
SHOWN: Final = 10
"""Venues and terminals that are named."""
MOST: Final = 50_000
"""Trades, entries, exits and episodes, each, that are looked at: the newest."""
