"""Hand-overs between functions. Messages carry work to do, never facts to believe."""

from collections.abc import Sequence
from typing import Protocol

from oof.domain.units import Address, Signature


class WalletWaker(Protocol):
    """Wakes the one writer of a wallet (ingest-apply)."""

    def wake(self, wallets: Sequence[Address], *, batch: str) -> None:
        """Send one wake-up a wallet, deduplicated by (wallet, batch). Raises `StoreUnavailable`."""
        ...


class StoreHandover(Protocol):
    """Hands raw bodies to the one store path (ingest-store)."""

    def hand_over(self, *, source: str, body: str | None, s3_key: str | None) -> None:
        """Send one batch: `body` is the JSON text of an array, or `s3_key` names it."""
        ...


class FetchRequester(Protocol):
    """Asks for bodies by signature (ingest-fetch)."""

    def request(self, signatures: Sequence[Signature], *, reason: str, delay_s: int = 0) -> None:
        """Send the signatures in messages of at most 100, hidden for `delay_s` (0 to 900) seconds.

        Raises `StoreUnavailable`.
        """
        ...


class AnalysisQueue(Protocol):
    """Hands analyses to whoever works them out (analysis-operations)."""

    def request(self, work_id: str, attempt: int) -> None:
        """Ask for one attempt; asking twice is harmless. Raises `StoreUnavailable`."""
        ...
