"""What the chain's provider answers, whoever the provider is."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from oof.domain.finality import Told
from oof.domain.listing import Listed
from oof.domain.units import Address, Lamports, Mint, RawAmount, Signature, Slot

type Body = bytes
"""One complete transaction as JSON, as the provider told it."""

MAX_LISTED = 1_000
"""Rows in a page of a listing."""
MAX_PAGE_BODIES = 100
"""Bodies in a page of an address's history."""
MAX_ACCOUNTS = 100
"""Accounts in one look."""
MAX_STATUSES = 256
"""Signatures asked about at once."""


class HistoryPage(NamedTuple):
    """One page of an address's history with its token accounts, newest first."""

    entries: tuple[Listed, ...]
    token: str | None
    """Where the next page begins; None where there is none."""


class AccountState(NamedTuple):
    """What an account is and holds now."""

    address: Address
    lamports: Lamports
    owner_program: Address
    is_executable: bool
    token: "TokenState | None"
    """Set where it is a token account of either token program."""


class TokenState(NamedTuple):
    """What a token account holds, for whom."""

    owner: Address
    mint: Mint
    raw: RawAmount


class Statuses(NamedTuple):
    """How far the chain is with each signature asked about."""

    node_slot: Slot
    """How far the node was that answered."""
    told: tuple[Told | None, ...]
    """In the order asked; None for what the node does not know."""


class Usage(NamedTuple):
    """What was asked of the provider so far, as it counts."""

    calls: int
    credits: int
    waited_ms: int


class ChainSource(Protocol):
    """The chain, as one share of the plan may ask for it.

    Every method raises `UpstreamUnavailable` where asking again can help, after its own few
    tries, and `UpstreamRejected` where it cannot.
    """

    def signatures_for_address(
        self, address: Address, *, before: Signature | None, limit: int
    ) -> tuple[Listed, ...]:
        """List signatures naming `address` itself, newest first, older than `before`.

        Token accounts are addresses of their own here. Fewer than `limit` rows are the last.
        """
        ...

    def history_page(
        self,
        address: Address,
        *,
        below_slot: Slot | None,
        from_slot: Slot | None,
        token: str | None,
    ) -> HistoryPage:
        """List an address and its token accounts, newest first.

        Holds what is in `from_slot` ≤ slot < `below_slot`; None leaves an end open. Only where
        the plan allows it, see `has_history_pages`.
        """
        ...

    def bodies_between(
        self, address: Address, *, first_slot: Slot, last_slot: Slot
    ) -> tuple[Body, ...]:
        """Read one page of bodies of an address and its token accounts, both slots included."""
        ...

    def transactions(self, signatures: Sequence[Signature]) -> dict[Signature, Body]:
        """Ask for bodies by signature; what the provider does not have is absent."""
        ...

    def token_accounts(self, owner: Address) -> tuple[AccountState, ...]:
        """List the token accounts an owner has now, of both token programs."""
        ...

    def accounts(self, addresses: Sequence[Address]) -> tuple[AccountState | None, ...]:
        """Look at accounts, in the order asked; None where there is none."""
        ...

    def lamports(self, addresses: Sequence[Address]) -> tuple[Lamports, ...]:
        """Look at what accounts hold in lamports, and at nothing else, in the order asked.

        An account that is not there holds none.
        """
        ...

    def signature_statuses(
        self, signatures: Sequence[Signature], *, with_history: bool
    ) -> Statuses:
        """Ask one node, once, how far up to `MAX_STATUSES` signatures are.

        Without history it knows those of its last slots alone, and costs a tenth.
        """
        ...

    def block_signatures(self, slots: Sequence[Slot]) -> dict[Slot, tuple[Signature, ...]]:
        """Ask for the signatures of blocks, in block order; what cannot be told is absent."""
        ...

    @property
    def has_history_pages(self) -> bool:
        """Whether the plan allows `history_page` and `bodies_between`.

        Where the provider turns out to refuse them, they raise `NotInPlan` once, and this is
        False from then on.
        """
        ...

    @property
    def usage(self) -> Usage:
        """What this instance has asked since it was made."""
        ...
