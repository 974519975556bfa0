"""Views in Postgres: made of stored facts in one snapshot, kept apart from shared rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from itertools import batched
from typing import Any, Final

import orjson

from oof.adapters.postgres import view_statements as statements
from oof.adapters.postgres.codes import meaning_of
from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.price_books import load_book
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.domain.positions.days import FIGURES, decode_usd, encode_usd, figures_of_row
from oof.domain.positions.events import Exchange, TransactionHead
from oof.domain.positions.group import (
    GroupChoice,
    GroupExchange,
    GroupMovement,
    GroupTransaction,
)
from oof.domain.positions.lots import Method, Moment
from oof.domain.positions.view import ViewPosition, ViewTotals
from oof.domain.prices.book import PriceBook, Span
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Mint, RawAmount, Slot
from oof.ports.views import ViewHead, ViewKey, ViewMember, ViewPage, ViewRecord

_ROWS: Final = 1_000
"""Positions written by one statement."""
_TOTALS: Final = tuple(part.name for part in fields(ViewTotals) if part.name != "usd")


class PostgresViewStore:
    """A `ViewStore` on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def snapshot(self) -> Iterator["PostgresSnapshot"]:
        """See `ViewStore.snapshot`."""
        with self._database.snapshot() as cursor:
            yield PostgresSnapshot(cursor)

    def page(
        self, view_id: str, *, owner: str, at: datetime, after: ViewKey | None, limit: int
    ) -> ViewPage | None:
        """See `ViewStore.page`."""
        key = bytes.fromhex(view_id)
        with self._database.transaction() as cursor:
            found = cursor.execute(statements.VIEW, (key, owner, at)).fetchone()
            if found is None:
                return None
            asked = {
                "view_id": key,
                "realized": None if after is None else after.realized_lamports,
                "mint_id": None if after is None else after.mint_id,
                "limit": limit,
            }
            rows = cursor.execute(statements.PAGE, asked).fetchall()
        digest, computed_at, expires_at, document = found
        records = tuple(_record(row) for row in rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return ViewPage(
            _head(view_id, owner, bytes(digest).hex(), document),
            computed_at,
            expires_at,
            records,
            None if last is None else ViewKey(int(last[6]), last[0]),
        )

    def drop_expired(self, *, at: datetime, limit: int) -> int:
        """See `ViewStore.drop_expired`."""
        with self._database.transaction() as cursor:
            return cursor.execute(statements.DROP_EXPIRED, (at, limit)).rowcount


class PostgresSnapshot:
    """A `GroupSnapshot` on a cursor whose statements all see the same moment."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._rows: dict[tuple[Address, ...], dict[Address, tuple[Any, ...]]] = {}

    def members(self, wallets: Sequence[Address]) -> tuple[ViewMember, ...]:
        """See `GroupSnapshot.members`."""
        found = self._tracked(wallets)
        return tuple(_member(wallet, found.get(wallet)) for wallet in wallets)

    def expected(self, wallets: Sequence[Address]) -> int:
        """See `GroupSnapshot.expected`."""
        return sum(row[5] for row in self._tracked(wallets).values())

    def history(
        self, wallets: Sequence[Address], *, after: Slot | None, limit: int
    ) -> tuple[GroupTransaction, ...]:
        """See `GroupSnapshot.history`."""
        ids = self._ids(wallets)
        asked = {"wallets": list(ids), "after": -1 if after is None else after, "limit": limit}
        rows = self._cursor.execute(statements.HISTORY, asked).fetchall()
        return self._transactions(ids, rows) if rows else ()

    def book(self, spans: Iterable[Span]) -> PriceBook:
        """See `GroupSnapshot.book`."""
        return load_book(self._cursor, spans)

    def holdings(self, wallets: Sequence[Address]) -> Mapping[Mint, RawAmount]:
        """See `GroupSnapshot.holdings`."""
        rows = self._cursor.execute(statements.HOLDINGS, (list(self._ids(wallets)),)).fetchall()
        return {Mint(address_of(mint)): RawAmount(int(raw)) for mint, raw in rows}

    def keep(
        self,
        head: ViewHead,
        positions: Sequence[ViewPosition],
        held: Mapping[Mint, RawAmount],
        *,
        at: datetime,
        expires_at: datetime,
    ) -> bool:
        """See `GroupSnapshot.keep`."""
        view_id, digest = bytes.fromhex(head.view_id), bytes.fromhex(head.digest)
        known = self._cursor.execute(statements.KNOWN, (expires_at, view_id, digest))
        if known.fetchone() is not None:
            return False
        self._cursor.execute(statements.DROP, (view_id,))
        document = _json(_document(head))
        row = (view_id, head.owner, digest, at, expires_at, document)
        self._cursor.execute(statements.KEEP, row)
        for some in batched(positions, _ROWS, strict=False):
            self._cursor.execute(statements.KEEP_POSITIONS, _columns(view_id, some, held))
        return True

    def _tracked(self, wallets: Sequence[Address]) -> dict[Address, tuple[Any, ...]]:
        key = tuple(wallets)
        if key not in self._rows:
            addresses = [address_bytes(wallet) for wallet in wallets]
            rows = self._cursor.execute(statements.MEMBERS, (addresses,)).fetchall()
            self._rows[key] = {address_of(row[0]): row for row in rows}
        return self._rows[key]

    def _ids(self, wallets: Sequence[Address]) -> dict[int, Address]:
        return {row[1]: wallet for wallet, row in self._tracked(wallets).items()}

    def _transactions(
        self, ids: Mapping[int, Address], rows: Sequence[tuple[Any, ...]]
    ) -> tuple[GroupTransaction, ...]:
        slots = [row[1] for row in rows]
        keys = {
            "wallets": list(ids),
            "tx_ids": [row[0] for row in rows],
            "slots": slots,
            "lowest": min(slots),
            "highest": max(slots),
        }
        movements: dict[int, list[GroupMovement]] = defaultdict(list)
        for tx_id, owner, other, mint, code, delta in self._all(statements.MOVEMENTS, keys):
            kind, _ = meaning_of(code)
            counterparty = None if other is None else address_of(other)
            moved = Mint(address_of(mint)), kind, RawAmount(int(delta))
            movements[tx_id].append(GroupMovement(ids[owner], counterparty, *moved))
        trades: dict[int, list[GroupExchange]] = defaultdict(list)
        for tx_id, trader, sold, sold_raw, bought, got_raw in self._all(statements.TRADES, keys):
            gave = Mint(address_of(sold)), RawAmount(int(sold_raw))
            got = Mint(address_of(bought)), RawAmount(int(got_raw))
            trades[tx_id].append(GroupExchange(ids[trader], Exchange(*gave, *got)))
        marks: dict[int, list[BalanceMark]] = defaultdict(list)
        for tx_id, account, mint, pre, post in self._all(statements.MARKS, keys):
            amounts = RawAmount(int(pre)), RawAmount(int(post))
            marks[tx_id].append(BalanceMark(account, Mint(address_of(mint)), *amounts))
        found = [
            GroupTransaction(
                tx_id,
                TransactionHead(Moment(Slot(slot), index), signature_of(signature), time),
                tuple(trades[tx_id]),
                tuple(movements[tx_id]),
                tuple(marks[tx_id]),
            )
            for tx_id, slot, index, signature, time in rows
        ]
        return tuple(sorted(found, key=GroupTransaction.chain_order))

    def _all(self, statement: str, keys: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._cursor.execute(statement, keys).fetchall()


def _member(wallet: Address, row: tuple[Any, ...] | None) -> ViewMember:
    if row is None:
        return ViewMember(
            wallet,
            WalletState.UNSEEN,
            None,
            is_history_partial=True,
            is_order_unresolved=False,
            is_soft=False,
        )
    _, _, state, blocked_code, newest_slot, _, is_partial, is_soft, is_unresolved = row
    return ViewMember(
        wallet,
        WalletState(state) if blocked_code is None else WalletState.BLOCKED,
        None if newest_slot is None else Slot(newest_slot),
        is_history_partial=is_partial,
        is_order_unresolved=is_unresolved,
        is_soft=is_soft,
    )


def _document(head: ViewHead) -> dict[str, Any]:
    """What a view's head is kept as; sums are text, as they may be longer than 64 bits."""
    choice, totals = head.choice, head.totals
    return {
        "wallets": list(choice.wallets),
        "method": choice.method.value,
        "realize_exchange_transfers": choice.realize_exchange_transfers,
        "members": [[*member] for member in head.members],
        "totals": {name: str(getattr(totals, name)) for name in _TOTALS},
        "usd": {name: f"{getattr(totals.usd, name)}" for name in FIGURES},
        "other_fees_lamports": str(head.other_fees_lamports),
        "transactions": head.transactions,
        "exchanges_version": head.exchanges_version,
    }


def _head(view_id: str, owner: str, digest: str, document: Mapping[str, Any]) -> ViewHead:
    members = (
        ViewMember(Address(wallet), WalletState(state), *rest)
        for wallet, state, *rest in document["members"]
    )
    return ViewHead(
        view_id=view_id,
        owner=owner,
        choice=GroupChoice(
            wallets=tuple(map(Address, document["wallets"])),
            method=Method(document["method"]),
            realize_exchange_transfers=document["realize_exchange_transfers"],
        ),
        members=tuple(members),
        totals=ViewTotals(
            **{name: int(document["totals"][name]) for name in _TOTALS},
            usd=figures_of_row(document["usd"]),
        ),
        other_fees_lamports=int(document["other_fees_lamports"]),
        transactions=document["transactions"],
        exchanges_version=document["exchanges_version"],
        digest=digest,
    )


def _columns(
    view_id: bytes, positions: Sequence[ViewPosition], held: Mapping[Mint, RawAmount]
) -> dict[str, Any]:
    return {
        "view_id": view_id,
        "mint": [address_bytes(Address(each.mint)) for each in positions],
        "last_slot": [each.last_slot for each in positions],
        "is_open": [each.is_open for each in positions],
        "last_at": [each.last_at for each in positions],
        "realized": [each.figures["realized_lamports"] for each in positions],
        "on_chain": [held.get(each.mint, 0) for each in positions],
        "figures": [_texts(each.figures) for each in positions],
        "dollars": [
            _json({**encode_usd(each.usd), "fallbacks": each.fallbacks}) for each in positions
        ],
    }


def _record(row: Sequence[Any]) -> ViewRecord:
    mint_id, mint, decimals, is_open, last_slot, last_at, _, on_chain, *told, symbol = row
    figures, dollars = told
    position = ViewPosition(
        Mint(address_of(mint)),
        is_open,
        Slot(last_slot),
        last_at,
        {name: int(value) for name, value in figures.items()},
        decode_usd(dollars),
        dollars["fallbacks"],
    )
    return ViewRecord(mint_id, decimals, RawAmount(int(on_chain)), position, symbol)


def _texts(numbers: Mapping[str, int]) -> str:
    return _json({name: str(value) for name, value in numbers.items()})


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
