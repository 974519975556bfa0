"""A second provider for when the first one fails.

The first is always asked first; its own tries, pauses and breaker decide when it counts as failed,
and from then on, for this event, the second is asked. It is any Solana RPC node: what only the
first can do is refused there as `NotInPlan`, and whoever asked lists and fetches by signature.
"""

from collections.abc import Callable, Sequence

from oof.adapters.helius.chain_source import HeliusChainSource
from oof.domain.errors import NotInPlan, UpstreamUnavailable
from oof.domain.limits import OVER_RATE
from oof.domain.listing import Listed
from oof.domain.units import Address, Lamports, Signature, Slot
from oof.ports.upstream import AccountState, Body, HistoryPage, Statuses, Usage


class FailoverChainSource:
    """A `ChainSource` over two; made for one event, so the next one asks the first again."""

    def __init__(self, first: HeliusChainSource, second: HeliusChainSource) -> None:
        self._first = first
        self._second = second
        self._has_failed_over = False

    @property
    def has_history_pages(self) -> bool:
        """See `ChainSource`."""
        return self._first.has_history_pages and not self._has_failed_over

    @property
    def usage(self) -> Usage:
        """See `ChainSource`; of both."""
        one, two = self._first.usage, self._second.usage
        return Usage(
            one.calls + two.calls, one.credits + two.credits, one.waited_ms + two.waited_ms
        )

    def signatures_for_address(
        self, address: Address, *, before: Signature | None, limit: int
    ) -> tuple[Listed, ...]:
        """See `ChainSource`."""
        return self._ask(
            lambda chain: chain.signatures_for_address(address, before=before, limit=limit)
        )

    def history_page(
        self,
        address: Address,
        *,
        below_slot: Slot | None,
        from_slot: Slot | None,
        token: str | None,
    ) -> HistoryPage:
        """See `ChainSource`."""
        return self._ask_first(
            lambda chain: chain.history_page(
                address, below_slot=below_slot, from_slot=from_slot, token=token
            )
        )

    def bodies_between(
        self, address: Address, *, first_slot: Slot, last_slot: Slot
    ) -> tuple[Body, ...]:
        """See `ChainSource`."""
        return self._ask_first(
            lambda chain: chain.bodies_between(address, first_slot=first_slot, last_slot=last_slot)
        )

    def transactions(self, signatures: Sequence[Signature]) -> dict[Signature, Body]:
        """See `ChainSource`."""
        return self._ask(lambda chain: chain.transactions(signatures))

    def token_accounts(self, owner: Address) -> tuple[AccountState, ...]:
        """See `ChainSource`."""
        return self._ask(lambda chain: chain.token_accounts(owner))

    def accounts(self, addresses: Sequence[Address]) -> tuple[AccountState | None, ...]:
        """See `ChainSource`."""
        return self._ask(lambda chain: chain.accounts(addresses))

    def lamports(self, addresses: Sequence[Address]) -> tuple[Lamports, ...]:
        """See `ChainSource`."""
        return self._ask(lambda chain: chain.lamports(addresses))

    def signature_statuses(
        self, signatures: Sequence[Signature], *, with_history: bool
    ) -> Statuses:
        """See `ChainSource`."""
        return self._ask(
            lambda chain: chain.signature_statuses(signatures, with_history=with_history)
        )

    def block_signatures(self, slots: Sequence[Slot]) -> dict[Slot, tuple[Signature, ...]]:
        """See `ChainSource`."""
        return self._ask(lambda chain: chain.block_signatures(slots))

    def _ask_first[T](self, ask: Callable[[HeliusChainSource], T]) -> T:
        """Ask what the second does not know; where the first fails, it is not to be had."""
        if self._has_failed_over:
            raise NotInPlan("the second provider has no histories of addresses")
        try:
            return ask(self._first)
        except UpstreamUnavailable as fault:
            self._fail_over(fault)
            raise NotInPlan("the first provider fails, the second has no histories") from fault

    def _ask[T](self, ask: Callable[[HeliusChainSource], T]) -> T:
        if self._has_failed_over:
            return ask(self._second)
        try:
            return ask(self._first)
        except UpstreamUnavailable as fault:
            self._fail_over(fault)
            return ask(self._second)

    def _fail_over(self, fault: UpstreamUnavailable) -> None:
        """Go on with the second, unless it was our own plan that refused: that is no failure."""
        if fault.reason == OVER_RATE:
            raise fault
        self._has_failed_over = True
