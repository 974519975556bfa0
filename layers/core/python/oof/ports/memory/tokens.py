"""What tokens are called, in memory, beside the mints of the facts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from oof.domain.tokens_facts import TokenFacts, ToldToken, settled
from oof.domain.tokens_known import KNOWN
from oof.domain.units import Mint
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.tokens import KeptTokens

_NEVER = datetime.fromtimestamp(0, UTC)


class MemoryTokenStore:
    """A `TokenStore` over the fact tables."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def facts(self, mint: Mint) -> TokenFacts | None:
        """See `TokenFactsReader`."""
        tables = self._facts.tables
        if mint not in tables.decimals:
            return None
        row = tables.tokens.get(mint)
        facts = TokenFacts(mint=mint) if row is None else row.facts
        on_chain = tables.decimals[mint]
        return facts if on_chain is None else replace(facts, decimals=on_chain)

    def due(self, *, at: datetime, limit: int) -> tuple[Mint, ...]:
        """See `TokenStore`."""
        tables = self._facts.tables
        met = list(tables.decimals)
        when = {mint: tables.tokens[mint].due_at for mint in met if mint in tables.tokens}
        found = [
            (when.get(mint, _NEVER), -place, mint)
            for place, mint in enumerate(met)
            if when.get(mint, _NEVER) <= at
        ]
        return tuple(mint for _, _, mint in sorted(found))[:limit]

    def settle(self, answers: Mapping[Mint, ToldToken | None], *, at: datetime) -> KeptTokens:
        """See `TokenStore`."""
        tables = self._facts.tables.copy()
        told = missed = 0
        renamed = set()
        for mint, answer in answers.items():
            had = tables.tokens.get(mint)
            asked_at = None if had is None else had.facts.asked_at
            if mint not in tables.decimals or (asked_at is not None and asked_at >= at):
                continue
            row = settled(had, mint, answer, on_chain=tables.decimals[mint], at=at)
            if row.facts.symbol != tables.symbol(mint) and mint not in KNOWN:
                renamed.add(mint)
            tables.tokens[mint] = row
            told += answer is not None
            missed += answer is None
        _show(tables, renamed, at)
        self._facts.tables = tables
        return KeptTokens(told, missed, len(renamed))


def _show(tables: Tables, renamed: set[Mint], at: datetime) -> None:
    """Have whoever holds or held a renamed mint projected."""
    holders = {
        wallet
        for wallet, account in tables.holdings
        if tables.account_keys[account].mint in renamed
    }
    for address, row in tables.tracked.items():
        if row.wallet_id in holders:
            tables.tracked[address] = replace(row, revision=row.revision + 1, changed_at=at)
