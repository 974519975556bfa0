"""How a wallet trades: every metric, what it means, its formula, unit and least sample.

All are of one wallet and one span of whole UTC days. Tokens are all mints but SOL, USDC and USDT,
which trades are paid with: metrics of positions (holds, sizes, exits, episodes) are of tokens
alone, metrics of activity are of every trade. A trade is one route, whatever pools it went through.

What is below its least sample is None, and the block says why in `missing`; a count is 0 where
there is nothing to count. Durations are whole seconds, SOL and USD are exact decimals with nine
and eight places, shares are decimals from 0 to 1 with six. Values are the same in whatever order
the history is read.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why a metric has no value."""

    TOO_FEW = "too_few"
    """Fewer than its least sample."""
    NO_TIME = "no_time"
    """There are enough, but nobody knows when too many of them were."""
    NO_PRICE = "no_price"
    """There are enough, but too few of them have a price, or a cost."""
    NOT_SEEN = "not_seen"
    """What it is measured from is not among the stored facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How durations lie, in seconds.

    A quantile is the smallest value that at least that share of all values does not exceed (nearest
    rank); the mean is rounded down. None below 3 values, or the least sample of its block.
    """

    count: int
    """Values."""
    mean: int | None
    """Their sum by their number, rounded down."""
    p10: int | None
    """Nearest rank, 10 %."""
    p25: int | None
    """Nearest rank, 25 %."""
    median: int | None
    """Nearest rank, 50 %."""
    p75: int | None
    """Nearest rank, 75 %."""
    p90: int | None
    """Nearest rank, 90 %."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySpread:
    """How amounts lie, in the unit that the field's name tells.

    As `Spread` otherwise, with the mean rounded half to even.
    """

    count: int
    """Amounts that are known."""
    mean: Decimal | None
    """Their sum by their number."""
    p10: Decimal | None
    """Nearest rank, 10 %."""
    p25: Decimal | None
    """Nearest rank, 25 %."""
    median: Decimal | None
    """Nearest rank, 50 %."""
    p75: Decimal | None
    """Nearest rank, 75 %."""
    p90: Decimal | None
    """Nearest rank, 90 %."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What all of it rests on; counts alone."""

    trades: int
    """Trades: one a route."""
    undated_trades: int
    """Of these, those whose time nobody knows: in no metric of time, and in `all` alone."""
    transactions: int
    """Transactions with a trade."""
    tokens: int
    """Tokens bought or sold."""
    entries: int
    """Purchases of tokens."""
    exits: int
    """Sales of tokens."""
    valued_exits: int
    """Sales whose profit is known in USD."""
    episodes: int
    """Episodes that ended: from holding nothing of a token to holding nothing again."""
    arbitrages: int
    """Trades that end in the mint they began with."""
    is_capped: bool
    """Whether older trades were left out: the newest 50,000 are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When it trades. Shares and rates need 10 trades whose time is known."""

    by_hour: tuple[int, ...]
    """Trades by UTC hour of the day, 24 counts; their sum is all trades whose time is known."""
    by_weekday: tuple[int, ...]
    """Trades by UTC weekday, 7 counts from Monday; the same sum."""
    active_days: int
    """UTC days with a trade."""
    covered_days: int
    """UTC days from the span's first, or the first trade if that is later, to its last."""
    trades_per_day: Decimal | None
    """Trades whose time is known / `covered_days`."""
    trades_per_active_day: Decimal | None
    """Trades whose time is known / `active_days`."""
    active_hours_per_day: Decimal | None
    """Distinct (day, hour) pairs with a trade / `active_days`; 0 to 24."""
    quiet_hours: int | None
    """The longest run of hours of the day, around midnight too, in which less than 1 % of trades
    fall; people sleep, bots do not. 0 to 24."""
    peak_hour: int | None
    """The UTC hour with most trades, the earliest of several."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How quickly one trade follows another.

    Needs 10 transactions with a trade whose time is known.
    """

    gap: Spread
    """Seconds from one transaction with a trade to the next."""
    within_2s_share: Decimal | None
    """Gaps of 2 seconds at most / gaps."""
    burstiness: Decimal | None
    """(s - m) / (s + m) of gaps, with mean m and standard deviation s: -1 is a clock, 0 is chance,
    towards 1 are bursts with long pauses (Goh and Barabasi). -1 to 1; None where all gaps are 0."""
    same_slot_turns: int
    """Slots in which it both bought and sold one token, in different transactions."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Runs of trades; a gap of more than 30 minutes ends one. Needs 3 sessions."""

    count: int
    """Sessions; one trade alone is one of length 0."""
    length: Spread
    """Seconds from a session's first trade to its last."""
    trades: Decimal | None
    """Trades whose time is known / sessions."""
    per_active_day: Decimal | None
    """Sessions / UTC days with a trade."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How long it holds what it bought.

    An exit counts once, whatever lots it took: its hold is the mean over the units of those lots
    that a trade opened at a known time, weighed by units, rounded down; an exit without any has
    none. Needs 5 exits with a hold.
    """

    hold: Spread
    """Seconds from entry to exit."""
    under_minute_share: Decimal | None
    """Exits held less than 60 seconds / exits with a hold."""
    under_day_share: Decimal | None
    """Exits held less than a day / exits with a hold."""
    over_month_share: Decimal | None
    """Exits held 30 days or longer / exits with a hold."""
    flipper_score: Decimal | None
    """Mean over exits of 6 h / (6 h + hold): 1 sells at once, 0.5 after six hours, towards 0 late.
    0 to 1."""
    holder_score: Decimal | None
    """Mean of age / (30 d + age), over exits (age: the hold) and tokens still held (age: from when
    the open episode began to the span's end): 0 sells at once, 0.5 after 30 days. 0 to 1."""
    winners: Spread
    """Hold of exits with a profit: above zero in USD, or in SOL where USD is not known."""
    losers: Spread
    """Hold of exits with a loss."""
    disposition: Decimal | None
    """(L - W) / (L + W) of the median holds of losers L and winners W: above 0 it sits on losses
    and takes gains quickly (the disposition effect), below 0 it cuts losses. -1 to 1. Needs 5 of
    each."""
    disposition_missing: Reason | None
    """Why there is no disposition."""
    received_share: Decimal | None
    """Exits most of whose units came in without a trade (airdrops, transfers) / exits."""
    missing: Reason | None
    """Why there is none of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How much it puts in at once. Needs 5 entries whose worth is known."""

    sol: MoneySpread
    """SOL given, of entries that were paid in SOL."""
    usd: MoneySpread
    """USD an entry was worth in its minute, whatever it was paid in."""
    bought_usd: Decimal
    """All entries whose worth is known, in USD."""
    peak_day_usd: Decimal | None
    """Most of that within one UTC day."""
    top_token_share: Decimal | None
    """USD put into the token it put most into / `bought_usd`."""
    concentration: Decimal | None
    """Sum of squared shares of tokens in `bought_usd` (Herfindahl): 1 is one token alone. 0 to
    1."""
    same_size_share: Decimal | None
    """Entries of the most common size / entries paid in SOL, sizes being cut to two significant
    digits."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How it builds positions up and gets rid of them.

    Over episodes that ended within the span, with at least one exit, and whose entries and exits
    are all looked at. Needs 3 such episodes.
    """

    episodes: int
    """Such episodes."""
    single_exit_share: Decimal | None
    """Episodes sold in one exit / episodes."""
    ladder_share: Decimal | None
    """Episodes sold in 3 exits or more, none of which sold more than half of all units / episodes.
    """
    first_exit_share: Decimal | None
    """Units that the first exit sold / units that all exits sold: median (nearest rank)."""
    exits_per_episode: Decimal | None
    """Exits / episodes."""
    entries_per_episode: Decimal | None
    """Entries / episodes."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reentry:
    """How it comes back to tokens, over episodes that began within the span. Needs 3 of them."""

    opened: int
    """Episodes that began."""
    per_token: Decimal | None
    """Episodes that began / tokens of these."""
    reentered_share: Decimal | None
    """Tokens of which more than one began / tokens of these."""
    gap: Spread
    """Seconds from the end of an episode to the beginning of the same token's next."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launches:
    """How soon after its launch it buys a token for the first time.

    The launch rests on stored facts alone: the oldest stored purchase of the token by anybody, and
    whether that transaction minted it too. Where the oldest stored purchase is the wallet's own
    and did not mint it, the launch is not known. Where it is another's and did not mint it, the
    token may be older: the delay is the least it can be. Needs 3 tokens with a launch.
    """

    first_buys: int
    """Tokens that were bought within the span for the first time."""
    known: int
    """Of these, those whose launch is known."""
    created: int
    """Of these, those whose minting is stored; of the others a launch is only the oldest trade."""
    delay: Spread
    """Seconds from the launch to the wallet's first purchase."""
    within_minute_share: Decimal | None
    """Delays of 60 seconds at most / delays."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedShare:
    """A name's part of all trades."""

    name: str
    """A venue's, or a terminal's."""
    trades: int
    """Trades by it."""
    share: Decimal
    """Of all trades, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Where and through what it trades. Counts need no least sample."""

    venues: tuple[NamedShare, ...]
    """Up to ten venues (what the route was asked of: a router, else a pool's program), most trades
    first, then by name."""
    other_venues: int
    """Trades at others."""
    terminals: tuple[NamedShare, ...]
    """Up to ten terminals (trading bots and apps that take their own fee), likewise."""
    other_terminals: int
    """Trades through others."""
    direct: int
    """Trades through no known terminal."""
    maker_share: Decimal | None
    """Trades it made the offer for (filled limit orders) / trades. Needs 10 trades."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What it pays around its trades, in SOL, a transaction with a trade. Needs 5 of them."""

    priority: MoneySpread
    """Priority fees, in SOL, of all transactions with a trade, those without one at 0."""
    tips: MoneySpread
    """Tips, in SOL, of transactions with a tip."""
    tip_share: Decimal | None
    """Transactions with a tip / transactions with a trade."""
    bot_fee_share: Decimal | None
    """Transactions with a terminal's fee / transactions with a trade."""
    total: MoneySpread
    """All fees, in SOL: network, priority, tips, platforms, protocols, creators, terminals."""
    total_sol: Decimal
    """Their sum."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What its exits came to, FIFO, net of fees, of exits whose profit is known in USD.

    Sums are those of the days of positions. Ratios need 5 such exits.
    """

    realized_usd: Decimal
    """Sum of profits and losses."""
    cost_usd: Decimal
    """What the units sold had cost."""
    fees_usd: Decimal
    """Paid on entry and exit."""
    wins: int
    """Exits above zero."""
    losses: int
    """Exits below zero."""
    win_rate: Decimal | None
    """Wins / (wins + losses)."""
    roi: Decimal | None
    """`realized_usd` / `cost_usd`; 0.25 is 25 %."""
    profit_factor: Decimal | None
    """Sum of profits / sum of losses; None where nothing was lost."""
    fee_rate: Decimal | None
    """`fees_usd` / `cost_usd`."""
    gain: Decimal | None
    """Profit / cost of exits with a profit: median (nearest rank)."""
    loss: Decimal | None
    """Loss / cost of exits with a loss, positive: median (nearest rank)."""
    big_wins: int
    """Exits that got 5 times their cost or more, net of fees."""
    deep_losses: int
    """Exits that lost 80 % of their cost or more."""
    flat_turns: int
    """Exits within 5 minutes of their entry whose profit before fees is within 1 % of their cost:
    what a wash trade looks like."""
    missing: Reason | None
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One wallet's behaviour within one span."""

    sample: Sample
    """What it rests on."""
    rhythm: Rhythm
    """When it trades."""
    pace: Pace
    """How quickly one trade follows another."""
    sessions: Sessions
    """Runs of trades."""
    holding: Holding
    """How long it holds."""
    sizing: Sizing
    """How much it puts in at once."""
    leaving: Leaving
    """How it gets rid of positions."""
    reentry: Reentry
    """How it comes back to tokens."""
    launches: Launches
    """How soon after a launch it buys."""
    mix: Mix
    """Where and through what it trades."""
    costs: Costs
    """What it pays around its trades."""
    results: Results
    """What its exits came to."""
