"""Badges: yes or no, each by one rule of thumb."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from oof.domain.behaviour.model import Reason
from oof.domain.behaviour.results import ExitResult
from oof.domain.behaviour.spreads import share
from oof.domain.classification.config import ClassConfig
from oof.domain.classification.model import (
    SHOWN,
    Case,
    Figure,
    Finding,
    Rule,
    VerdictKind,
    shown,
    yes_if,
)
from oof.domain.moments.model import MomentKind


def _bot_likely(case: Case) -> Finding:
    told, config = case.behaviour, case.config
    signs: dict[str, tuple[Decimal | int | None, Callable[[Decimal | int], bool]]] = {
        "pace.within_2s_share": (
            told.pace.within_2s_share,
            lambda value: value >= config.bot_within_2s,
        ),
        "pace.gap.median": (told.pace.gap.median, lambda value: value <= config.bot_gap_s),
        "rhythm.active_hours_per_day": (
            told.rhythm.active_hours_per_day,
            lambda value: value >= config.bot_hours,
        ),
        "rhythm.quiet_hours": (
            told.rhythm.quiet_hours,
            lambda value: value <= config.bot_quiet_hours,
        ),
        "sizing.same_size_share": (
            told.sizing.same_size_share,
            lambda value: value >= config.bot_same_size,
        ),
    }
    shows = [name for name, (value, holds) in signs.items() if value is not None and holds(value)]
    evidence: dict[str, Figure] = {name: shown(value) for name, (value, _) in signs.items()}
    return Finding(
        yes_if(len(shows) >= config.bot_signs),
        sum(told.rhythm.by_hour),
        evidence | {"signs": len(shows)},
        missing=told.pace.missing or told.rhythm.missing,
    )


def _sniper(case: Case) -> Finding:
    launches = case.behaviour.launches
    early = launches.within_minute_share
    buys = [each for each in case.part.first_buys if each.delay_s is not None]
    buys.sort(key=lambda each: (each.delay_s or 0, each.tx_id))
    # of a token that was only seen traded, the launch may have been earlier
    seen = share(launches.known + launches.created, 2 * launches.known) if launches.known else None
    return Finding(
        None if early is None else yes_if(early >= case.config.sniper_share),
        launches.known,
        {
            "launches.within_minute_share": shown(early),
            "launches.delay.median": launches.delay.median,
            "launches.known": launches.known,
            "launches.created": launches.created,
        },
        [each.tx_id for each in buys[:SHOWN]],
        launches.missing,
        seen,
    )


def _arbitrageur(case: Case) -> Finding:
    sample = case.behaviour.sample
    part = share(sample.arbitrages, sample.trades) if sample.trades else None
    return Finding(
        None if part is None else yes_if(part >= case.config.arbitrage_share),
        sample.trades,
        {"sample.arbitrages": sample.arbitrages, "sample.trades": sample.trades},
        _newest((each.slot, each.tx_id) for each in case.part.trades if each.arbitrage),
        None if sample.trades else Reason.TOO_FEW,
    )


def _sandwicher(case: Case) -> Finding:
    count, whole = case.behaviour.pace.same_slot_turns, case.behaviour.sample.transactions
    is_one = count >= case.config.turns and count >= case.config.turns_share * whole
    return Finding(
        yes_if(is_one),
        whole,
        {"pace.same_slot_turns": count, "sample.transactions": whole},
        _newest((turn.slot, tx_id) for turn in case.part.turns for tx_id in turn.tx_ids),
    )


def _wash_trader(case: Case) -> Finding:
    config, exits = case.config, case.part.valued
    turns = [each for each in exits if each.is_flat_turn]
    is_one = len(turns) >= config.wash_turns and len(turns) >= config.wash_share * len(exits)
    return Finding(
        yes_if(is_one),
        len(exits),
        {"results.flat_turns": len(turns), "sample.valued_exits": len(exits)},
        _of_exits(turns),
        case.behaviour.results.missing,
    )


@dataclass(frozen=True, slots=True)
class _Frequent:
    """Moments of a kind that are many, and many of a whole."""

    kind: MomentKind
    least: Callable[[ClassConfig], int]
    part: Callable[[ClassConfig], Decimal]
    whole: Callable[[Case], int]
    """Of how many: those of which it could have been found, being priced."""
    of: str
    unpriced: Callable[[Case], int] = lambda _: 0
    """How many there are besides, whose prices are not known."""

    def __call__(self, case: Case) -> Finding:
        found, whole = case.moments(self.kind), self.whole(case)
        count, config = len(found), case.config
        is_one = count >= self.least(config) and count >= self.part(config) * whole
        evidence: dict[str, Figure] = {f"moments.{self.kind}": count, self.of: whole}
        is_blind = whole < case.config.least_exits <= whole + self.unpriced(case)
        return Finding(
            yes_if(is_one), whole, evidence, found, Reason.NO_PRICE if is_blind else None
        )


def _loss_cutter(case: Case) -> Finding:
    holding, results, config = case.behaviour.holding, case.behaviour.results, case.config
    bent, loss = holding.disposition, results.loss
    value = None
    if bent is not None and loss is not None:
        value = yes_if(bent <= config.cutter_disposition and loss <= config.cutter_loss)
    return Finding(
        value,
        min(holding.winners.count, holding.losers.count) * 2,
        {
            "holding.disposition": shown(bent),
            "holding.winners.median": holding.winners.median,
            "holding.losers.median": holding.losers.median,
            "results.loss": shown(loss),
        },
        missing=holding.disposition_missing or (Reason.NO_PRICE if loss is None else None),
    )


def _lotto_player(case: Case) -> Finding:
    results, config, exits = case.behaviour.results, case.config, case.part.valued
    deep, rate = results.deep_losses, results.win_rate
    value = None
    if rate is not None:
        value = yes_if(deep >= config.lotto_deep * len(exits) and rate <= config.lotto_wins)
    return Finding(
        value,
        len(exits),
        {
            "results.deep_losses": deep,
            "results.big_wins": results.big_wins,
            "results.win_rate": shown(rate),
            "sample.valued_exits": len(exits),
        },
        _of_exits(each for each in exits if each.is_deep_loss or each.is_big_win),
        results.missing or (Reason.TOO_FEW if rate is None else None),
    )


def _airdrop_hunter(case: Case) -> Finding:
    received, exits = case.behaviour.holding.received_share, case.part.exits
    return Finding(
        None if received is None else yes_if(received >= case.config.received_share),
        len(exits),
        {"holding.received_share": shown(received), "sample.exits": len(exits)},
        _newest((e.slot, e.tx_id) for e in exits if 2 * e.received_raw > e.sold_raw),
        Reason.TOO_FEW if received is None else None,
    )


def _fee_burner(case: Case) -> Finding:
    results, found = case.behaviour.results, case.moments(MomentKind.FEE_BURNER)
    rate = results.fee_rate
    return Finding(
        None if rate is None else yes_if(rate >= case.config.fee_rate),
        case.behaviour.sample.valued_exits,
        {
            "results.fee_rate": shown(rate),
            "results.fees_usd": shown(results.fees_usd),
            f"moments.{MomentKind.FEE_BURNER}": len(found),
        },
        found,
        results.missing or (Reason.NO_PRICE if rate is None else None),
    )


def _newest(found: Iterable[tuple[int, int]]) -> list[int]:
    ordered = sorted(set(found), key=lambda pair: (-pair[0], pair[1]))
    return [tx_id for _, tx_id in ordered[:SHOWN]]


def _of_exits(exits: Iterable[ExitResult]) -> list[int]:
    return _newest((each.exit.slot, each.exit.tx_id) for each in exits)


def _badge(
    name: str,
    judge: Callable[[Case], Finding],
    *,
    words: Callable[[ClassConfig], str],
    least: Callable[[ClassConfig], int] = lambda c: c.least_exits,
    surety: str,
) -> Rule:
    return Rule(
        name=name,
        kind=VerdictKind.BADGE,
        values=("yes", "no"),
        words=words,
        judge=judge,
        least=least,
        surety=Decimal(surety),
    )


BADGES: Final = (
    _badge(
        "bot_likely",
        _bot_likely,
        words=lambda c: (
            f"At least {c.bot_signs} of: {c.bot_within_2s} of gaps within 2 s; median gap of "
            f"{c.bot_gap_s} s at most; {c.bot_hours} hours or more of each active day; quiet for "
            f"{c.bot_quiet_hours} hours of the day at most; {c.bot_same_size} of entries of one "
            "size."
        ),
        least=lambda c: c.bot_trades,
        surety="0.80",
    ),
    _badge(
        "sniper",
        _sniper,
        words=lambda c: (
            f"{c.sniper_share} or more of first purchases within 60 s of the token's launch, where "
            "that is known. Trusted half where a launch is only the oldest trade that is stored."
        ),
        least=lambda c: c.least_launches,
        surety="1.00",
    ),
    _badge(
        "arbitrageur",
        _arbitrageur,
        words=lambda c: f"{c.arbitrage_share} or more of trades end in the mint they began with.",
        least=lambda c: c.least_trades,
        surety="0.95",
    ),
    _badge(
        "sandwicher",
        _sandwicher,
        words=lambda c: (
            f"Bought and sold a token in one slot by different transactions {c.turns} times or "
            f"more, and once in {c.turns_share} of its transactions."
        ),
        least=lambda c: c.least_trades,
        surety="0.60",
    ),
    _badge(
        "sandwiched",
        _Frequent(
            MomentKind.SANDWICH,
            lambda c: c.sandwich_moments,
            lambda c: c.sandwich_share,
            lambda case: case.behaviour.sample.transactions,
            "sample.transactions",
        ),
        words=lambda c: (
            f"{c.sandwich_moments} sandwiches or more, and {c.sandwich_share} of its transactions "
            "with a trade."
        ),
        least=lambda c: c.least_trades,
        surety="0.80",
    ),
    _badge(
        "wash_trader",
        _wash_trader,
        words=lambda c: (
            f"{c.wash_turns} exits or more, and {c.wash_share} of all, within 5 minutes of their "
            "entry and within 1 % of their cost before fees."
        ),
        surety="0.50",
    ),
    _badge(
        "bag_holder",
        _Frequent(
            MomentKind.BHD,
            lambda c: c.bag_moments,
            lambda c: c.bag_share,
            lambda case: case.behaviour.sizing.usd.count,
            "sizing.usd.count",
            lambda case: len(case.part.entries) - case.behaviour.sizing.usd.count,
        ),
        words=lambda c: (
            f"{c.bag_moments} bag-holder moments (BHD) or more, and {c.bag_share} of entries that "
            "have a price."
        ),
        least=lambda c: c.least_entries,
        surety="0.80",
    ),
    _badge(
        "paper_hands",
        _Frequent(
            MomentKind.PAPER_HANDS,
            lambda c: c.paper_moments,
            lambda c: c.paper_share,
            lambda case: len(case.part.valued),
            "sample.valued_exits",
            lambda case: len(case.part.exits) - len(case.part.valued),
        ),
        words=lambda c: (
            f"{c.paper_moments} moments PAPER_HANDS or more, and {c.paper_share} of exits "
            "that have a price."
        ),
        surety="0.85",
    ),
    _badge(
        "diamond_hands",
        _Frequent(
            MomentKind.DIAMOND_HANDS,
            lambda c: c.diamond_moments,
            lambda c: c.diamond_share,
            lambda case: len(case.part.valued),
            "sample.valued_exits",
            lambda case: len(case.part.exits) - len(case.part.valued),
        ),
        words=lambda c: (
            f"{c.diamond_moments} moments DIAMOND_HANDS or more, and {c.diamond_share} of "
            "exits that have a price."
        ),
        surety="0.85",
    ),
    _badge(
        "loss_cutter",
        _loss_cutter,
        words=lambda c: (
            f"Disposition of {c.cutter_disposition} at most (losers held shorter than winners), "
            f"and a median loss of {c.cutter_loss} of the cost at most."
        ),
        surety="0.85",
    ),
    _badge(
        "lotto_player",
        _lotto_player,
        words=lambda c: (
            f"{c.lotto_deep} or more of exits lost 80 % of their cost or more, at a win rate of "
            f"{c.lotto_wins} at most."
        ),
        surety="0.80",
    ),
    _badge(
        "airdrop_hunter",
        _airdrop_hunter,
        words=lambda c: (
            f"{c.received_share} or more of exits sold mostly what came in without a trade."
        ),
        surety="0.60",
    ),
    _badge(
        "fee_burner",
        _fee_burner,
        words=lambda c: f"Fees of {c.fee_rate} of what the units sold had cost, or more.",
        surety="0.95",
    ),
)
