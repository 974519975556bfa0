"""Vectors of wallets in Postgres, under the wallet's row lock."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.prices.candles import DAY_S
from oof.domain.similarity.codec import encode_vector
from oof.domain.similarity.features import VERSION, YEAR_DAYS, MintPurchases
from oof.domain.similarity.model import WalletVector
from oof.domain.tokens import DOLLARS, QUOTES
from oof.domain.units import SOL_MINT, Address, Mint, Slot, UnixSeconds

# The primary key, from the newest hour back.
YEAR_HOURS: Final = """
SELECT hour, tx_count FROM wallet_hours WHERE wallet_id = %(wallet_id)s AND tx_count > 0
    AND hour >= (
        SELECT max(hour) / %(day_s)s - %(days)s FROM wallet_hours
        WHERE wallet_id = %(wallet_id)s AND tx_count > 0
    ) * %(day_s)s
"""
# The primary keys; of the first slots alone signatures are read, to tell purchases of one apart.
YEAR_PURCHASES: Final = """
WITH bought AS MATERIALIZED (
    SELECT e.mint_id, e.slot, e.tx_id, (e.document->>'tx_index')::int4 AS tx_index,
        (e.document->>'at')::int8 AS at, e.document->>'sold_mint' AS paid_in,
        (e.document->>'sold_raw')::numeric AS paid
    FROM position_entries e
    WHERE e.wallet_id = %(wallet_id)s AND (e.document->>'at')::int8 >= %(since)s
), firsts AS (
    SELECT DISTINCT ON (b.mint_id) b.mint_id, b.slot, b.at, b.tx_id
    FROM (SELECT mint_id, min(slot) AS slot FROM bought GROUP BY mint_id) f
    JOIN bought b USING (mint_id, slot) JOIN transactions t USING (tx_id)
    ORDER BY b.mint_id, b.tx_index NULLS LAST, t.signature
), sums AS (
    SELECT b.mint_id, count(*) AS purchases,
        count(*) FILTER (WHERE b.paid_in = ANY(%(quotes)s)) AS priced,
        coalesce(sum(b.paid) FILTER (WHERE b.paid_in = %(sol)s), 0) AS lamports,
        coalesce(sum(b.paid * p.usd) FILTER (WHERE b.paid_in = %(sol)s), 0) AS lamport_dollars,
        coalesce(sum(b.paid) FILTER (WHERE b.paid_in = ANY(%(dollars)s)), 0) AS micros
    FROM bought b
    LEFT JOIN unnest(%(price_days)s::int8[], %(prices)s::numeric[]) AS p (day, usd)
        ON p.day = b.at / %(day_s)s
    GROUP BY b.mint_id
)
SELECT s.mint_id, m.address, f.slot, f.at, f.tx_id, s.purchases, s.priced, s.lamports,
    s.lamport_dollars, s.micros
FROM sums s JOIN firsts f USING (mint_id) JOIN mints m USING (mint_id)
WHERE m.address <> ALL(%(hidden)s)
"""
_SAVE: Final = """
INSERT INTO wallet_vectors AS v (wallet_id, version, purchases, computed_at, vector)
VALUES (%(wallet_id)s, %(version)s, %(purchases)s, %(at)s, %(vector)s)
ON CONFLICT (wallet_id) DO UPDATE SET version = excluded.version,
    purchases = excluded.purchases, computed_at = excluded.computed_at, vector = excluded.vector
WHERE (v.version, v.purchases, v.vector)
    IS DISTINCT FROM (excluded.version, excluded.purchases, excluded.vector)
"""


class VectorWrites:
    """The side of a transaction that keeps vectors."""

    _cursor: Cursor

    def year_hours(self, wallet_id: int) -> dict[UnixSeconds, int]:
        """See `VectorTransaction.year_hours`."""
        asked = {"wallet_id": wallet_id, "day_s": DAY_S, "days": YEAR_DAYS - 1}
        rows = self._cursor.execute(YEAR_HOURS, asked).fetchall()
        return {UnixSeconds(hour): count for hour, count in rows}

    def year_purchases(
        self, wallet_id: int, *, since: UnixSeconds, sol_usd: Mapping[int, Decimal]
    ) -> tuple[MintPurchases, ...]:
        """See `VectorTransaction.year_purchases`."""
        asked = {
            "wallet_id": wallet_id,
            "since": since,
            "day_s": DAY_S,
            "sol": SOL_MINT,
            "dollars": list(DOLLARS),
            "quotes": list(QUOTES),
            "hidden": [address_bytes(Address(mint)) for mint in QUOTES],
            "price_days": list(sol_usd),
            "prices": list(sol_usd.values()),
        }
        rows = self._cursor.execute(YEAR_PURCHASES, asked).fetchall()
        return tuple(
            MintPurchases(
                number,
                Mint(address_of(mint)),
                Slot(slot),
                UnixSeconds(at),
                tx_id,
                purchases,
                priced,
                int(lamports),
                lamport_dollars,
                int(micros),
            )
            for number, mint, slot, at, tx_id, purchases, priced, *sums in rows
            for lamports, lamport_dollars, micros in [sums]
        )

    def save_vector(
        self, wallet_id: int, vector: WalletVector | None, *, purchases: int, at: datetime
    ) -> None:
        """See `VectorTransaction.save_vector`."""
        asked = {
            "wallet_id": wallet_id,
            "version": VERSION,
            "purchases": purchases,
            "at": at,
            "vector": None if vector is None else encode_vector(vector),
        }
        self._cursor.execute(_SAVE, asked)
