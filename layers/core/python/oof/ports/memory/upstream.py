"""The chain in memory: whole bodies in, the provider's answers out."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import orjson

from oof.domain.finality import Told
from oof.domain.listing import TOP, Listed
from oof.domain.units import Address, Lamports, Mint, RawAmount, Signature, Slot, UnixSeconds
from oof.ports.upstream import (
    MAX_LISTED,
    MAX_PAGE_BODIES,
    AccountState,
    Body,
    HistoryPage,
    Statuses,
    TokenState,
    Usage,
)

SYSTEM_PROGRAM: Final = Address("11111111111111111111111111111111")
_FINAL_AFTER: Final = 32
_RECENT: Final = 300


class _Row(NamedTuple):
    listed: Listed
    body: dict[str, Any]
    keys: tuple[Address, ...]
    owners: frozenset[Address]
    """Owners of the token accounts that take part."""


class MemoryChainSource:
    """A `ChainSource` over bodies given in chain order, oldest first."""

    def __init__(
        self, bodies: Iterable[dict[str, Any]], *, tip: Slot, has_history_pages: bool = True
    ) -> None:
        self._rows = [_row(body, tip) for body in bodies][::-1]
        self._tip = tip
        self._has_history_pages = has_history_pages
        self._calls = 0

    @property
    def has_history_pages(self) -> bool:
        """See `ChainSource`."""
        return self._has_history_pages

    @property
    def usage(self) -> Usage:
        """See `ChainSource`."""
        return Usage(self._calls, self._calls, 0)

    def signatures_for_address(
        self, address: Address, *, before: Signature | None, limit: int
    ) -> tuple[Listed, ...]:
        """See `ChainSource`."""
        self._calls += 1
        rows = [row.listed for row in self._rows if address in row.keys]
        names = [row.signature for row in rows]
        start = 0 if before is None else names.index(before) + 1
        return tuple(row._replace(tx_index=None) for row in rows[start : start + limit])

    def history_page(
        self,
        address: Address,
        *,
        below_slot: Slot | None,
        from_slot: Slot | None,
        token: str | None,
    ) -> HistoryPage:
        """See `ChainSource`; tokens count rows."""
        self._calls += 1
        rows = self._history(address, from_slot or Slot(0), below_slot or TOP)
        start = int(token or 0)
        end = start + MAX_LISTED
        entries = tuple(row.listed for row in rows[start:end])
        return HistoryPage(entries, str(end) if len(rows) > end else None)

    def bodies_between(
        self, address: Address, *, first_slot: Slot, last_slot: Slot
    ) -> tuple[Body, ...]:
        """See `ChainSource`."""
        self._calls += 1
        rows = self._history(address, first_slot, Slot(last_slot + 1))
        return tuple(orjson.dumps(row.body) for row in rows[:MAX_PAGE_BODIES])

    def transactions(self, signatures: Sequence[Signature]) -> dict[Signature, Body]:
        """See `ChainSource`."""
        self._calls += len(signatures)
        asked = set(signatures)
        return {
            row.listed.signature: orjson.dumps(row.body)
            for row in self._rows
            if row.listed.signature in asked
        }

    def token_accounts(self, owner: Address) -> tuple[AccountState, ...]:
        """See `ChainSource`."""
        self._calls += 2
        mentioned = dict.fromkeys(k for r in self._rows if owner in r.owners for k in r.keys)
        states = [self._state(address) for address in mentioned]
        return tuple(s for s in states if s is not None and s.token and s.token.owner == owner)

    def accounts(self, addresses: Sequence[Address]) -> tuple[AccountState | None, ...]:
        """See `ChainSource`."""
        self._calls += 1
        return tuple(self._state(address) for address in addresses)

    def lamports(self, addresses: Sequence[Address]) -> tuple[Lamports, ...]:
        """See `ChainSource`."""
        states = self.accounts(addresses)
        return tuple(Lamports(0 if state is None else state.lamports) for state in states)

    def signature_statuses(
        self, signatures: Sequence[Signature], *, with_history: bool
    ) -> Statuses:
        """See `ChainSource`."""
        self._calls += 1
        oldest = 0 if with_history else self._tip - _RECENT
        slots = {r.listed.signature: r.listed.slot for r in self._rows if r.listed.slot >= oldest}
        told = [
            Told(slots[s], self._tip - slots[s] >= _FINAL_AFTER) if s in slots else None
            for s in signatures
        ]
        return Statuses(self._tip, tuple(told))

    def block_signatures(self, slots: Sequence[Slot]) -> dict[Slot, tuple[Signature, ...]]:
        """See `ChainSource`."""
        self._calls += len(slots)
        blocks = {
            slot: [row.listed for row in self._rows if row.listed.slot == slot] for slot in slots
        }
        return {
            slot: tuple(row.signature for row in sorted(rows, key=lambda row: row.tx_index or 0))
            for slot, rows in blocks.items()
            if rows and all(row.tx_index is not None for row in rows)
        }

    def _history(self, address: Address, first: Slot, below: Slot) -> list[_Row]:
        return [
            row
            for row in self._rows
            if first <= row.listed.slot < below and (address in row.keys or address in row.owners)
        ]

    def _state(self, address: Address) -> AccountState | None:
        """Return what the newest transaction left in an account."""
        row = next((row for row in self._rows if address in row.keys), None)
        if row is None:
            return None
        at = row.keys.index(address)
        lamports = row.body["meta"]["postBalances"][at]
        if lamports == 0:
            return None
        held = {t["accountIndex"]: t for t in row.body["meta"]["postTokenBalances"]}.get(at)
        program = SYSTEM_PROGRAM if held is None else Address(held["programId"])
        token = None if held is None else _token(held)
        return AccountState(address, Lamports(lamports), program, is_executable=False, token=token)


def _row(body: dict[str, Any], tip: Slot) -> _Row:
    meta, message = body["meta"], body["transaction"]["message"]
    loaded = meta.get("loadedAddresses") or {}
    keys = [*message["accountKeys"], *loaded.get("writable", []), *loaded.get("readonly", [])]
    balances = [*meta["preTokenBalances"], *meta["postTokenBalances"]]
    time = body.get("blockTime")
    listed = Listed(
        signature=Signature(body["transaction"]["signatures"][0]),
        slot=Slot(body["slot"]),
        block_time=None if time is None else UnixSeconds(time),
        tx_index=body.get("transactionIndex"),
        is_final=tip - body["slot"] >= _FINAL_AFTER,
    )
    owners = frozenset(Address(b["owner"]) for b in balances if b.get("owner"))
    return _Row(listed, body, tuple(Address(key) for key in keys), owners)


def _token(held: dict[str, Any]) -> TokenState:
    amount = RawAmount(int(held["uiTokenAmount"]["amount"]))
    return TokenState(Address(held["owner"]), Mint(held["mint"]), amount)
