"""Who tells what tokens are called, and where that is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.tokens_facts import TokenFacts, ToldToken
from oof.domain.units import Mint


class TokenProvider(Protocol):
    """Somebody who knows tokens. What it does not know it leaves out: that is no failure."""

    @property
    def reads(self) -> int:
        """Requests that this event has sent so far."""
        ...

    @property
    def batch(self) -> int:
        """How many mints one `tell` may answer."""
        ...

    def tell(self, mints: Sequence[Mint]) -> Mapping[Mint, ToldToken]:
        """Return what is known of these mints; no other one is in the answer.

        Raises `UpstreamUnavailable`, `UpstreamRejected`, `BudgetSpent`.
        """
        ...


class KeptTokens(NamedTuple):
    """What settling answers changed."""

    told: int = 0
    """Mints of which something was told."""
    missed: int = 0
    """Mints that nobody knows."""
    renamed: int = 0
    """Mints that are shown under another symbol than before."""


class TokenFactsReader(Protocol):
    """Looks up what tokens are called. Raises `StoreUnavailable`."""

    def facts(self, mint: Mint) -> TokenFacts | None:
        """Return what is known of a mint; None where no stored transaction has it."""
        ...


class TokenStore(TokenFactsReader, Protocol):
    """Keeps what was told, and whom to ask about next. Bears being run twice at once."""

    def due(self, *, at: datetime, limit: int) -> tuple[Mint, ...]:
        """Return mints to ask about by `at`: those due longest, of new ones the newest first."""
        ...

    def settle(self, answers: Mapping[Mint, ToldToken | None], *, at: datetime) -> KeptTokens:
        """Keep what was told as of `at`; None where everybody was asked and nobody knows.

        What was told before stays where nobody knows now. A mint that was asked about at `at` or
        later is left as it is, so settling twice changes nothing. Wallets that ever held a renamed
        mint are due to be projected. Mints that no stored transaction has are left out.
        """
        ...
