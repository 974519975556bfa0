"""Tail repair's memory in Postgres, beside what it speaks of."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from oof.adapters.postgres import tail_statements as sql
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.evidence import LastBalance, Reason, last_balance
from oof.domain.snapshot.newest import Newest, decode_rivals
from oof.domain.units import Address, RawAmount, Slot, UnixSeconds
from oof.domain.wallets import SETTLED
from oof.ports.tails import Claim, Confirmation, DueTail, Evidence, TailLag


class PostgresTailStore:
    """`TailStore` on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(
        self, *, checked_before: UnixSeconds, after: Address | None, limit: int
    ) -> tuple[DueTail, ...]:
        """See `TailStore`."""
        parameters = {
            "checked_before": checked_before,
            "after": None if after is None else address_bytes(after),
            "states": sorted(SETTLED),
            "limit": limit,
        }
        return tuple(_due_tail(row) for row in self._all(sql.DUE, parameters))

    def token_balances(self, wallets: Sequence[Address]) -> dict[Address, tuple[LastBalance, ...]]:
        """See `TailStore`."""
        found: dict[Address, list[LastBalance]] = defaultdict(list)
        addresses = sorted(address_bytes(wallet) for wallet in wallets)
        for owner, account, raw, rivals in self._all(sql.HELD_TOKENS, (addresses,)):
            found[address_of(owner)].append(_balance(address_of(account), raw, rivals))
        return {wallet: tuple(found.get(wallet, ())) for wallet in wallets}

    def confirm(
        self,
        confirmed: Sequence[Confirmation],
        *,
        at: UnixSeconds,
        read_since: UnixSeconds,
        shown_before: UnixSeconds,
    ) -> None:
        """See `TailStore`."""
        if confirmed:
            parameters = {
                "addresses": [address_bytes(each.wallet) for each in confirmed],
                "tokens": [each.has_tokens for each in confirmed],
                "at": at,
                "read_since": read_since,
                "shown_before": shown_before,
            }
            self._execute(sql.CONFIRM, parameters)

    def note_evidence(self, moved: Mapping[Address, Evidence], *, due_at: UnixSeconds) -> None:
        """See `TailStore`."""
        if moved:
            parameters = {
                "addresses": [address_bytes(wallet) for wallet in moved],
                "lamports": [evidence.lamports for evidence in moved.values()],
                "tokens": [evidence.tokens for evidence in moved.values()],
                "due_at": due_at,
            }
            self._execute(sql.NOTE_EVIDENCE, parameters)

    def note_reads(self, reads: Mapping[Address, UnixSeconds]) -> None:
        """See `TailStore`."""
        if reads:
            addresses = [address_bytes(wallet) for wallet in reads]
            parameters = {"addresses": addresses, "times": list(reads.values())}
            self._execute(sql.NOTE_READS, parameters)

    def want(self, wanted: Mapping[Address, Reason], *, at: UnixSeconds) -> None:
        """See `TailStore`."""
        if wanted:
            parameters = {
                "addresses": [address_bytes(wallet) for wallet in wanted],
                "reasons": [reason.value for reason in wanted.values()],
                "at": at,
            }
            self._execute(sql.WANT, parameters)

    def forget_listed(self) -> None:
        """See `TailStore`."""
        self._execute(sql.FORGET_LISTED, (sorted(SETTLED),))

    def claim(
        self,
        tick: str,
        *,
        at: UnixSeconds,
        at_once: int,
        given_up_before: UnixSeconds,
        deferred: Collection[Reason] = (),
    ) -> Claim:
        """See `TailStore`."""
        parameters = {"tick": tick, "at": at, "given_up_before": given_up_before}
        with self._database.transaction() as cursor:
            cursor.execute(sql.LOCK_QUEUE)
            [(running, _)] = cursor.execute(sql.COUNTS, parameters).fetchall()
            free = {"room": max(at_once - running, 0), "deferred": [r.value for r in deferred]}
            cursor.execute(sql.CLAIM, parameters | free)
            mine = cursor.execute(sql.CLAIMED, parameters).fetchall()
            [(running, all_)] = cursor.execute(sql.COUNTS, parameters).fetchall()
        return Claim(tuple(address_of(row[0]) for row in mine), running, all_ - running)

    def lag(self) -> TailLag:
        """See `TailStore`."""
        [(wallets, oldest)] = self._all(sql.LAG, (sorted(SETTLED),))
        return TailLag(wallets, oldest)

    def last_heard(self) -> UnixSeconds | None:
        """See `TailStore`."""
        rows = self._all(sql.LAST_HEARD)
        return UnixSeconds(rows[0][0]) if rows else None

    def begin_outage(self, *, began_at: UnixSeconds) -> bool:
        """See `TailStore`."""
        with self._database.transaction() as cursor:
            return cursor.execute(sql.BEGIN_OUTAGE, {"began_at": began_at}).rowcount > 0

    def end_outage(
        self, *, began_at: UnixSeconds | None, ended_at: UnixSeconds, reported: bool
    ) -> None:
        """See `TailStore`."""
        parameters = {"began_at": began_at, "ended_at": ended_at, "reported": reported}
        self._execute(sql.END_OUTAGE if began_at is None else sql.NOTE_OUTAGE, parameters)

    def outage_began_at(self) -> UnixSeconds | None:
        """See `TailStore`."""
        rows = self._all(sql.OUTAGE_BEGAN)
        return UnixSeconds(rows[0][0]) if rows else None

    def outage_ended_at(self) -> UnixSeconds | None:
        """See `TailStore`."""
        [(ended_at,)] = self._all(sql.OUTAGE_ENDED)
        return None if ended_at is None else UnixSeconds(ended_at)

    def _all(self, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        with self._database.transaction() as cursor:
            return cursor.execute(statement, parameters).fetchall()

    def _execute(self, statement: str, parameters: Any) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(statement, parameters)


def _due_tail(row: tuple[Any, ...]) -> DueTail:
    address, checked_at, listed_at, tokens_at, has_missing, *rest = row
    answered, token_answered, is_live, *held = rest
    raw, rivals, is_covered, holds_nothing = held
    wallet = address_of(address)
    lamports = None
    if holds_nothing:
        lamports = LastBalance(wallet, RawAmount(0))
    elif is_covered:
        lamports = _balance(wallet, raw, rivals)
    return DueTail(
        wallet=wallet,
        lamports=lamports,
        checked_at=checked_at,
        listed_at=listed_at,
        tokens_checked_at=tokens_at,
        has_missing=has_missing,
        answered=Evidence(answered, token_answered),
        is_live=is_live,
    )


def _balance(account: Address, raw: str, rivals: bytes | None) -> LastBalance:
    if rivals is None:
        return LastBalance(account, RawAmount(int(raw)))
    return last_balance(account, Newest(Slot(0), decode_rivals(rivals)))
