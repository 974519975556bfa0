"""What tail repair remembers: who was looked at, who waits to be listed, when events were lost."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from oof.domain.evidence import LastBalance, Reason
from oof.domain.units import Address, UnixSeconds


class Evidence(NamedTuple):
    """Digests of what differed when a wallet was looked at; None where nothing did."""

    lamports: str | None = None
    tokens: str | None = None


class DueTail(NamedTuple):
    """A wallet whose newest end was not confirmed lately."""

    wallet: Address
    lamports: LastBalance | None
    """None where what is known lies below the covered span: there is nothing to compare with."""
    checked_at: UnixSeconds | None
    """When its newest end was confirmed last, by a look or a listing."""
    listed_at: UnixSeconds | None
    tokens_checked_at: UnixSeconds | None
    """When its token accounts were looked at or listed last."""
    has_missing: bool
    """The provider did not have some body before."""
    answered: Evidence
    """What a listing has looked into since."""
    is_live: bool
    """A webhook reports it, and nothing is between what it reports and what was listed."""


class Confirmation(NamedTuple):
    """A look that found a wallet unmoved."""

    wallet: Address
    has_tokens: bool
    """Whether its token accounts were looked at too."""


class Claim(NamedTuple):
    """Whose turn it is, and how many wait."""

    wallets: tuple[Address, ...]
    running: int
    """Listings under way, these included."""
    waiting: int
    """Wallets whose turn has not come."""


class TailLag(NamedTuple):
    """How far behind the tails are, over all settled wallets."""

    wallets: int
    oldest_confirmed_at: UnixSeconds | None
    """When the wallet that waits longest was confirmed; None where there is no wallet."""


class TailStore(Protocol):
    """Every method is one transaction, and raises `StoreUnavailable` where it could not be had."""

    def due(
        self, *, checked_before: UnixSeconds, after: Address | None, limit: int
    ) -> tuple[DueTail, ...]:
        """Return settled wallets that were not confirmed lately and have no pending work.

        One page in a stable order, beginning behind `after`.
        """
        ...

    def token_balances(self, wallets: Sequence[Address]) -> dict[Address, tuple[LastBalance, ...]]:
        """Return what the wallets' open token accounts hold, within their reach alone."""
        ...

    def confirm(
        self,
        confirmed: Sequence[Confirmation],
        *,
        at: UnixSeconds,
        read_since: UnixSeconds,
        shown_before: UnixSeconds,
    ) -> None:
        """Record that nothing moved in these wallets.

        The revision is raised, so that the summary tells, only where the wallet was read since
        `read_since` or a look was last shown before `shown_before`: most looks find nothing, and
        every projection is a paid write.
        """
        ...

    def note_evidence(self, moved: Mapping[Address, Evidence], *, due_at: UnixSeconds) -> None:
        """Remember by what each wallet looked moved; the revisions stay.

        A listing that confirms the newest end at `due_at` or later answers it. The same evidence
        again keeps its first time, and what is None here keeps what was there.
        """
        ...

    def note_reads(self, reads: Mapping[Address, UnixSeconds]) -> None:
        """Remember when wallets were read; an earlier time changes nothing."""
        ...

    def want(self, wanted: Mapping[Address, Reason], *, at: UnixSeconds) -> None:
        """Queue wallets to be listed; one that waits keeps its place and its more urgent reason."""
        ...

    def forget_listed(self) -> None:
        """Take those out of the queue that were listed since they were started or queued."""
        ...

    def claim(
        self,
        tick: str,
        *,
        at: UnixSeconds,
        at_once: int,
        given_up_before: UnixSeconds,
        deferred: Collection[Reason] = (),
    ) -> Claim:
        """Start as many of those that wait as may run at once, and say who they are.

        The more urgent reason first, then the wallet read last; `deferred` ones wait on. A listing
        started before `given_up_before`, or failed and due again, no longer runs and may be
        claimed anew. The same tick gets its wallets again, so that a step tried twice starts them
        all.
        """
        ...

    def lag(self) -> TailLag:
        """Return how far behind the tails are."""
        ...

    def last_heard(self) -> UnixSeconds | None:
        """Return when a webhook's delivery was stored last, to half a minute."""
        ...

    def begin_outage(self, *, began_at: UnixSeconds) -> bool:
        """Note that events are being lost; False where an outage is under way already."""
        ...

    def end_outage(
        self, *, began_at: UnixSeconds | None, ended_at: UnixSeconds, reported: bool
    ) -> None:
        """End the outage under way, or note one that is over where `began_at` is given.

        Idempotent by its beginning.
        """
        ...

    def outage_began_at(self) -> UnixSeconds | None:
        """Return when the outage under way began; None where there is none."""
        ...

    def outage_ended_at(self) -> UnixSeconds | None:
        """Return when the last outage ended that is over; None where there was none."""
        ...
