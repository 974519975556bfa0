"""What tokens are called, in Postgres, beside the mints of the facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.tokens_facts import (
    TokenAnomaly,
    TokenFacts,
    TokenRow,
    TokenSource,
    ToldToken,
    settled,
)
from oof.domain.tokens_known import KNOWN
from oof.domain.units import Mint
from oof.ports.tokens import KeptTokens

SOURCE_CODES: Final = {
    TokenSource.JUPITER: 1,
    TokenSource.HELIUS: 2,
    TokenSource.DEXSCREENER: 3,
}
_SOURCES: Final = {code: source for source, code in SOURCE_CODES.items()}

_COLUMNS: Final = (
    "m.address, m.decimals, m.symbol, f.mint_id, f.decimals, f.name, f.logo, f.verified, "
    "f.source, f.as_of, f.asked_at, f.anomalies, f.tries, m.facts_due_at"
)
# By the unique address, then a primary key.
FACTS: Final = f"""
SELECT {_COLUMNS}
FROM mints m LEFT JOIN token_facts f USING (mint_id)
WHERE m.address = %s
"""  # noqa: S608 - columns of our own

# mints_facts_due.
DUE: Final = """
SELECT address FROM mints WHERE facts_due_at <= %s ORDER BY facts_due_at, mint_id DESC LIMIT %s
"""

# Mints first, by id, then wallets, by id: whoever takes a wallet's row locks no mint.
LOCK: Final = """
SELECT m.mint_id, m.address, m.decimals, m.symbol FROM mints m
WHERE m.address = ANY(%s) ORDER BY m.mint_id FOR NO KEY UPDATE
"""
BEFORE: Final = f"""
SELECT {_COLUMNS}
FROM token_facts f JOIN mints m USING (mint_id)
WHERE f.mint_id = ANY(%s)
"""  # noqa: S608 - columns of our own
_KEEP: Final = """
INSERT INTO token_facts AS f
    (mint_id, tries, source, decimals, verified, as_of, asked_at, name, logo, anomalies)
SELECT mint_id, tries, source, decimals, verified, as_of, asked_at, name, logo,
    coalesce(string_to_array(anomalies, ','), '{}')
FROM unnest(%(mint_ids)s::int4[], %(tries)s::int4[], %(sources)s::int2[], %(decimals)s::int2[],
            %(verified)s::boolean[], %(as_of)s::timestamptz[], %(asked_at)s::timestamptz[],
            %(names)s::text[], %(logos)s::text[], %(anomalies)s::text[])
     AS k (mint_id, tries, source, decimals, verified, as_of, asked_at, name, logo, anomalies)
ORDER BY mint_id
ON CONFLICT (mint_id) DO UPDATE SET
    tries = excluded.tries, source = excluded.source, decimals = excluded.decimals,
    verified = excluded.verified, as_of = excluded.as_of, asked_at = excluded.asked_at,
    name = excluded.name, logo = excluded.logo, anomalies = excluded.anomalies
"""
_NAME: Final = """
UPDATE mints m SET symbol = k.symbol, facts_due_at = k.due_at
FROM unnest(%(mint_ids)s::int4[], %(symbols)s::text[], %(due_at)s::timestamptz[])
     AS k (mint_id, symbol, due_at)
WHERE m.mint_id = k.mint_id
"""
# holdings_mint; emptied holdings are among them, so every mint that a wallet ever met is.
SHOW: Final = """
WITH shown AS (
    SELECT wallet_id FROM tracked_wallets
    WHERE wallet_id IN (SELECT wallet_id FROM holdings WHERE mint_id = ANY(%(mint_ids)s))
    ORDER BY wallet_id FOR UPDATE
)
UPDATE tracked_wallets w SET revision = revision + 1, changed_at = %(at)s
FROM shown WHERE w.wallet_id = shown.wallet_id
"""


class PostgresTokenStore:
    """A `TokenStore` in a table of its own; symbols stand with the mints."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self, mint: Mint) -> TokenFacts | None:
        """See `TokenFactsReader`."""
        with self._database.transaction() as cursor:
            row = cursor.execute(FACTS, (address_bytes(mint),)).fetchone()
        return None if row is None else _row(row).facts

    def due(self, *, at: datetime, limit: int) -> tuple[Mint, ...]:
        """See `TokenStore`."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(DUE, (at, limit)).fetchall()
        return tuple(Mint(address_of(address)) for (address,) in rows)

    def settle(self, answers: Mapping[Mint, ToldToken | None], *, at: datetime) -> KeptTokens:
        """See `TokenStore`."""
        with self._database.transaction() as cursor:
            locked = cursor.execute(LOCK, ([address_bytes(mint) for mint in answers],)).fetchall()
            ids = [mint_id for mint_id, *_ in locked]
            before = {found[3]: _row(found) for found in cursor.execute(BEFORE, (ids,)).fetchall()}
            after: dict[int, TokenRow] = {}
            renamed = []
            for mint_id, address, on_chain, symbol in locked:
                mint = Mint(address_of(address))
                had = before.get(mint_id)
                if had is not None and had.facts.asked_at is not None and had.facts.asked_at >= at:
                    continue
                row = settled(had, mint, answers[mint], on_chain=on_chain, at=at)
                after[mint_id] = row
                if row.facts.symbol != symbol and mint not in KNOWN:
                    renamed.append(mint_id)
            if after:
                _keep(cursor, after)
            if renamed:
                cursor.execute(SHOW, {"mint_ids": renamed, "at": at})
        told = sum(answers[row.facts.mint] is not None for row in after.values())
        return KeptTokens(told, len(after) - told, len(renamed))


def _keep(cursor: Cursor, rows: Mapping[int, TokenRow]) -> None:
    facts = [row.facts for row in rows.values()]
    asked = {
        "mint_ids": list(rows),
        "tries": [row.tries for row in rows.values()],
        "due_at": [row.due_at for row in rows.values()],
        "sources": [None if f.source is None else SOURCE_CODES[f.source] for f in facts],
        "decimals": [each.decimals for each in facts],
        "verified": [each.is_verified for each in facts],
        "as_of": [each.as_of for each in facts],
        "asked_at": [each.asked_at for each in facts],
        "symbols": [each.symbol for each in facts],
        "names": [each.name for each in facts],
        "logos": [each.logo for each in facts],
        "anomalies": [",".join(each.anomalies) or None for each in facts],
    }
    cursor.execute(_KEEP, asked)
    cursor.execute(_NAME, asked)


def _row(row: tuple[Any, ...]) -> TokenRow:
    address, on_chain, symbol, mint_id, decimals, name, logo, verified, source = row[:9]
    as_of, asked_at, anomalies, tries, due_at = row[9:]
    facts = TokenFacts(
        mint=Mint(address_of(address)),
        symbol=symbol,
        name=name,
        decimals=decimals if on_chain is None else on_chain,
        logo=logo,
        is_verified=verified,
        source=_SOURCES.get(source),
        as_of=as_of,
        asked_at=asked_at,
        anomalies=tuple(map(TokenAnomaly, anomalies or ())),
    )
    return TokenRow(facts, 0 if mint_id is None else tries, due_at)
