"""What a check of rollups reads from Postgres, in one snapshot a wallet."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.ledger_writes import LedgerWrites
from oof.adapters.postgres.position_writes import PositionWrites
from oof.adapters.postgres.rollup_statements import SPAN_CODES
from oof.adapters.postgres.rollup_writes import hidden_mints
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.positions.days import FIGURES, DayFigures, DayRow, figures_of_row
from oof.domain.positions.holding_days import HoldingDay
from oof.domain.rollups.drift import LedgerRollups, TradedExit, ValueRollups
from oof.domain.rollups.windows import TokenWindow, WalletWindow
from oof.domain.snapshot.transfers import Direction, FlowKey, FlowSum
from oof.domain.units import Address, Mint, Slot, UnixSeconds
from oof.domain.windows import NO_DAY, Window
from oof.ports.rollup_checks import Standing

# Once a day; wallets are few beside what they did.
SAMPLE: Final = """
WITH ranked AS (
    SELECT wallet_id, row_number() OVER (ORDER BY wallet_id) - 1 AS place, count(*) OVER () AS whole
    FROM tracked_wallets WHERE applied_seq > 0
)
SELECT w.address FROM ranked JOIN wallets w USING (wallet_id)
WHERE (place - %(turn)s::int8 * %(limit)s %% whole + whole) %% whole < %(limit)s ORDER BY wallet_id
"""
_STANDING: Final = """
SELECT t.wallet_id, t.applied_seq, t.fold_due_at IS NULL
        AND NOT EXISTS (SELECT FROM pending p WHERE p.wallet_id = t.wallet_id),
    NOT EXISTS (
        SELECT FROM position_heads h WHERE h.wallet_id = t.wallet_id AND h.stale_from IS NOT NULL
    ),
    NOT EXISTS (SELECT FROM valuation_due v WHERE v.wallet_id = t.wallet_id)
FROM tracked_wallets t
WHERE t.wallet_id = (SELECT wallet_id FROM wallets WHERE address = %s) AND t.blocked_code IS NULL
"""
# All rows of one wallet, by primary keys.
_COUNTERS: Final = "SELECT name, value FROM wallet_counters WHERE wallet_id = %s"
_HOURS: Final = "SELECT hour, tx_count FROM wallet_hours WHERE wallet_id = %s"
_ACTIVITY: Final = "SELECT day, name, value FROM wallet_activity_days WHERE wallet_id = %s"
_FLOWS: Final = """
SELECT f.day, c.address, m.address, f.direction, f.transfers, f.raw
FROM wallet_flow_days f JOIN mints m USING (mint_id)
LEFT JOIN wallets c ON c.wallet_id = f.counterparty_id WHERE f.wallet_id = %s
"""
_HOLDINGS: Final = """
SELECT m.address, h.day, h.slot, h.held_raw FROM holding_days h JOIN mints m USING (mint_id)
WHERE h.wallet_id = %s
"""
_TOKEN: Final = "m.address <> ALL(%(hidden)s)"  # noqa: S105 - no password
_EXITS: Final = f"""
SELECT m.address, coalesce((e.document->>'at')::int8 / 86400, {NO_DAY})::int4,
    coalesce(e.document->>'pnl_lamports', '0'), e.proceeds_usd, e.cost_usd, e.fees_usd, e.pnl_usd
FROM position_exits e JOIN mints m USING (mint_id) WHERE e.wallet_id = %(wallet)s AND {_TOKEN}
"""  # noqa: S608 - a number of our own
_BUYS: Final = f"""
SELECT m.address, coalesce((e.document->>'at')::int8 / 86400, {NO_DAY})::int4, count(*)
FROM position_entries e JOIN mints m USING (mint_id)
WHERE e.wallet_id = %(wallet)s AND {_TOKEN} GROUP BY 1, 2
"""  # noqa: S608 - a number of our own
_DAYS: Final = f"""
SELECT m.address, d.day, d.first_slot, d.last_slot, d.first_at, d.last_at,
    {", ".join(f"d.{name}" for name in FIGURES)}
FROM position_days d JOIN mints m USING (mint_id) WHERE d.wallet_id = %(wallet)s AND {_TOKEN}
"""  # noqa: S608 - names of our own columns
_WALLET_DAYS: Final = f"""
SELECT day, {", ".join(FIGURES)} FROM wallet_days WHERE wallet_id = %(wallet)s
"""  # noqa: S608 - names of our own columns
_WALLET_WINDOWS: Final = f"""
SELECT days, to_day, turns, {", ".join(FIGURES)} FROM wallet_windows WHERE wallet_id = %(wallet)s
"""  # noqa: S608 - names of our own columns
_TOKEN_WINDOWS: Final = f"""
SELECT d.days, m.address, d.first_slot, d.last_slot, d.first_at, d.last_at,
    {", ".join(f"d.{name}" for name in FIGURES)}
FROM token_windows d JOIN mints m USING (mint_id) WHERE d.wallet_id = %(wallet)s
"""  # noqa: S608 - names of our own columns
_WINDOWS: Final = {code: window for window, code in SPAN_CODES.items()}


class PostgresRollupCheckStore:
    """A `RollupCheckStore` over one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sample(self, *, turn: int, limit: int) -> tuple[Address, ...]:
        """See `RollupCheckStore.sample`."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(SAMPLE, {"turn": turn, "limit": limit}).fetchall()
        return tuple(address_of(row[0]) for row in rows)

    @contextmanager
    def snapshot(self) -> Iterator["PostgresRollupSnapshot"]:
        """See `RollupCheckStore.snapshot`."""
        with self._database.snapshot() as cursor:
            yield PostgresRollupSnapshot(cursor)


class PostgresRollupSnapshot(LedgerWrites, PositionWrites):
    """A `RollupSnapshot`; of its parts only what reads is called."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)

    def standing(self, wallet: Address) -> Standing | None:
        """See `RollupSnapshot.standing`."""
        row = self._cursor.execute(_STANDING, (address_bytes(wallet),)).fetchone()
        return None if row is None else Standing(*row)

    def ledger_rollups(self, wallet_id: int) -> LedgerRollups:
        """See `RollupSnapshot.ledger_rollups`."""
        return LedgerRollups(
            counters={name: int(value) for name, value in self._rows(_COUNTERS, wallet_id)},
            hours={UnixSeconds(hour): count for hour, count in self._rows(_HOURS, wallet_id)},
            activity={
                (day, name): int(value) for day, name, value in self._rows(_ACTIVITY, wallet_id)
            },
            flows=dict(map(_flow, self._rows(_FLOWS, wallet_id))),
        )

    def holding_days(self, wallet_id: int) -> tuple[HoldingDay, ...]:
        """See `RollupSnapshot.holding_days`."""
        return tuple(
            HoldingDay(_mint(mint), day, Slot(slot), int(held))
            for mint, day, slot, held in self._rows(_HOLDINGS, wallet_id)
        )

    def value_rollups(self, wallet_id: int) -> ValueRollups:
        """See `RollupSnapshot.value_rollups`."""
        asked = {"wallet": wallet_id, "hidden": hidden_mints()}
        return ValueRollups(
            exits=[
                TradedExit(_mint(mint), day, int(lamports), *money)
                for mint, day, lamports, *money in self._named(_EXITS, asked)
            ],
            buys={(_mint(mint), day): count for mint, day, count in self._named(_BUYS, asked)},
            position_days=[
                DayRow(
                    _mint(mint),
                    day,
                    Slot(first),
                    Slot(last),
                    _figures(sums),
                    first_at=first_at,
                    last_at=last_at,
                )
                for mint, day, first, last, first_at, last_at, *sums in self._named(_DAYS, asked)
            ],
            wallet_days={day: _figures(sums) for day, *sums in self._named(_WALLET_DAYS, asked)},
            wallet_windows={
                _WINDOWS[days]: WalletWindow(to_day, turns, _figures(sums))
                for days, to_day, turns, *sums in self._named(_WALLET_WINDOWS, asked)
            },
            token_windows=dict(map(_token_window, self._named(_TOKEN_WINDOWS, asked))),
        )

    def _rows(self, statement: str, wallet_id: int) -> list[tuple[Any, ...]]:
        return self._cursor.execute(statement, (wallet_id,)).fetchall()

    def _named(self, statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._cursor.execute(statement, asked).fetchall()


def _mint(key: bytes) -> Mint:
    return Mint(address_of(key))


def _flow(row: tuple[Any, ...]) -> tuple[FlowKey, FlowSum]:
    day, other, mint, direction, transfers, raw = row
    whom = None if other is None else address_of(other)
    return FlowKey(day, whom, _mint(mint), Direction(direction)), FlowSum(transfers, int(raw))


def _token_window(row: tuple[Any, ...]) -> tuple[tuple[Window, Mint], TokenWindow]:
    days, mint, first, last, first_at, last_at, *sums = row
    window = TokenWindow(_mint(mint), first, last, first_at, last_at, _figures(sums))
    return (_WINDOWS[days], window.mint), window


def _figures(sums: list[Decimal | int]) -> DayFigures:
    return figures_of_row(dict(zip(FIGURES, sums, strict=True)))
