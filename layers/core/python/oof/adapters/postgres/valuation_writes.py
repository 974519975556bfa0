"""What positions are worth in dollars, in Postgres, under the wallet's row lock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.price_books import load_book
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.positions.days import (
    FIGURES,
    DayFigures,
    DayRow,
    PositionUsd,
    encode_usd,
    figures_of_row,
)
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.positions.valuation import ExitValue, Wait
from oof.domain.prices.book import PriceBook, Span
from oof.domain.units import Address, Mint, Slot
from oof.domain.windows import NO_DAY
from oof.ports.valuation import OpenedDays, TradeKey

MARK: Final = """
ON CONFLICT (wallet_id, mint_id) DO UPDATE SET
    from_slot = least(d.from_slot, excluded.from_slot), at = least(d.at, excluded.at)
"""
"""The end of every statement that inserts into `valuation_due AS d`."""

# In the order of mints, as who marks them does.
_TAKE: Final = """
WITH picked AS (
    SELECT mint_id FROM valuation_due WHERE wallet_id = %(wallet_id)s
    ORDER BY mint_id LIMIT %(limit)s FOR UPDATE
), taken AS (
    DELETE FROM valuation_due d USING picked p
    WHERE d.wallet_id = %(wallet_id)s AND d.mint_id = p.mint_id RETURNING d.mint_id, d.from_slot
)
SELECT m.address, t.from_slot FROM taken t JOIN mints m USING (mint_id)
"""
# Days whose trades changed: they reached the slot when they were summed, or do now.
_OPEN_DAYS: Final = """
WITH due AS (
    SELECT m.mint_id, i.slot
    FROM unnest(%(mint)s::bytea[], %(slot)s::int4[]) AS i (mint, slot)
    JOIN mints m ON m.address = i.mint
), traded AS (
    SELECT d.mint_id, e.document->>'at' AS at FROM due d JOIN position_exits e
        ON e.wallet_id = %(wallet_id)s AND e.mint_id = d.mint_id AND e.slot >= d.slot
    UNION ALL
    SELECT d.mint_id, e.document->>'at' FROM due d JOIN position_entries e
        ON e.wallet_id = %(wallet_id)s AND e.mint_id = d.mint_id AND e.slot >= d.slot
), touched AS (
    SELECT DISTINCT mint_id, coalesce((at::int8 / 86400)::int4, %(no_day)s) AS day FROM traded
), gone AS (
    DELETE FROM position_days p USING due d
    WHERE p.wallet_id = %(wallet_id)s AND p.mint_id = d.mint_id
        AND (p.last_slot >= d.slot OR (p.mint_id, p.day) IN (SELECT mint_id, day FROM touched))
    RETURNING p.mint_id, p.day, p.first_slot
), opened AS (
    SELECT d.mint_id, least(d.slot, min(g.first_slot)) AS slot
    FROM due d LEFT JOIN gone g USING (mint_id) GROUP BY d.mint_id, d.slot
), forgotten AS (
    DELETE FROM valuation_waits v USING opened o
    WHERE v.wallet_id = %(wallet_id)s AND v.mint_id = o.mint_id AND v.from_slot >= o.slot
)
SELECT m.address, o.slot, ARRAY(
    SELECT day FROM touched t WHERE t.mint_id = o.mint_id
    UNION SELECT day FROM gone g WHERE g.mint_id = o.mint_id)
FROM opened o JOIN mints m USING (mint_id)
"""
# By the primary keys of both, from each mint's slot on.
_TRADES: Final = """
WITH since AS (
    SELECT m.mint_id, i.mint, i.slot
    FROM unnest(%(mint)s::bytea[], %(slot)s::int4[]) AS i (mint, slot)
    JOIN mints m ON m.address = i.mint
), traded AS (
    SELECT s.mint, e.slot, e.tx_id, false AS is_entry, e.place, e.document
    FROM since s JOIN position_exits e
        ON e.wallet_id = %(wallet_id)s AND e.mint_id = s.mint_id AND e.slot >= s.slot
    UNION ALL
    SELECT s.mint, e.slot, e.tx_id, true, e.place, e.document
    FROM since s JOIN position_entries e
        ON e.wallet_id = %(wallet_id)s AND e.mint_id = s.mint_id AND e.slot >= s.slot
)
SELECT * FROM traded WHERE %(after_mint)s::bytea IS NULL OR (mint, slot, tx_id, is_entry, place) >
    (%(after_mint)s, %(after_slot)s::int4, %(after_tx)s::int8, %(after_entry)s::boolean,
     %(after_place)s::int2)
ORDER BY mint, slot, tx_id, is_entry, place LIMIT %(limit)s
"""
_WRITE_EXITS: Final = """
UPDATE position_exits e SET proceeds_usd = i.proceeds, cost_usd = i.cost, fees_usd = i.fees,
    pnl_usd = i.pnl, usd = i.usd
FROM unnest(%(mint)s::bytea[], %(slot)s::int4[], %(tx_id)s::int8[], %(place)s::int2[],
    %(proceeds)s::numeric[], %(cost)s::numeric[], %(fees)s::numeric[], %(pnl)s::numeric[],
    %(usd)s::jsonb[]) AS i (mint, slot, tx_id, place, proceeds, cost, fees, pnl, usd)
JOIN mints m ON m.address = i.mint
WHERE e.wallet_id = %(wallet_id)s AND e.mint_id = m.mint_id AND e.slot = i.slot
    AND e.tx_id = i.tx_id AND e.place = i.place
    AND (e.proceeds_usd, e.cost_usd, e.fees_usd, e.pnl_usd, e.usd)
        IS DISTINCT FROM (i.proceeds, i.cost, i.fees, i.pnl, i.usd)
"""
_DAY_SUMS: Final = f"""
SELECT m.address, {", ".join(f"sum(d.{name})" for name in FIGURES)}
FROM mints m JOIN position_days d USING (mint_id)
WHERE d.wallet_id = %s AND m.address = ANY(%s) GROUP BY m.address
"""  # noqa: S608 - names of our own columns
_WRITE_DAYS: Final = f"""
INSERT INTO position_days (wallet_id, mint_id, day, first_slot, last_slot, first_at, last_at,
    {", ".join(FIGURES)})
SELECT %(wallet_id)s, m.mint_id, i.day, i.first_slot, i.last_slot, i.first_at, i.last_at,
    {", ".join(f"i.{name}" for name in FIGURES)}
FROM unnest(%(mint)s::bytea[], %(day)s::int4[], %(first_slot)s::int4[], %(last_slot)s::int4[],
    %(first_at)s::int8[], %(last_at)s::int8[],
    {", ".join(f"%({name})s::numeric[]" for name in FIGURES)})
    AS i (mint, day, first_slot, last_slot, first_at, last_at, {", ".join(FIGURES)})
JOIN mints m ON m.address = i.mint
"""  # noqa: S608 - names of our own columns
_SAVE: Final = """
WITH valued AS (
    UPDATE positions p SET usd = i.usd
    FROM unnest(%(mint)s::bytea[], %(usd)s::jsonb[]) AS i (mint, usd)
    JOIN mints m ON m.address = i.mint
    WHERE p.wallet_id = %(wallet_id)s AND p.mint_id = m.mint_id
        AND p.usd IS DISTINCT FROM i.usd
), waiting AS (
    INSERT INTO valuation_waits AS v
        (price_mint_id, day, wallet_id, mint_id, from_slot, is_missing)
    SELECT q.mint_id, i.day, %(wallet_id)s, m.mint_id, i.from_slot, i.is_missing
    FROM unnest(%(priced)s::bytea[], %(day)s::int4[], %(of)s::bytea[], %(from_slot)s::int4[],
        %(is_missing)s::boolean[]) AS i (priced, day, mint, from_slot, is_missing)
    JOIN mints q ON q.address = i.priced JOIN mints m ON m.address = i.mint
    ON CONFLICT (price_mint_id, day, wallet_id, mint_id) DO UPDATE SET
        from_slot = least(v.from_slot, excluded.from_slot),
        is_missing = v.is_missing OR excluded.is_missing
)
UPDATE tracked_wallets SET revision = revision + 1, changed_at = %(at)s
WHERE wallet_id = %(wallet_id)s
"""
_TOUCH: Final = """
UPDATE tracked_wallets SET revision = revision + 1, changed_at = %s
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %s)
"""
# By valuation_due_at.
_UNVALUED: Final = """
SELECT w.address FROM valuation_due d
JOIN tracked_wallets t USING (wallet_id) JOIN wallets w USING (wallet_id)
WHERE d.at < %s AND t.blocked_code IS NULL
GROUP BY w.wallet_id, w.address ORDER BY min(d.at), w.wallet_id LIMIT %s
"""


class ValuationWrites:
    """The side of a transaction that keeps what positions are worth in dollars."""

    _cursor: Cursor

    def take_due(self, wallet_id: int, *, limit: int) -> dict[Mint, Slot]:
        """See `ValuationTransaction.take_due`."""
        keys = {"wallet_id": wallet_id, "limit": limit}
        return _slots(self._cursor.execute(_TAKE, keys).fetchall())

    def open_days(self, wallet_id: int, due: Mapping[Mint, Slot]) -> dict[Mint, OpenedDays]:
        """See `ValuationTransaction.open_days`."""
        keys = {"wallet_id": wallet_id, "no_day": NO_DAY, **_columns(_keyed(due))}
        return {
            Mint(address_of(mint)): OpenedDays(Slot(slot), frozenset(days))
            for mint, slot, days in self._cursor.execute(_OPEN_DAYS, keys).fetchall()
        }

    def trades(
        self, wallet_id: int, since: Mapping[Mint, Slot], *, after: TradeKey | None, limit: int
    ) -> tuple[ExitRow | EntryRow, ...]:
        """See `ValuationTransaction.trades`."""
        wanted = _keyed(since)
        start = dict.fromkeys(("mint", "slot", "tx", "entry", "place"))
        if after is not None:
            reached = address_bytes(Address(after.mint))
            wanted = {mint: slot for mint, slot in wanted.items() if mint >= reached}
            wanted[reached] = after.slot
            start = dict(zip(start, (reached, *after[1:]), strict=True))
        asked = {
            "wallet_id": wallet_id,
            **_columns(wanted),
            **{f"after_{name}": value for name, value in start.items()},
            "limit": limit,
        }
        return tuple(_trade(row) for row in self._cursor.execute(_TRADES, asked).fetchall())

    def price_book(self, spans: Iterable[Span]) -> PriceBook:
        """See `ValuationTransaction.price_book`."""
        return load_book(self._cursor, spans)

    def write_exit_values(self, wallet_id: int, values: Sequence[ExitValue]) -> None:
        """See `ValuationTransaction.write_exit_values`."""
        if not values:
            return
        columns = {
            "mint": [address_bytes(Address(value.row.mint)) for value in values],
            "slot": [value.row.slot for value in values],
            "tx_id": [value.row.tx_id for value in values],
            "place": [value.row.place for value in values],
            "proceeds": [value.proceeds_usd for value in values],
            "cost": [value.cost_usd for value in values],
            "fees": [value.fees_usd for value in values],
            "pnl": [value.pnl_usd for value in values],
            "usd": [_json(value.basis) for value in values],
        }
        self._cursor.execute(_WRITE_EXITS, {"wallet_id": wallet_id, **columns})

    def day_sums(self, wallet_id: int, mints: Sequence[Mint]) -> dict[Mint, DayFigures]:
        """See `ValuationTransaction.day_sums`."""
        keys = [address_bytes(Address(mint)) for mint in mints]
        rows = self._cursor.execute(_DAY_SUMS, (wallet_id, keys)).fetchall()
        return {
            Mint(address_of(mint)): figures_of_row(dict(zip(FIGURES, sums, strict=True)))
            for mint, *sums in rows
        }

    def write_days(self, wallet_id: int, days: Sequence[DayRow]) -> None:
        """See `ValuationTransaction.write_days`."""
        if not days:
            return
        columns = {
            "mint": [address_bytes(Address(row.mint)) for row in days],
            "day": [row.day for row in days],
            "first_slot": [row.first_slot for row in days],
            "last_slot": [row.last_slot for row in days],
            "first_at": [row.first_at for row in days],
            "last_at": [row.last_at for row in days],
            **{name: [getattr(row.figures, name) for row in days] for name in FIGURES},
        }
        self._cursor.execute(_WRITE_DAYS, {"wallet_id": wallet_id, **columns})

    def save_values(
        self,
        wallet_id: int,
        positions: Mapping[Mint, PositionUsd],
        waits: Mapping[Mint, Sequence[Wait]],
        *,
        at: datetime,
    ) -> None:
        """See `ValuationTransaction.save_values`."""
        waiting = _by_day(waits)
        keys = {
            "wallet_id": wallet_id,
            "mint": [address_bytes(Address(mint)) for mint in positions],
            "usd": [_json(encode_usd(usd)) for usd in positions.values()],
            "of": [address_bytes(Address(mint)) for mint, _, _ in waiting],
            "priced": [address_bytes(Address(priced)) for _, priced, _ in waiting],
            "day": [day for _, _, day in waiting],
            "from_slot": [slot for slot, _ in waiting.values()],
            "is_missing": [is_missing for _, is_missing in waiting.values()],
            "at": at,
        }
        self._cursor.execute(_SAVE, keys)

    def touch(self, wallet: Address, *, at: datetime) -> None:
        """See `ValuationTransaction.touch`."""
        self._cursor.execute(_TOUCH, (at, address_bytes(wallet)))


def unvalued_wallets(cursor: Cursor, *, before: datetime, limit: int) -> tuple[Address, ...]:
    """See `ValuationReads.unvalued_wallets`."""
    rows = cursor.execute(_UNVALUED, (before, limit)).fetchall()
    return tuple(address_of(row[0]) for row in rows)


def _by_day(
    waits: Mapping[Mint, Sequence[Wait]],
) -> dict[tuple[Mint, Mint, int], tuple[Slot, bool]]:
    """Return waits by (mint, priced mint, day): one statement may not touch a row twice."""
    found: dict[tuple[Mint, Mint, int], tuple[Slot, bool]] = {}
    for mint, theirs in waits.items():
        for wait in theirs:
            key = mint, wait.mint, wait.day
            slot, is_missing = found.get(key, (wait.from_slot, False))
            found[key] = min(slot, wait.from_slot), is_missing or wait.is_missing
    return dict(sorted(found.items()))


def _keyed(slots: Mapping[Mint, Slot]) -> dict[bytes, Slot]:
    return {address_bytes(Address(mint)): slot for mint, slot in slots.items()}


def _columns(slots: Mapping[bytes, Slot]) -> dict[str, list[Any]]:
    return {"mint": list(slots), "slot": list(slots.values())}


def _slots(rows: Iterable[tuple[Any, ...]]) -> dict[Mint, Slot]:
    return {Mint(address_of(mint)): Slot(slot) for mint, slot in rows}


def _trade(row: tuple[Any, ...]) -> ExitRow | EntryRow:
    mint, slot, tx_id, is_entry, place, document = row
    kind = EntryRow if is_entry else ExitRow
    return kind(Mint(address_of(mint)), Slot(slot), tx_id, place, document)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
