"""How each tracked wallet is watched, and what was last put at the provider."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from oof.domain.governor import Activity, Watch
from oof.domain.units import Address, UnixSeconds
from oof.domain.webhooks import Put

MOST_ACCOUNTS = 1_000
"""Token accounts of one wallet that a webhook names: those that moved last. The others are found
by the looks at the tail alone."""
EMPTIED_SLOTS = 216_000
"""An account emptied so long (a day) before the wallet's newest slot counts as closed: balances
do not tell an empty account from a closed one."""


class Watched(NamedTuple):
    """One wallet, as far as watching goes."""

    wallet: Address
    is_followed: bool
    """Whether it is served: others are on no webhook."""
    watch: Watch
    shard: int | None
    """The webhook whose list is to name it."""
    is_named: bool
    """Whether the provider reports it."""
    activity: Activity


class RegistryState(NamedTuple):
    """What we know of the provider's side."""

    puts: tuple[Put, ...]
    """By shard, ascending."""
    looked_at: UnixSeconds | None
    """When the provider's own list was last read."""
    auth_digest: str | None
    """Of the header value that deliveries are to carry, as last read from the secret."""
    is_rotating: bool


class Confirmed(NamedTuple):
    """What the provider's side is known to be after a put or a look."""

    puts: tuple[Put, ...]
    """What was put just now, or mended."""
    broken: frozenset[int]
    """Shards put here whose webhook had been missing, off or altered: what it reported until now
    is not known to be all."""
    removed: frozenset[int]
    """Shards without a webhook that works: given up, or broken and not mended yet."""
    looked_at: UnixSeconds | None
    """None where the provider's list was not read."""
    auth_digest: str
    is_rotating: bool


class WatchCounts(NamedTuple):
    """How the followed wallets are watched."""

    named: int
    """Reported by a webhook."""
    live: int
    """Of these, those listed since."""
    polled: int
    followed: int


class WatchStore(Protocol):
    """Every method is one transaction, and raises `StoreUnavailable` where it could not be had.

    A wallet of which something shown changes has its revision raised.
    """

    def registry(self) -> RegistryState:
        """Return what was last put and read."""
        ...

    def watched(
        self, *, now: UnixSeconds, after: Address | None, limit: int
    ) -> tuple[Watched, ...]:
        """Return wallets that are followed, or still on a shard; one page, behind `after`."""
        ...

    def govern(self, watches: Mapping[Address, Watch], *, at: UnixSeconds) -> None:
        """Record how wallets are watched from now on; one that is polled leaves its shard.

        Its first listing is due at once.
        """
        ...

    def assign(self, shards: Mapping[Address, int | None], *, at: UnixSeconds) -> None:
        """Give wallets their shards, or none. Nobody on a new shard is named there yet."""
        ...

    def addresses(self, wallets: Sequence[Address]) -> dict[Address, tuple[Address, ...]]:
        """Return what to watch of each wallet: itself first, then its open token accounts.

        Those where all that ever moved was marked as spam or dust are left out.
        """
        ...

    def members(self, shard: int) -> dict[Address, tuple[Address, ...]]:
        """Return what to watch of each wallet on a shard, those longest there first."""
        ...

    def confirm(self, confirmed: Confirmed, *, at: UnixSeconds) -> tuple[Address, ...]:
        """Record what is at the provider, and return the wallets it names from `at` on.

        These are live once a listing ends that began at `at` or later. Wallets of a broken shard
        are named anew, and no longer live.
        """
        ...

    def name(self, shards: Sequence[int], *, at: UnixSeconds) -> tuple[Address, ...]:
        """Record that the lists already put at the provider name everybody on these shards.

        Returns who was not named before.
        """
        ...

    def unlisted(self, *, limit: int) -> tuple[Address, ...]:
        """Return wallets that a webhook reports and that are not live yet, longest named first."""
        ...

    def due_polls(self, *, at: UnixSeconds, limit: int) -> tuple[Address, ...]:
        """Return polled wallets whose next listing is due, longest due first."""
        ...

    def counts(self) -> WatchCounts:
        """Return how the followed wallets are watched."""
        ...
