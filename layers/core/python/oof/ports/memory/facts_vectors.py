"""Vectors among the facts in memory."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from oof.domain.positions.stored import EntryRow
from oof.domain.prices.candles import DAY_S
from oof.domain.similarity.features import MintPurchases, year_of
from oof.domain.similarity.model import WalletVector
from oof.domain.tokens import DOLLARS, QUOTES
from oof.domain.transactions.base58 import decode_base58
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.vector_rows import VectorRow


class VectorSide:
    """The side of a transaction that keeps vectors."""

    _tables: Tables

    def year_hours(self, wallet_id: int) -> dict[UnixSeconds, int]:
        """See `VectorTransaction.year_hours`."""
        hours = {
            hour: count
            for (owner, hour), count in self._tables.hours.items()
            if owner == wallet_id and count > 0
        }
        if not hours:
            return {}
        since = year_of(max(hours)).start * DAY_S
        return {hour: count for hour, count in hours.items() if hour >= since}

    def year_purchases(
        self, wallet_id: int, *, since: UnixSeconds, sol_usd: Mapping[int, Decimal]
    ) -> tuple[MintPurchases, ...]:
        """See `VectorTransaction.year_purchases`."""
        rows: dict[Mint, list[EntryRow]] = {}
        for (owner, mint, _, _), row in self._tables.position_entries.items():
            at = row.document["at"]
            if owner == wallet_id and mint not in QUOTES and at is not None and at >= since:
                rows.setdefault(mint, []).append(row)
        return tuple(self._summed(mint, theirs, sol_usd) for mint, theirs in rows.items())

    def save_vector(
        self, wallet_id: int, vector: WalletVector | None, *, purchases: int, at: datetime
    ) -> None:
        """See `VectorTransaction.save_vector`."""
        had = self._tables.vectors.get(wallet_id)
        if had is None or (had.purchases, had.vector) != (purchases, vector):
            self._tables.vectors[wallet_id] = VectorRow(purchases, at, vector)

    def _summed(
        self, mint: Mint, rows: list[EntryRow], sol_usd: Mapping[int, Decimal]
    ) -> MintPurchases:
        first = min(rows, key=self._order)
        in_sol = [row for row in rows if row.document["sold_mint"] == SOL_MINT]
        in_dollars = [row for row in rows if row.document["sold_mint"] in DOLLARS]
        return MintPurchases(
            mint_number=mint_number(self._tables, mint),
            mint=mint,
            first_slot=first.slot,
            first_at=first.document["at"],
            first_tx=first.tx_id,
            purchases=len(rows),
            priced=len(in_sol) + len(in_dollars),
            lamports=sum(int(row.document["sold_raw"]) for row in in_sol),
            lamport_dollars=sum(
                (
                    int(row.document["sold_raw"])
                    * sol_usd.get(row.document["at"] // DAY_S, Decimal(0))
                    for row in in_sol
                ),
                Decimal(0),
            ),
            micros=sum(int(row.document["sold_raw"]) for row in in_dollars),
        )

    def _order(self, row: EntryRow) -> tuple[int, bool, int, bytes]:
        index = row.document["tx_index"]
        signature = self._tables.transactions[row.tx_id].transaction.signature
        return row.slot, index is None, index or 0, decode_base58(signature)


def mint_number(tables: Tables, mint: Mint) -> int:
    """Return the number a mint has here: its place among all that were met."""
    return list(tables.decimals).index(mint)
