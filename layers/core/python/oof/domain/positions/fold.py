"""The fold of one wallet's history into positions, one a mint.

Deterministic and incremental: the same transactions in chain order always give the same state, and
a fold continued from a saved state is the fold of the whole. Every mint is a position, SOL and
stablecoins included, so that nothing a wallet ever held is outside of the sums:

- a trade exits what was sold and enters what was bought, at the same worth;
- what a transaction cost besides is shared evenly among its trades and stays apart from price; the
  SOL it was paid in leaves its own lots at what it was worth, like anything that is given away for
  something;
- what arrives without a trade is a lot of unknown basis; what leaves so takes lots with it, and is
  neither profit nor loss;
- what is staked, lent, pooled or escrowed is set aside with its basis, and comes back with it;
- an exit beyond known lots is unmatched: counted, and no profit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from oof.domain.positions.events import LENT, Disposal, Exchange, Flow, WalletTransaction
from oof.domain.positions.lots import (
    PRICED_ORIGINS,
    Entry,
    LotBook,
    Method,
    Moment,
    Origin,
    Slice,
)
from oof.domain.positions.worth import NOTHING, UNKNOWN, ZERO, Worth
from oof.domain.tokens import QUOTES
from oof.domain.transactions.model import Kind
from oof.domain.units import Mint, RawAmount, Signature, UnixSeconds


class Valuer(Protocol):
    """What amounts were worth when they moved; unknown where nobody can tell."""

    def exchange(self, exchange: Exchange, at: UnixSeconds | None) -> Worth:
        """Return what a trade was worth, by the surest of its two legs."""
        ...

    def amount(self, mint: Mint, raw: RawAmount, at: UnixSeconds | None) -> Worth:
        """Return what an amount was worth at a time."""
        ...


class Realized(NamedTuple):
    """What one exit came to, its parts apart.

    `known` and `unknown` quantities and `unmatched_raw` add up to what was given.
    """

    mint: Mint
    moment: Moment
    signature: Signature
    at: UnixSeconds | None
    qty_raw: RawAmount
    """Units whose basis is known."""
    unknown_raw: RawAmount
    """Units that came in without a cost anybody knows."""
    unmatched_raw: RawAmount
    bought: Exchange | Disposal | None
    """What was got for it; None where units were paid as fees."""
    worth: Worth
    """What was got for all of them, known or not."""
    proceeds: Worth
    """Of the known units alone."""
    cost: Worth
    entry_fees: Worth
    exit_fees: Worth
    """The known units' share."""
    slices: tuple[Slice, ...]
    method_fallback: Method | None = None
    """The method used where the one asked for could not rank the lots."""

    @property
    def pnl(self) -> Worth:
        """Proceeds less cost and all fees."""
        return self.proceeds.minus(self.cost).minus(self.entry_fees).minus(self.exit_fees)


class Episode(NamedTuple):
    """From holding nothing to holding nothing again."""

    mint: Mint
    number: int
    """From 1; every one after the first is a re-entry."""
    opened: Moment
    opened_at: UnixSeconds | None
    closed: Moment
    closed_at: UnixSeconds | None


@dataclass(slots=True)
class Position:
    """Where one mint stands."""

    mint: Mint
    book: LotBook
    aside: dict[Kind, LotBook] = field(default_factory=dict)
    """Lots that are staked, lent, pooled or escrowed."""
    unmatched_raw: int = 0
    """Units that left though no lot of them was known."""
    episodes: int = 0
    opened: tuple[Moment, UnixSeconds | None] | None = None
    """When the present episode began; None where nothing is held."""

    @property
    def held_raw(self) -> int:
        """Units in open lots, without those set aside."""
        return self.book.qty_raw


@dataclass(slots=True)
class WalletFold:
    """All positions of a wallet, and what of its fees belongs to none of them."""

    valuer: Valuer
    method: Method = Method.FIFO
    positions: dict[Mint, Position] = field(default_factory=dict)
    other_fees: Worth = NOTHING
    """Paid in transactions without a trade, failed ones included."""

    def open_with(self, held: Mapping[Mint, RawAmount], moment: Moment) -> None:
        """Begin with what was held before the oldest known transaction, at unknown basis."""
        for mint, raw in sorted(held.items()):
            position = self.position(mint)
            position.book.enter(Entry(moment, raw, {}, origin=Origin.OPENING))
            self._note_exposure(position, moment, None)

    def apply(self, transaction: WalletTransaction) -> tuple[list[Realized], list[Episode]]:
        """Advance by one transaction; return what it realized and which episodes it ended."""
        step = _Step(self, transaction)
        step.run()
        ended = [
            episode
            for mint in sorted(step.touched)
            if (episode := self._note_exposure(self.positions[mint], *step.when)) is not None
        ]
        return step.realized, ended

    def position(self, mint: Mint) -> Position:
        """Return a mint's position, an empty one where there was none."""
        position = self.positions.get(mint)
        if position is None:
            position = self.positions[mint] = Position(mint, LotBook(self.method))
        return position

    def _note_exposure(
        self, position: Position, moment: Moment, at: UnixSeconds | None
    ) -> Episode | None:
        is_exposed = bool(position.book.lots) or any(b.lots for b in position.aside.values())
        if is_exposed and position.opened is None:
            position.episodes += 1
            position.opened = (moment, at)
        elif not is_exposed and position.opened is not None:
            opened, position.opened = position.opened, None
            return Episode(position.mint, position.episodes, *opened, moment, at)
        return None


class _Step:
    """One transaction on its way into the fold."""

    def __init__(self, fold: WalletFold, transaction: WalletTransaction) -> None:
        self._fold = fold
        self._transaction = transaction
        self.realized: list[Realized] = []
        self.touched: set[Mint] = set()
        self.when = (transaction.moment, transaction.at)

    def run(self) -> None:
        """Arrivals first, then trades and disposals, then what leaves and what it all cost."""
        transaction = self._transaction
        flows = transaction.flows
        for flow in flows:
            if flow.delta_raw > 0:
                self._arrive(flow)
        fees = self._fees()
        shares = _shared(fees, len(transaction.exchanges))
        for exchange, share in zip(transaction.exchanges, shares, strict=True):
            self._exchange(exchange, share)
        if not transaction.exchanges:
            self._fold.other_fees = self._fold.other_fees.plus(self._known_fees())
        for disposal in transaction.disposals:
            self._exit(disposal.mint, disposal.raw, disposal.worth, NOTHING, disposal)
        for flow in flows:
            if flow.delta_raw < 0:
                self._leave(flow)
        for mint, raw in transaction.fees_raw.items():
            self._pay(mint, raw)

    def _at(self, mint: Mint) -> Position:
        self.touched.add(mint)
        return self._fold.position(mint)

    def _fees(self) -> Worth:
        total = NOTHING
        for mint, raw in self._transaction.fees_raw.items():
            worth = self._paid(mint, RawAmount(abs(raw)))
            total = total.plus(worth) if raw > 0 else total.minus(worth)
        return total

    def _known_fees(self) -> Worth:
        """What is known of the fees: where one has no worth, what is paid beside it has."""
        total = NOTHING
        for mint, raw in self._transaction.fees_raw.items():
            usd, lamports = self._paid(mint, RawAmount(abs(raw)))
            known = Worth(usd or ZERO, lamports or ZERO)
            total = total.plus(known) if raw > 0 else total.minus(known)
        return total

    def _paid(self, mint: Mint, raw: RawAmount) -> Worth:
        """What an amount was worth; where nobody prices the mint, by the trade it belongs to."""
        valuer, at = self._fold.valuer, self._transaction.at
        worth = valuer.amount(mint, raw, at)
        for exchange in self._transaction.exchanges:
            if None not in worth:
                break
            if mint in {exchange.sold_mint, exchange.bought_mint}:
                is_sold = mint == exchange.sold_mint
                units = exchange.sold_raw if is_sold else exchange.bought_raw
                told = valuer.exchange(exchange, at).part(raw, units)
                usd = told.usd if worth.usd is None else worth.usd
                lamports = told.lamports if worth.lamports is None else worth.lamports
                worth = Worth(usd, lamports)
        return worth

    def _exchange(self, exchange: Exchange, fees: Worth) -> None:
        worth = self._fold.valuer.exchange(exchange, self._transaction.at)
        # What was bought with SOL or dollars bears what buying it cost; else what was sold does.
        on_entry = exchange.sold_mint in QUOTES and exchange.bought_mint not in QUOTES
        self._exit(
            exchange.sold_mint, exchange.sold_raw, worth, NOTHING if on_entry else fees, exchange
        )
        entry = Entry(
            self._transaction.moment,
            exchange.bought_raw,
            {exchange.sold_mint: exchange.sold_raw},
            worth,
            fees if on_entry else NOTHING,
            Origin.TRADE,
            self._transaction.signature,
            self._transaction.at,
        )
        self._at(exchange.bought_mint).book.enter(entry)

    def _pay(self, mint: Mint, raw: RawAmount) -> None:
        worth = self._paid(mint, RawAmount(abs(raw)))
        if raw > 0:
            self._exit(mint, raw, worth, NOTHING, None)
            return
        back = RawAmount(-raw)
        self._at(mint).book.enter(self._entry(back, worth, Origin.RENT))

    def _exit(
        self,
        mint: Mint,
        raw: RawAmount,
        worth: Worth,
        fees: Worth,
        bought: Exchange | Disposal | None,
    ) -> None:
        position = self._at(mint)
        taken = position.book.exit(raw)
        position.unmatched_raw += taken.unmatched_raw
        known = [part for part in taken.slices if part.entry.origin in PRICED_ORIGINS]
        known_raw = sum(part.qty_raw for part in known)
        exit_fees = fees.part(known_raw, raw)
        self._fold.other_fees = self._fold.other_fees.plus(fees.minus(exit_fees))
        self.realized.append(
            Realized(
                mint,
                self._transaction.moment,
                self._transaction.signature,
                self._transaction.at,
                RawAmount(known_raw),
                RawAmount(taken.matched_raw - known_raw),
                taken.unmatched_raw,
                bought,
                worth,
                worth.part(known_raw, raw),
                total(part.worth for part in known),
                total(part.fees for part in known),
                exit_fees,
                taken.slices,
                taken.method_fallback,
            )
        )

    def _arrive(self, flow: Flow) -> None:
        position = self._at(flow.mint)
        left = int(flow.delta_raw)
        aside = position.aside.get(flow.kind)
        if aside is not None:
            taken = aside.exit(flow.delta_raw)
            position.book.restore(taken.slices)
            left = taken.unmatched_raw
        origin = Origin.INCOME if flow.kind in LENT else flow.origin
        position.book.enter(self._entry(RawAmount(left), UNKNOWN, origin))

    def _leave(self, flow: Flow) -> None:
        position = self._at(flow.mint)
        taken = position.book.exit(RawAmount(-flow.delta_raw))
        position.unmatched_raw += taken.unmatched_raw
        if flow.kind in LENT:
            aside = position.aside.setdefault(flow.kind, LotBook(self._fold.method))
            aside.restore(taken.slices)

    def _entry(self, raw: RawAmount, worth: Worth, origin: Origin) -> Entry:
        transaction = self._transaction
        return Entry(
            transaction.moment,
            raw,
            {},
            worth,
            NOTHING,
            origin,
            transaction.signature,
            transaction.at,
        )


def total(parts: Iterable[Worth]) -> Worth:
    """Return the sum of amounts; unknown where any of them is."""
    whole = NOTHING
    for part in parts:
        whole = whole.plus(part)
    return whole


def _shared(worth: Worth, among: int) -> list[Worth]:
    return [worth.part(1, among)] * among
