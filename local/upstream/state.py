"""Everything one running stand-in holds."""

from dataclasses import dataclass, field

from local.upstream.counters import Counters
from local.upstream.faults import Faults
from local.upstream.index import IndexedChain
from local.upstream.prices import Prices
from local.upstream.webhooks import Webhooks


@dataclass(slots=True, kw_only=True)
class Upstream:
    """One stand-in: a chain, what was asked of it, and how it shall misbehave."""

    chain: IndexedChain
    prices: Prices
    counters: Counters = field(default_factory=Counters)
    faults: Faults = field(default_factory=Faults)
    webhooks: Webhooks = field(default_factory=Webhooks)
    has_address_history: bool = True
    """Whether the plan includes `getTransactionsForAddress`."""
    calls_per_second: int | None = None
    """The plan's rate: more calls within a second are answered 429; None: no limit."""
    page_bodies: int = 100
    """How many bodies a page of `getTransactionsForAddress` holds at most."""
