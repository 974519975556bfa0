"""Find the moments of positions that are marked, exactly once.

What changed a position marks it, in its own transaction, and so does a window that is open, for
when it is to be looked at again. A look takes some marks, tells each position's story from where
its episode began, and makes what is stored what detectors find: found again, nothing changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from oof.domain.moments.config import DEFAULTS, MomentConfig
from oof.domain.moments.model import Story
from oof.domain.moments.needs import next_look, spans_of
from oof.domain.moments.parts import StoryParts, lot_slice
from oof.domain.moments.registry import detect
from oof.domain.moments.stored import (
    MomentPlan,
    StoredMoment,
    joined,
    plan_moments,
    wallet_moments,
)
from oof.domain.positions.lots import PRICED_ORIGINS
from oof.domain.positions.valuation import Prices, lot_needs
from oof.domain.prices.book import PriceBook, Span
from oof.domain.tokens import DOLLARS
from oof.domain.units import SOL_MINT, Address, Mint, Slot, UnixSeconds
from oof.ports.facts import FactStore, FactTransaction
from oof.ports.moments import DueMoments, MomentMark, MomentTurn
from oof.ports.system import Clock, unix_now

DOLLARS_WAIT: Final = timedelta(minutes=15)
SOL_WAIT: Final = timedelta(hours=1)
"""How long these wait for a look: every trade moves them, and their stories are long; that of SOL
is the wallet's whole history."""
SPREAD_S: Final = 900
"""Looks that time alone asks for fall on whole hours: wallets take turns over so many seconds."""
_WAITS: Final = {SOL_MINT: SOL_WAIT, **dict.fromkeys(DOLLARS, DOLLARS_WAIT)}
_ALWAYS: Final = Slot(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectDeps:
    """What detecting needs."""

    facts: FactStore
    clock: Clock
    config: MomentConfig = DEFAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSizes:
    """How much is done at once."""

    positions: int = 20
    """Of one database transaction; what is beyond has its own."""


class DetectReport(NamedTuple):
    """What one turn did."""

    positions: int
    changed: int
    """Moments that are new, other than before, or gone."""
    has_more: bool


SIZES: Final = DetectSizes()
_NOTHING: Final = DetectReport(0, 0, has_more=False)


def detect_moments(
    wallet: Address, *, deps: DetectDeps, sizes: DetectSizes = SIZES
) -> DetectReport:
    """Look at up to `sizes.positions` marked positions; `has_more` where there may be others.

    Raises `StoreUnavailable` or `Conflict`: nothing happened, or all of it did; try again.
    """
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        turn = transaction.lock_moments(wallet)
        if turn is None:
            return _NOTHING
        due = transaction.take_due_moments(turn.wallet_id, at=at, limit=sizes.positions)
        if not due:
            return _NOTHING
        look = _Look(transaction, turn, wallet, unix_now(deps.clock), deps.config)
        plan = look.plan(due)
        if not plan.is_empty:
            transaction.write_moments(turn.wallet_id, plan, at=at)
            transaction.mark_portrait(turn.wallet_id, at=at)
        transaction.mark_moments(turn.wallet_id, look.marks)
    changed = len(plan.put) + len(plan.gone)
    return DetectReport(len(due), changed, has_more=len(due) == sizes.positions)


def marks_of(slots: Mapping[Mint, Slot], at: datetime) -> list[MomentMark]:
    """Return marks of positions that changed from a slot on; quotes are looked at later.

    Trades of SOL against dollars are told in the story of SOL, which is never valued by itself.
    """
    changed = dict(slots)
    dollars = [slot for mint, slot in slots.items() if mint in DOLLARS]
    if dollars:
        changed[SOL_MINT] = min([*dollars, changed.get(SOL_MINT, dollars[0])])
    return [
        MomentMark(mint, slot, at + _WAITS.get(mint, timedelta())) for mint, slot in changed.items()
    ]


class _Look:
    """A look at some positions of a locked wallet."""

    def __init__(
        self,
        transaction: FactTransaction,
        turn: MomentTurn,
        wallet: Address,
        now: UnixSeconds,
        config: MomentConfig,
    ) -> None:
        self._transaction = transaction
        self._turn = turn
        self._wallet = wallet
        self._now = now
        self._config = config
        self.marks: list[MomentMark] = []

    def plan(self, due: Sequence[DueMoments]) -> MomentPlan:
        """Return what is to change, and mark what is to be looked at again."""
        told = self._transaction.story_parts(self._turn, due, dust_usd=self._config.dust_usd)
        book = self._transaction.price_book(span for each in told for span in self._needs(each))
        starts = [DueMoments(each.mint, each.first_slot) for each in told]
        stored = self._transaction.stored_moments(self._turn.wallet_id, starts)
        return joined([self._compare(each, book, stored) for each in told])

    def _compare(
        self, parts: StoryParts, book: PriceBook, stored: Iterable[StoredMoment]
    ) -> MomentPlan:
        story = self._story(parts, book)
        moments = detect(story, self._config)
        look_at = next_look(story, self._config, moments)
        if look_at is not None:
            when = datetime.fromtimestamp(look_at + self._turn.wallet_id % SPREAD_S, UTC)
            self.marks.append(MomentMark(parts.mint, parts.first_slot, when))
        own = [each for each in stored if each.moment.mint == parts.mint]
        found = wallet_moments(self._wallet, moments, parts.tx_ids)
        return plan_moments(own, found, from_slot=parts.first_slot)

    def _needs(self, parts: StoryParts) -> Iterable[Span]:
        yield from spans_of(self._story(parts, PriceBook()), self._config)
        for lot in parts.lots:
            yield from lot_needs(parts.mint, lot)

    def _story(self, parts: StoryParts, book: PriceBook) -> Story:
        """Return the story of a position.

        What depends on whether the history is whole, or is final, says so always: whether it is
        shown is found out when it is read.
        """
        prices = Prices(book=book)
        return Story(
            wallet=self._wallet,
            mint=parts.mint,
            now=self._now,
            prices=book,
            trades=parts.trades,
            exits=parts.exits,
            records=parts.records,
            open_lots=tuple(
                lot_slice(
                    lot,
                    prices.lot(parts.mint, lot)[0].usd
                    if lot.entry.origin in PRICED_ORIGINS
                    else None,
                )
                for lot in parts.lots
            ),
            balances=parts.balances,
            episodes=parts.episodes,
            fees=parts.fees,
            neighbours=parts.neighbours,
            is_history_partial=True,
            soft_from=_ALWAYS,
        )
