"""Reading stored bodies anew: whose facts an older normalizer wrote, and how far the work is."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import Address, Slot


class StoredBody(NamedTuple):
    """Where the raw body of a transaction lies."""

    tx_id: int
    slot: Slot
    object_key: str
    dictionary_id: str
    offset: int
    length: int


class Rewrite(NamedTuple):
    """A transaction as a newer normalizer reads it."""

    tx_id: int
    transaction: NormalizedTransaction


class Rewritten(NamedTuple):
    """What a rewrite did."""

    changed: int
    """Transactions whose facts are others now; the rest only has a newer version."""
    woken: tuple[Address, ...]


class Renormalization(NamedTuple):
    """How far reading all bodies for one version is."""

    version: int
    after_tx: int
    """Done up to here."""
    last_tx: int
    """The newest transaction when this was last looked at."""
    seen: int = 0
    rewritten: int = 0
    failed: int = 0
    """Bodies that are not there or are none to this normalizer; their facts stay."""
    is_ended: bool = False


class RewritingTransaction(Protocol):
    """What a database transaction may rewrite."""

    def rewrite(self, rewrites: Sequence[Rewrite], *, version: int, at: datetime) -> Rewritten:
        """Replace the facts of transactions that an older version wrote, and queue what changed.

        What was revoked or rewritten meanwhile is left alone. A known time and index stay.
        """
        ...

    def note_renormalization(self, state: Renormalization, *, at: datetime) -> None:
        """Remember how far the work is."""
        ...

    def queue_history(self, wallet_id: int, *, from_slot: Slot, at: datetime) -> int:
        """Queue all that the wallet took part in or its ledger names from a slot on."""
        ...


class RewritingReads(Protocol):
    """What there is to read anew."""

    def stale_bodies(self, version: int, *, after: int, limit: int) -> tuple[StoredBody, ...]:
        """Return transactions above `after` whose facts an older version wrote, by id."""
        ...

    def renormalization(self, version: int) -> Renormalization:
        """Return how far the work for a version is; at its beginning where it has none yet."""
        ...
