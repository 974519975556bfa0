"""What a call costs in credits, by the provider's price list as known on 2026-11-22.

Helius: https://www.helius.dev/docs/billing/credits. A method that is not listed is a standard call.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

STANDARD: Final = 1
EVENT: Final = 1
"""One delivered webhook event, also where the delivery failed."""
CREDITS: Final[Mapping[str, int]] = {
    "getSignaturesForAddress": 10,
    "getTransaction": 10,
    "getBlock": 10,
    "getBlocks": 10,
    "getBlockTime": 10,
    "getBlocksWithLimit": 10,
    "getInflationReward": 10,
    "getTransfersByAddress": 10,
    "getProgramAccounts": 10,
    "getAssetBatch": 10,
    "getTransactionsForAddress": 100,
    "POST /v0/transactions": 100,
    "GET /v0/webhooks": 100,
    "POST /v0/webhooks": 100,
    "PUT /v0/webhooks": 100,
    "PATCH /v0/webhooks": 100,
    "DELETE /v0/webhooks": 100,
}


_STATUSES: Final = "getSignatureStatuses"
_SEARCHES: Final = "searchTransactionHistory"


def credits_of(name: str, calls: int = 1) -> int:
    """Return what `calls` of a method or `VERB /path` cost."""
    return CREDITS.get(name, STANDARD) * calls


def credits_of_call(method: str, params: Sequence[Any]) -> int:
    """Return what one RPC call costs: asking for statuses is archival where it searches history."""
    options = params[-1] if params else None
    searches = isinstance(options, Mapping) and bool(options.get(_SEARCHES))
    return 10 if method == _STATUSES and searches else credits_of(method)
