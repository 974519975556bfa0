"""What webhooks said, kept until it is checked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.doubt import Doubt, Doubted, Outcome
from oof.domain.units import Signature


class Said(NamedTuple):
    """A webhook's body that is about to become facts."""

    signature: Signature
    digest: bytes
    doubt: Doubt | None


class Examined(NamedTuple):
    """How a look at the neighbours of bodies ended."""

    examined: int
    doubted: int
    """Bodies that are asked for again since."""


class DoubtTransaction(Protocol):
    """What a database transaction may note of bodies."""

    def note_heard(self, source: str, *, at: datetime) -> None:
        """Note that a source delivered, to half a minute; the last statement of a transaction."""
        ...

    def note_said(self, pack_key: str, said: Sequence[Said], *, at: datetime) -> None:
        """Keep what these bodies said, where they, from this very pack, became the facts."""
        ...

    def settle_doubts(self, outcomes: Mapping[int, Outcome], *, at: datetime) -> frozenset[int]:
        """Note what came of asking; return those that nobody had settled before."""
        ...


class DoubtStore(Protocol):
    """Every method is one transaction, and raises `StoreUnavailable` where it could not be had."""

    def doubted(self, signatures: Iterable[Signature]) -> tuple[Doubted, ...]:
        """Return what of these is stored from a webhook's body and not settled."""
        ...

    def examine(self, *, at: datetime, expired_before: datetime, limit: int) -> Examined:
        """Compare bodies with their neighbours, once all wallets they moved are listed past them.

        Both sides of a break are doubted, where a webhook said them. Bodies noted before
        `expired_before` are compared as far as they can be.
        """
        ...

    def claim_doubts(
        self, *, at: datetime, again_before: datetime, tries: int, limit: int
    ) -> tuple[Signature, ...]:
        """Return whom to ask for now: never asked, or asked before `again_before` in vain.

        Each counts as asked at `at`, and is asked at most `tries` times.
        """
        ...

    def give_up_doubts(self, *, at: datetime, again_before: datetime, tries: int) -> int:
        """Settle as absent what was asked for `tries` times in vain; return how many."""
        ...

    def forget_doubts(self, *, before: datetime) -> int:
        """Delete what was noted before and is not false: it has been checked, or was not doubted.

        Returns how many; those of unexamined or unsettled bodies stay.
        """
        ...
