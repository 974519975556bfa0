"""What is stored of rollups, alike from memory and from Postgres."""

from typing import Any

from oof.adapters.postgres.rollup_statements import SPAN_CODES
from oof.adapters.postgres.rows import address_of
from oof.domain.positions.days import FIGURES, figures_of_row
from oof.domain.rollups.windows import TokenWindow
from oof.domain.units import Mint
from oof.ports.memory.facts import MemoryFactStore

_WALLETS = f"""
SELECT w.address, d.days, d.to_day, {", ".join(f"d.{name}" for name in FIGURES)}
FROM wallet_windows d JOIN wallets w USING (wallet_id)
"""  # noqa: S608 - names of our own columns
_TOKENS = f"""
SELECT w.address, d.days, m.address, d.first_slot, d.last_slot, d.first_at, d.last_at, d.roi,
    {", ".join(f"d.{name}" for name in FIGURES)}
FROM token_windows d JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
"""  # noqa: S608 - names of our own columns


def rollups_of(facts: Any) -> dict[str, dict[Any, Any]]:
    """Return windows of wallets, (to_day, figures), and of tokens.

    Without how often they were valued: that is how they came to be, not what they are.
    """
    return _memory(facts) if isinstance(facts, MemoryFactStore) else _postgres(facts)


def _memory(facts: MemoryFactStore) -> dict[str, dict[Any, Any]]:
    tables = facts.tables
    names = tables.addresses
    return {
        "wallets": {
            (names[wallet_id], window): (row.to_day, row.figures)
            for (wallet_id, window), row in tables.wallet_windows.items()
        },
        "tokens": {
            (names[wallet_id], window, mint): row
            for (wallet_id, window, mint), row in tables.token_windows.items()
        },
    }


def _postgres(facts: Any) -> dict[str, dict[Any, Any]]:
    windows = {code: window for window, code in SPAN_CODES.items()}
    with facts._database.transaction() as cursor:
        wallets = cursor.execute(_WALLETS).fetchall()
        tokens = cursor.execute(_TOKENS).fetchall()
    made = {}
    for row in tokens:
        wallet, days, mint, first_slot, last_slot, first_at, last_at, roi, *sums = row
        window = TokenWindow(
            Mint(address_of(mint)), first_slot, last_slot, first_at, last_at, _figures(sums)
        )
        if window.roi != roi:
            raise AssertionError(f"{roi} is stored of {window}")
        made[address_of(wallet), windows[days], window.mint] = window
    return {
        "wallets": {
            (address_of(wallet), windows[days]): (to_day, _figures(sums))
            for wallet, days, to_day, *sums in wallets
        },
        "tokens": made,
    }


def _figures(sums: Any) -> Any:
    return figures_of_row(dict(zip(FIGURES, sums, strict=True)))
