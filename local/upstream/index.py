"""A chain as an index over records: listings, account states and blocks, up to a clock."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from local.upstream.clock import Clock
from local.upstream.model import (
    ACCOUNT_OVERHEAD,
    LOADER_PROGRAM,
    RENT_PER_BYTE,
    SYSTEM_PROGRAM,
    AccountState,
    Block,
    Body,
    Record,
    TokenRow,
)

SLOT_SECONDS = 0.4


class IndexedChain:
    """The part every chain shares; subclasses add records in chain order."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.executables: set[str] = set()
        self.programs: dict[str, str] = {}
        """Account → the program that owns it, where known otherwise than as a token account."""
        self.mints: dict[str, TokenRow] = {}
        """Mint → some row of it, for its program and decimals."""
        self._records: list[Record] = []
        self._position: dict[str, int] = {}
        self._mentions: dict[str, list[int]] = defaultdict(list)
        self._owned: dict[str, dict[str, None]] = defaultdict(dict)
        self._owner_changes: dict[str, list[int]] = defaultdict(list)
        self._slots: dict[int, list[int]] = defaultdict(list)
        self._times: list[tuple[int, int]] = []
        self._hidden: set[str] = set()

    # --- building -------------------------------------------------------------------------

    def add(self, record: Record) -> None:
        """Append a record; its slot must not be below the newest one's."""
        at = len(self._records)
        self._records.append(record)
        self._position[record.signature] = at
        for key in dict.fromkeys(record.keys):
            self._mentions[key].append(at)
        for row in record.tokens:
            self._add_token_row(row, at)
        self._slots[record.slot].append(at)
        newest = self._times[-1] if self._times else (0, 0)
        if record.block_time is not None and record.block_time > newest[0]:
            self._times.append((record.block_time, record.slot))

    def _add_token_row(self, row: TokenRow, at: int) -> None:
        self.mints.setdefault(row.mint, row)
        if row.owner is None:
            return
        self._owned[row.owner][row.account] = None
        changes = self._owner_changes[row.owner]
        if row.pre != row.post and (not changes or changes[-1] != at):
            changes.append(at)

    def _rebuild(self, records: Iterable[Record]) -> None:
        for index in (self._mentions, self._owned, self._owner_changes, self._slots):
            index.clear()
        self._records, self._position, self._times = [], {}, []
        for record in records:
            self.add(record)

    def catch_up(self) -> None:
        """Bring the chain to the clock's present; a recording has nothing to do."""

    # --- time -----------------------------------------------------------------------------

    def now(self) -> float:
        """Return the chain's present, in Unix seconds."""
        return self.clock.now()

    def tip_slot(self) -> int:
        """Return the newest slot: the last timed transaction's, then one each 0.4 s."""
        self.catch_up()
        now = self.now()
        at = bisect_right(self._times, now, key=lambda pair: pair[0])
        if at == 0:
            return 0
        time, slot = self._times[at - 1]
        slot += int((now - time) / SLOT_SECONDS)
        if at < len(self._times):
            slot = min(slot, self._times[at][1] - 1)
        return slot

    def _visible(self) -> int:
        """Return how many records there are up to the present."""
        return bisect_right(self._records, self.tip_slot(), key=attrgetter("slot"))

    # --- reading --------------------------------------------------------------------------

    def _shown(self, positions: Iterable[int]) -> list[Record]:
        visible = self._visible()
        found = (self._records[at] for at in positions if at < visible)
        return [record for record in found if record.signature not in self._hidden]

    def history(self, address: str) -> list[Record]:
        """List the visible transactions whose keys mention `address`."""
        self.catch_up()
        return self._shown(self._mentions.get(address, ()))

    def history_with_tokens(self, owner: str, *, changed_only: bool) -> list[Record]:
        """List `history(owner)` merged with its token accounts' transactions."""
        self.catch_up()
        positions = set(self._mentions.get(owner, ()))
        if changed_only:
            positions.update(self._owner_changes.get(owner, ()))
        else:
            for account in self._owned.get(owner, ()):
                positions.update(self._mentions.get(account, ()))
        return self._shown(sorted(positions))

    def signatures_for(
        self,
        address: str,
        before: str | None = None,
        until: str | None = None,
        limit: int = 1000,
    ) -> list[Record]:
        """List newest first, as validators do: an unknown `before` finds nothing."""
        found = self.history(address)
        low, high = 0, len(found)
        if before is not None:
            if before not in self._position:
                return []
            high = self._cut(found, before, after=False)
        if until is not None and until in self._position:
            low = self._cut(found, until, after=True)
        return found[low:high][::-1][:limit]

    def _cut(self, found: list[Record], signature: str, *, after: bool) -> int:
        at = self._position[signature]
        edge = at + 1 if after else at
        low, high = 0, len(found)
        while low < high:
            middle = (low + high) // 2
            if self._position[found[middle].signature] < edge:
                low = middle + 1
            else:
                high = middle
        return low

    def record(self, signature: str) -> Record | None:
        """Return a visible transaction's record."""
        self.catch_up()
        at = self._position.get(signature)
        if at is None:
            return None
        found = self._shown((at,))
        return found[0] if found else None

    def transaction(self, signature: str, encoding: str = "json") -> Body | None:
        """Return a visible transaction's body, of the slot it landed in."""
        record = self.record(signature)
        if record is None:
            return None
        return body_of(record, encoding)

    def account(self, address: str) -> AccountState | None:
        """Return the state after the newest visible transaction that mentions `address`."""
        self.catch_up()
        visible = self._visible()
        for at in reversed(self._mentions.get(address, ())):
            record = self._records[at]
            if at < visible and record.signature not in self._hidden:
                return self._state(address, record)
        return None

    def _state(self, address: str, record: Record) -> AccountState | None:
        lamports = record.post_lamports[record.keys.index(address)]
        token = next((r for r in record.tokens if r.account == address), None)
        if lamports == 0 and address not in self.executables:
            return None
        if token is not None and token.post is None:
            token = None
        executable = address in self.executables
        if token is not None:
            program, space = token.program, _space(lamports, 165)
        elif address in self.mints:
            program, space = self.mints[address].program, _space(lamports, 82)
        elif executable:
            program, space = LOADER_PROGRAM, 36
        else:
            program = self.owner_program(address, lamports)
            space = 0 if program == SYSTEM_PROGRAM else _space(lamports, 0)
        return AccountState(address, lamports, program, executable, space, token, record.slot)

    def owner_program(self, account: str, lamports: int) -> str:  # noqa: ARG002
        """Return the program that owns an account which is no token account and no mint."""
        return self.programs.get(account, SYSTEM_PROGRAM)

    def token_accounts(self, owner: str) -> list[AccountState]:
        """List the token accounts that are open and `owner`'s now."""
        self.catch_up()
        states = (self.account(account) for account in self._owned.get(owner, ()))
        return [s for s in states if s and s.token and s.token.owner == owner]

    def rank_overall(self, signature: str) -> int:
        """Return a transaction's place in the whole chain.

        Raises:
            KeyError: no such transaction.
        """
        return self._position[signature]

    def rank(self, signature: str) -> int:
        """Return a transaction's place among those of its slot that the chain holds."""
        at = self._position[signature]
        return at - self._slots[self._records[at].slot][0]

    def block(self, slot: int) -> Block | None:
        """Return a slot's block where every index is known."""
        if slot > self.tip_slot():
            return None
        found = self._shown(self._slots.get(slot, ()))
        if not found or any(record.tx_index is None for record in found):
            return None
        return Block(slot, found[0].block_time, tuple(found))

    def newest(self) -> str | None:
        """Return the newest visible transaction's signature."""
        self.catch_up()
        visible = self._visible()
        return self._records[visible - 1].signature if visible else None

    def since(self, signature: str | None) -> list[Record]:
        """List the visible transactions after a signature, oldest first."""
        self.catch_up()
        start = 0 if signature is None else self._position[signature] + 1
        return self._shown(range(start, self._visible()))

    def describe(self) -> list[dict[str, Any]]:
        """List the wallets worth opening: address, role and number of transactions."""
        return []

    # --- disturbing -----------------------------------------------------------------------

    def hide(self, signature: str) -> None:
        """Pretend that a transaction never landed."""
        self._hidden.add(signature)

    def reveal(self, signature: str) -> None:
        """Take `hide` back."""
        self._hidden.discard(signature)

    def hidden(self) -> list[str]:
        """List what is hidden."""
        return sorted(self._hidden)

    def reland(self, signature: str, slot: int) -> None:
        """Move a transaction to the end of another slot, at that slot's time.

        Raises:
            KeyError: no such transaction.
            ValueError: the slot is beyond the tip.
        """
        record = self._records[self._position[signature]]
        if slot > self.tip_slot():
            raise ValueError(f"slot {slot} is still to come")
        neighbours = [self._records[at] for at in self._slots.get(slot, ())]
        index = None if record.tx_index is None else self.next_index(slot)
        time = neighbours[0].block_time if neighbours else self._time_at(slot)
        moved = record._replace(slot=slot, tx_index=index, block_time=time)
        rest = [r for r in self._records if r.signature != signature]
        at = bisect_right(rest, slot, key=attrgetter("slot"))
        self._rebuild([*rest[:at], moved, *rest[at:]])

    def next_index(self, slot: int) -> int:
        """Return the index of the next transaction in a slot whose order is known."""
        found = [self._records[at].tx_index for at in self._slots.get(slot, ())]
        return max((index for index in found if index is not None), default=-1) + 1

    def _time_at(self, slot: int) -> int | None:
        at = bisect_right(self._times, slot, key=lambda pair: pair[1])
        if at == 0:
            return None
        time, known = self._times[at - 1]
        return time + int((slot - known) * SLOT_SECONDS)


def body_of(record: Record, encoding: str) -> Body:
    """Return a record's body with the slot and time it has now."""
    body = record.load(encoding)
    if body.get("slot") != record.slot:
        body = {**body, "slot": record.slot, "blockTime": record.block_time}
    return body


def _space(lamports: int, otherwise: int) -> int:
    """Return the data size whose rent is exactly `lamports`, else what such accounts measure."""
    if lamports % RENT_PER_BYTE == 0 and lamports // RENT_PER_BYTE >= ACCOUNT_OVERHEAD:
        return lamports // RENT_PER_BYTE - ACCOUNT_OVERHEAD
    return otherwise
