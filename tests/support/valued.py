"""What is stored of values in dollars, alike from memory and from Postgres."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg

from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.domain.positions.days import FIGURES, PositionUsd, decode_usd, encode_usd, figures_of_row
from oof.domain.positions.stored import ExitRow
from oof.domain.positions.valuation import ExitValue
from oof.domain.units import SOL_MINT, Address, Slot
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_valuation import mark_due

AT = datetime(2026, 1, 1, tzinfo=UTC)
_EXITS = """
SELECT w.address, m.address, e.slot, t.signature, e.place, e.proceeds_usd, e.cost_usd, e.fees_usd,
    e.pnl_usd, e.usd
FROM position_exits e JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
JOIN transactions t USING (tx_id)
"""
_DAYS = f"""
SELECT w.address, m.address, d.day, d.first_slot, d.last_slot, d.first_at, d.last_at,
    {", ".join(FIGURES)}
FROM position_days d JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
"""  # noqa: S608 - names of our own columns
_WALLET_DAYS = f"""
SELECT w.address, d.day, {", ".join(FIGURES)} FROM wallet_days d JOIN wallets w USING (wallet_id)
"""  # noqa: S608 - names of our own columns
_POSITIONS = """
SELECT w.address, m.address, p.usd
FROM positions p JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
"""
_WAITS = """
SELECT w.address, m.address, p.address, v.day, v.from_slot, v.is_missing
FROM valuation_waits v JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
JOIN mints p ON p.mint_id = v.price_mint_id
"""
_RESET = """
INSERT INTO valuation_due (wallet_id, mint_id, from_slot, at)
SELECT p.wallet_id, p.mint_id, %(slot)s, %(at)s FROM positions p JOIN mints m USING (mint_id)
WHERE m.address <> %(sol)s
"""


def values_of(facts: Any) -> dict[str, list[dict[str, Any]]]:
    """Return exits, days, positions and waits, each in one order."""
    found = _memory(facts) if isinstance(facts, MemoryFactStore) else _postgres(facts)
    return {name: sorted(rows, key=_place) for name, rows in found.items()}


def reset_values(facts: Any, slot: int) -> None:
    """Mark every position as to be valued from a slot on."""
    if isinstance(facts, MemoryFactStore):
        for wallet_id, mint in facts.tables.positions:
            if mint != SOL_MINT:
                mark_due(facts.tables, wallet_id, {mint: Slot(slot)}, AT)
        return
    with _cursor(facts) as cursor:
        cursor.execute(_RESET, {"slot": slot, "at": AT, "sol": address_bytes(Address(SOL_MINT))})


def _cursor(facts: PostgresFactStore) -> Any:
    return facts._database.transaction()


def _memory(facts: MemoryFactStore) -> dict[str, list[dict[str, Any]]]:
    tables = facts.tables
    names = tables.addresses
    return {
        "exits": [
            {
                "wallet": names[key[0]],
                "mint": row.mint,
                "slot": row.slot,
                "signature": tables.transactions[row.tx_id].transaction.signature,
                "place": row.place,
                **_exit(row, tables.exit_values.get(key)),
            }
            for key, row in tables.position_exits.items()
        ],
        "days": [
            {
                "wallet": names[wallet_id],
                "mint": row.mint,
                "day": row.day,
                "slots": [row.first_slot, row.last_slot, row.first_at, row.last_at],
                **{name: getattr(row.figures, name) for name in FIGURES},
            }
            for (wallet_id, _, _), row in tables.position_days.items()
        ],
        "wallet_days": [
            {
                "wallet": names[wallet_id],
                "day": day,
                **{name: getattr(figures, name) for name in FIGURES},
            }
            for (wallet_id, day), figures in tables.wallet_days.items()
        ],
        "positions": [
            {"wallet": names[wallet_id], "mint": mint, "usd": usd}
            for (wallet_id, mint), usd in tables.position_usd.items()
        ],
        "waits": [
            {
                "wallet": names[wallet_id],
                "mint": mint,
                "price": wait.mint,
                "day": wait.day,
                "from_slot": wait.from_slot,
                "is_missing": wait.is_missing,
            }
            for (wallet_id, mint, _, _), wait in tables.valuation_waits.items()
        ],
    }


def _exit(row: ExitRow, value: ExitValue | None) -> dict[str, Any]:
    if value is None:
        return _usd(None, None, None, None, None)
    parts = value.proceeds_usd, value.cost_usd, value.fees_usd, value.pnl_usd
    if value.row != row:
        raise AssertionError(f"{row} is valued as another one")
    return _usd(*parts, value.basis)


def _postgres(facts: PostgresFactStore) -> dict[str, list[dict[str, Any]]]:
    with _cursor(facts) as cursor:
        return postgres_values(cursor)


def postgres_values(cursor: psycopg.Cursor[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the same of a database."""
    return {
        "exits": [
            {
                "wallet": address_of(wallet),
                "mint": address_of(mint),
                "slot": slot,
                "signature": signature_of(signature),
                "place": place,
                **_usd(*parts),
            }
            for wallet, mint, slot, signature, place, *parts in cursor.execute(_EXITS).fetchall()
        ],
        "days": [
            {
                "wallet": address_of(wallet),
                "mint": address_of(mint),
                "day": day,
                "slots": slots,
                **_figures(figures),
            }
            for wallet, mint, day, *slots_and in cursor.execute(_DAYS).fetchall()
            for slots, figures in [(slots_and[:4], slots_and[4:])]
        ],
        "wallet_days": [
            {"wallet": address_of(wallet), "day": day, **_figures(figures)}
            for wallet, day, *figures in cursor.execute(_WALLET_DAYS).fetchall()
        ],
        "positions": [
            {"wallet": address_of(wallet), "mint": address_of(mint), "usd": decode_usd(told)}
            for wallet, mint, told in cursor.execute(_POSITIONS).fetchall()
            if told is not None
        ],
        "waits": [
            {
                "wallet": address_of(wallet),
                "mint": address_of(mint),
                "price": address_of(price),
                "day": day,
                "from_slot": slot,
                "is_missing": is_missing,
            }
            for wallet, mint, price, day, slot, is_missing in cursor.execute(_WAITS).fetchall()
        ],
    }


def _figures(values: list[Any]) -> dict[str, Any]:
    figures = figures_of_row(dict(zip(FIGURES, values, strict=True)))
    return {name: getattr(figures, name) for name in FIGURES}


def _usd(proceeds: Any, cost: Any, fees: Any, pnl: Any, basis: Any) -> dict[str, Any]:
    told = {} if basis is None else basis
    return {
        "proceeds_usd": proceeds,
        "cost_usd": cost,
        "fees_usd": fees,
        "pnl_usd": pnl,
        "missing": list(told.get("missing", ())),
        "lots": [dict(lot) for lot in told.get("lots", ())],
        "basis": {k: v for k, v in told.items() if k not in {"missing", "lots"}},
    }


def plain(values: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return values as JSON has words for, without who waits: that is how they came, not what."""
    return {
        name: [
            {key: _plain(value) for key, value in row.items()} for row in sorted(rows, key=_place)
        ]
        for name, rows in values.items()
        if name != "waits"
    }


def _plain(value: Any) -> Any:
    if isinstance(value, PositionUsd):
        return encode_usd(value)
    return str(value) if isinstance(value, Decimal) else value


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("wallet", "mint", "price", "day", "slot", "signature", "place")
    return tuple(row[name] for name in names if name in row)
