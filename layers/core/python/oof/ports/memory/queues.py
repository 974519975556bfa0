"""Hand-overs in memory: what was sent waits in lists."""

from collections.abc import Sequence
from itertools import batched
from typing import NamedTuple

from oof.domain.units import Address, Signature


class WakeUp(NamedTuple):
    """One message of ingest-apply."""

    wallet: Address
    batch: str


class StoreBatch(NamedTuple):
    """One message of ingest-store."""

    source: str
    body: str | None
    s3_key: str | None


class FetchRequest(NamedTuple):
    """One message of ingest-fetch."""

    signatures: tuple[Signature, ...]
    reason: str
    delay_s: int = 0


class AnalysisRequest(NamedTuple):
    """One message of analysis-operations."""

    work_id: str
    attempt: int


class MemoryWalletWaker:
    """`WalletWaker`: deduplicates by (wallet, batch), for ever."""

    def __init__(self) -> None:
        self.sent: list[WakeUp] = []
        self._seen: set[WakeUp] = set()

    def wake(self, wallets: Sequence[Address], *, batch: str) -> None:
        """See `WalletWaker.wake`."""
        for wallet in wallets:
            message = WakeUp(wallet, batch)
            if message not in self._seen:
                self._seen.add(message)
                self.sent.append(message)


class MemoryStoreHandover:
    """`StoreHandover`."""

    def __init__(self) -> None:
        self.sent: list[StoreBatch] = []

    def hand_over(self, *, source: str, body: str | None, s3_key: str | None) -> None:
        """See `StoreHandover.hand_over`."""
        self.sent.append(StoreBatch(source, body, s3_key))


class MemoryFetchRequester:
    """`FetchRequester`."""

    def __init__(self) -> None:
        self.sent: list[FetchRequest] = []

    def request(self, signatures: Sequence[Signature], *, reason: str, delay_s: int = 0) -> None:
        """See `FetchRequester.request`."""
        for part in batched(signatures, 100, strict=False):
            self.sent.append(FetchRequest(part, reason, delay_s))


class MemoryAnalysisQueue:
    """`AnalysisQueue`."""

    def __init__(self) -> None:
        self.sent: list[AnalysisRequest] = []

    def request(self, work_id: str, attempt: int) -> None:
        """See `AnalysisQueue.request`."""
        self.sent.append(AnalysisRequest(work_id, attempt))
