"""What was asked of the stand-in: the evidence behind "asked once" and "zero calls"."""

import time
from collections import Counter, defaultdict, deque
from typing import Any


class Counters:
    """Calls by method, bodies by signature, and the busiest second."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.calls: Counter[str] = Counter()
        """Every call, each item of a batch on its own; REST calls as `GET /v0/…`."""
        self.faults: Counter[str] = Counter()
        """Calls answered by an injected fault, by kind."""
        self.http_requests = 0
        self.batches = 0
        self.batched_items: Counter[str] = Counter()
        self.bodies_requested: Counter[str] = Counter()
        """Signature → how often its body was asked for by signature."""
        self.bodies_served: Counter[str] = Counter()
        """Signature → how often its body was answered by signature, faults apart."""
        self.served_at: dict[str, list[float]] = defaultdict(list)
        """Signature → the Unix times of those answers."""
        self.page_bodies: Counter[str] = Counter()
        """Signature → how often its body came along in a page or a block."""
        self.deliveries: Counter[str] = Counter()
        """Webhook posts by outcome: delivered, retried, lost."""
        self.credits = 0
        self.peak_calls_per_second = 0
        self._recent: deque[float] = deque()

    def call(self, method: str, at: float) -> None:
        """Count one call at a monotonic time in seconds."""
        self.calls[method] += 1
        self.credits += CREDITS.get(method, 1)
        self._recent.append(at)
        self.peak_calls_per_second = max(self.peak_calls_per_second, self.recent(at))

    def body_served(self, signature: str) -> None:
        """Count a body answered whole by its signature, now."""
        self.bodies_served[signature] += 1
        self.served_at[signature].append(time.time())

    def repeats(self) -> dict[str, list[float]]:
        """Return when the bodies were answered that were answered more than once."""
        return {name: times for name, times in self.served_at.items() if len(times) > 1}

    def recent(self, at: float) -> int:
        """Return how many calls there were within the second before `at`."""
        while self._recent and self._recent[0] <= at - 1:
            self._recent.popleft()
        return len(self._recent)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "calls": dict(self.calls),
            "total_calls": self.calls.total(),
            "faults": dict(self.faults),
            "http_requests": self.http_requests,
            "batches": self.batches,
            "batched_items": dict(self.batched_items),
            "bodies_requested": dict(self.bodies_requested),
            "bodies_served": dict(+self.bodies_served),
            "repeats": self.repeats(),
            "page_bodies": dict(self.page_bodies),
            "deliveries": dict(self.deliveries),
            "credits": self.credits,
            "peak_calls_per_second": self.peak_calls_per_second,
        }


CREDITS = {
    "getSignaturesForAddress": 10,
    "getTransaction": 10,
    "getBlock": 10,
    "getTransactionsForAddress": 100,
    "POST /v0/transactions": 100,
    "GET /v0/webhooks": 100,
    "POST /v0/webhooks": 100,
    "PUT /v0/webhooks": 100,
    "PATCH /v0/webhooks": 100,
    "DELETE /v0/webhooks": 100,
}
"""Helius' list: what a call costs; one credit where nothing else is said."""
