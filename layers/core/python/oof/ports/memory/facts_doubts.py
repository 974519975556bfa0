"""What webhooks said, noted among the facts in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from oof.domain.doubt import Outcome
from oof.ports.doubts import Said
from oof.ports.memory.fact_tables import BodyCheck, Tables

HEARD_EVERY = timedelta(seconds=30)


class DoubtSide:
    """The doubting side of a transaction."""

    _tables: Tables

    def note_heard(self, source: str, *, at: datetime) -> None:
        """See `DoubtTransaction.note_heard`."""
        heard = self._tables.heard.get(source)
        if heard is None or heard < at - HEARD_EVERY:
            self._tables.heard[source] = at

    def note_said(self, pack_key: str, said: Sequence[Said], *, at: datetime) -> None:
        """See `DoubtTransaction.note_said`."""
        for each in said:
            row = self._tables.find(each.signature)
            if row is not None and row.object_key == pack_key:
                self._tables.checks.setdefault(row.tx_id, BodyCheck(each.digest, each.doubt, at))

    def settle_doubts(self, outcomes: Mapping[int, Outcome], *, at: datetime) -> frozenset[int]:
        """See `DoubtTransaction.settle_doubts`."""
        settled: set[int] = set()
        for tx_id, outcome in outcomes.items():
            check = self._tables.checks.get(tx_id)
            if check is not None and check.settled_at is None:
                self._tables.checks[tx_id] = check._replace(outcome=outcome, settled_at=at)
                settled.add(tx_id)
        return frozenset(settled)
