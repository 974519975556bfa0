"""What the golden wallet's script comes to, reckoned as plainly as can be.

Independent of the engine: nothing of `oof` is imported, amounts are integers and fractions, lots
are a list that is walked from its beginning. It is slow, and meant to be read.

The rules it follows:

- Lots are taken oldest first. Only what was bought, or came back as rent, has a known cost.
- A trade is worth its SOL leg. Without one it is worth nothing that is known in SOL.
- What a transaction cost besides is shared evenly by its trades. Buying with SOL or dollars puts
  the share on the new lot, any other trade on what it sold. A fee in a token is worth what the
  trade beside it gave for that token.
- Costs are paid out of the oldest lots of what they were paid in.
- What is staked, lent or pooled keeps its lots, and brings them back.
- An exit's profit is proceeds less cost less fees of the part whose cost is known, rounded once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from local.upstream.golden.script import Event, Swap

SOL = "So11111111111111111111111111111111111111112"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
USDT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
MONEY = (SOL, USDC, USDT)
SET_ASIDE = ("stake", "liquidity", "lending")

Money = Fraction | None
"""Lamports; None where nobody can tell."""


@dataclass
class Lot:
    """What one entry brought, and what is left of it."""

    qty: int
    left: int
    origin: str
    slot: int
    tx_index: int | None
    signature: str | None
    time: int | None
    worth: Money
    """Of all `qty`."""
    fees: Money
    cost: dict[str, int]
    """What the units that are left cost, by mint."""

    def of_rest(self, amount: Money) -> Money:
        """Return the part of an amount that is of the units left."""
        return _part(amount, self.left, self)

    @property
    def is_known(self) -> bool:
        """Whether what it cost is known."""
        return self.origin in {"trade", "rent"}


@dataclass
class Piece:
    """What an exit took of a lot."""

    lot: Lot
    qty: int
    worth: Money
    fees: Money
    cost: dict[str, int]


@dataclass
class Exit:
    """One sale of one mint."""

    mint: str
    event: Event
    place: int
    swap: Swap
    pieces: list[Piece]
    unmatched: int
    known: int
    unknown: int
    proceeds: Money
    """Of the known part, as all below."""
    cost: Money
    entry_fees: Money
    exit_fees: Money

    @property
    def profit(self) -> Money:
        """Proceeds less cost less fees."""
        spent = _sum((self.cost, self.entry_fees, self.exit_fees))
        return None if self.proceeds is None or spent is None else self.proceeds - spent

    @property
    def fees(self) -> Money:
        """On entry and exit."""
        return _sum((self.entry_fees, self.exit_fees))


@dataclass
class Held:
    """One mint of the wallet."""

    lots: list[Lot] = field(default_factory=list)
    aside: dict[str, list[Lot]] = field(default_factory=dict)
    opening: int = 0
    short: int = 0
    buys: list[Swap] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    arrived: int = 0
    went: int = 0
    paid: int = 0
    episodes: list[tuple[int, int | None, int | None, int | None]] = field(default_factory=list)
    """Slot and time of its beginning, then of its end; None while it lasts."""

    @property
    def is_exposed(self) -> bool:
        """Whether anything is held or set aside."""
        return bool(self.lots or any(self.aside.values()))


@dataclass
class Reckoning:
    """Everything a wallet came to."""

    held: dict[str, Held] = field(default_factory=dict)
    loose_fees: int = 0
    """Lamports paid for no known part of any trade, rounded a transaction."""

    def of(self, mint: str) -> Held:
        """Return what is known of a mint."""
        return self.held.setdefault(mint, Held())


def reckon(
    events: Sequence[Event],
    *,
    opening: Mapping[str, int] | None = None,
    index_of: Mapping[str, int] | None = None,
) -> Reckoning:
    """Return what the events came to, for a wallet that held `opening` before the first."""
    result = Reckoning()
    waiting = {mint: raw for mint, raw in (opening or {}).items() if raw}
    for event in events:
        _Turn(result, event, (index_of or {}).get(event.signature)).run(waiting)
    return result


def balances_after(events: Iterable[Event]) -> dict[str, int]:
    """Return what the wallet holds after the events."""
    found: dict[str, int] = {}
    for event in events:
        for mint, raw in changes_of(event).items():
            found[mint] = found.get(mint, 0) + raw
    return found


def changes_of(event: Event) -> dict[str, int]:
    """Return by how much each mint changed, in all."""
    found: dict[str, int] = {}
    for swap in event.swaps:
        found[swap.sold_mint] = found.get(swap.sold_mint, 0) - swap.sold_raw
        found[swap.bought_mint] = found.get(swap.bought_mint, 0) + swap.bought_raw
    for move in event.moves:
        found[move.mint] = found.get(move.mint, 0) + move.raw
    for mint, raw in event.paid.items():
        found[mint] = found.get(mint, 0) - raw
    return {mint: raw for mint, raw in found.items() if raw}


def sol_leg(swap: Swap) -> Money:
    """Return what a swap was worth in lamports."""
    if swap.sold_mint == SOL:
        return Fraction(swap.sold_raw)
    if swap.bought_mint == SOL:
        return Fraction(swap.bought_raw)
    return None


def whole(amount: Money) -> int | None:
    """Round to whole lamports, half to even."""
    return None if amount is None else round(amount)


def counted(amount: Money) -> int:
    """Round to whole lamports; what is not known counts nothing."""
    return whole(amount) or 0


class _Turn:
    """One event on its way into a reckoning."""

    def __init__(self, result: Reckoning, event: Event, tx_index: int | None) -> None:
        self.result, self.event, self.tx_index = result, event, tx_index
        self.loose = Fraction(0)
        self.touched: set[str] = set()

    def run(self, waiting: dict[str, int]) -> None:
        event = self.event
        for mint in sorted(changes_of(event).keys() & waiting.keys()):
            self._open(mint, waiting.pop(mint))
        for move in sorted(event.moves, key=lambda move: (move.mint, move.why)):
            if move.raw > 0:
                self._come(move.mint, move.raw, move.why)
        fees = self._fees()
        for place, swap in enumerate(event.swaps):
            share = None if fees is None else fees / len(event.swaps)
            self._trade(swap, share, place)
        if not event.swaps:
            # what a token withheld has no worth that is known; what was paid in SOL has
            self.loose += event.paid.get(SOL, 0)
        for move in event.moves:
            if move.raw < 0:
                self._go(move.mint, -move.raw, move.why)
        for mint, raw in sorted(event.paid.items()):
            self._pay(mint, raw)
        self.result.loose_fees += round(self.loose)
        for mint in sorted(self.touched):
            self._note(mint)

    def _open(self, mint: str, raw: int) -> None:
        held = self.result.of(mint)
        held.opening += raw
        lot = self._lot(raw, "opening", None)
        lot.signature = lot.time = None
        held.lots.append(lot)
        held.episodes.append((self.event.slot, None, None, None))

    def _lot(self, raw: int, origin: str, worth: Money, fees: Money = Fraction(0)) -> Lot:
        event = self.event
        place = (event.slot, self.tx_index, event.signature, event.time)
        return Lot(raw, raw, origin, *place, worth, fees, {})

    def _fees(self) -> Money:
        """Return what the event cost besides, in lamports."""
        total = Fraction(0)
        for mint, raw in self.event.paid.items():
            worth = self._fee(mint, raw)
            if worth is None:
                return None
            total += worth
        return total

    def _fee(self, mint: str, raw: int) -> Money:
        if mint == SOL:
            return Fraction(raw)
        for swap in self.event.swaps:
            leg = sol_leg(swap)
            if leg is not None and mint == swap.sold_mint:
                return leg * raw / swap.sold_raw
            if leg is not None and mint == swap.bought_mint:
                return leg * raw / swap.bought_raw
        return None

    def _trade(self, swap: Swap, fees: Money, place: int) -> None:
        worth = sol_leg(swap)
        on_entry = swap.sold_mint in MONEY and swap.bought_mint not in MONEY
        self._sell(swap, worth, Fraction(0) if on_entry else fees, place)
        lot = self._lot(swap.bought_raw, "trade", worth, fees if on_entry else Fraction(0))
        lot.cost = {swap.sold_mint: swap.sold_raw}
        bought = self.result.of(swap.bought_mint)
        bought.lots.append(lot)
        bought.buys.append(swap)
        self.touched.add(swap.bought_mint)

    def _sell(self, swap: Swap, worth: Money, fees: Money, place: int) -> None:
        held = self.result.of(swap.sold_mint)
        pieces, missing = self._take(swap.sold_mint, swap.sold_raw)
        known = [piece for piece in pieces if piece.lot.is_known]
        units = sum(piece.qty for piece in known)
        part = Fraction(units, swap.sold_raw)
        exit_fees = None if fees is None else fees * part
        if fees is not None:
            self.loose += fees - fees * part
        held.exits.append(
            Exit(
                swap.sold_mint,
                self.event,
                place,
                swap,
                pieces,
                missing,
                units,
                swap.sold_raw - missing - units,
                None if worth is None else worth * part,
                _sum(piece.worth for piece in known),
                _sum(piece.fees for piece in known),
                exit_fees,
            )
        )

    def _take(self, mint: str, raw: int) -> tuple[list[Piece], int]:
        held = self.result.of(mint)
        self.touched.add(mint)
        pieces, missing = take(held.lots, raw)
        held.short += missing
        return pieces, missing

    def _come(self, mint: str, raw: int, why: str) -> None:
        held = self.result.of(mint)
        self.touched.add(mint)
        held.arrived += raw
        if why in SET_ASIDE:
            pieces, raw = take(held.aside.get(why, []), raw)
            put_back(held.lots, pieces)
        if raw:
            origin = "transfer" if why == "transfer" else "income"
            held.lots.append(self._lot(raw, origin, None))

    def _go(self, mint: str, raw: int, why: str) -> None:
        held = self.result.of(mint)
        held.went += raw
        pieces, _ = self._take(mint, raw)
        if why in SET_ASIDE:
            put_back(held.aside.setdefault(why, []), pieces)

    def _pay(self, mint: str, raw: int) -> None:
        held = self.result.of(mint)
        held.paid += raw
        if raw > 0:
            self._take(mint, raw)
        else:
            self.touched.add(mint)
            held.lots.append(self._lot(-raw, "rent", self._fee(mint, -raw)))

    def _note(self, mint: str) -> None:
        held, here = self.result.of(mint), (self.event.slot, self.event.time)
        lasts = bool(held.episodes) and held.episodes[-1][2] is None
        if held.is_exposed and not lasts:
            held.episodes.append((*here, None, None))
        elif lasts and not held.is_exposed:
            held.episodes[-1] = (*held.episodes[-1][:2], *here)


def take(lots: list[Lot], raw: int) -> tuple[list[Piece], int]:
    """Take units from the front of a list; return the pieces, and how many were not there."""
    pieces = []
    while raw and lots:
        lot = lots[0]
        qty = min(raw, lot.left)
        cost = {mint: each * qty // lot.left for mint, each in lot.cost.items()}
        pieces.append(Piece(lot, qty, _part(lot.worth, qty, lot), _part(lot.fees, qty, lot), cost))
        lot.cost = {mint: each - cost[mint] for mint, each in lot.cost.items()}
        lot.left -= qty
        raw -= qty
        if not lot.left:
            lots.pop(0)
    return pieces, raw


def put_back(lots: list[Lot], pieces: Iterable[Piece]) -> None:
    """Put pieces among lots, by the age they have."""
    for piece in pieces:
        old = piece.lot
        place = (old.slot, old.tx_index, old.signature, old.time)
        part = (piece.worth, piece.fees, dict(piece.cost))
        lots.append(Lot(piece.qty, piece.qty, old.origin, *place, *part))
    lots.sort(key=lambda lot: (lot.slot, lot.tx_index is None, lot.tx_index or 0))


def _part(amount: Money, qty: int, lot: Lot) -> Money:
    return None if amount is None else amount * qty / lot.qty


def _sum(amounts: Iterable[Money]) -> Money:
    total = Fraction(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
