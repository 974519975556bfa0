"""The flows of a transaction while their kinds are settled, route by route.

A route replaces its flows. What is replaced is only marked, and left out once in the end, so that
many routes in one transaction cost no more than their flows.
"""

from collections.abc import Iterable

from oof.domain.transactions.flows import Flow

type Owner = str | None


class Book:
    """Keeps which flows hold, and what each owner passed on over the whole transaction."""

    __slots__ = ("_dropped", "_flows", "_nets", "_payers")

    def __init__(self, flows: list[Flow]) -> None:
        self._flows = flows
        self._dropped: set[int] = set()
        self._nets: dict[tuple[Owner, str], int] = {}
        nets = self._nets
        self._payers: dict[tuple[Owner, str], set[Owner]] = {}
        for flow in flows:
            if flow.kind is None:
                amount = flow.amount
                given, taken = (flow.source, flow.mint), (flow.target, flow.mint)
                nets[given] = nets.get(given, 0) - amount
                nets[taken] = nets.get(taken, 0) + amount
                self._payers.setdefault(taken, set()).add(flow.source)

    def add(self, flows: Iterable[Flow]) -> None:
        """Add flows that replace others, or that stand between two owners."""
        self._flows.extend(flows)

    def drop(self, flows: Iterable[Flow]) -> None:
        """Leave flows out."""
        self._dropped.update(map(id, flows))

    def kept(self, owner: Owner, mint: str) -> int:
        """Tell what an owner kept of a mint over all flows that wait for a kind at first."""
        return self._nets.get((owner, mint), 0)

    def payers(self, owner: Owner, mint: str) -> set[Owner]:
        """Name who gave an owner some of a mint, in those flows."""
        return self._payers.get((owner, mint), set())

    def flows(self) -> list[Flow]:
        """Give every flow that holds."""
        dropped = self._dropped
        return [flow for flow in self._flows if id(flow) not in dropped] if dropped else self._flows

    def all_flows(self) -> list[Flow]:
        """Give also the flows that were left out: none of them is rent."""
        return self._flows
