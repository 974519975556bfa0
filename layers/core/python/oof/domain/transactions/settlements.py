"""An order that a book fills at once, and what it settles in an instruction of its own.

Serum's books keep what an order bought until `SettleFunds` asks for it. Where both stand in one
transaction, side by side, and the order may not rest, they are one intent. An order that may rest
stays escrow: what is settled beside it was bought before.
"""

from oof.domain.transactions.body import Body
from oof.domain.transactions.legs import Route
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.serum import BOOKS, name_settled, name_taking


def merge_settlements(body: Body, routes: list[Route]) -> list[Route]:
    """Join each settlement to the order before it that bought for the same account of a book."""
    if BOOKS.isdisjoint(body.keys):
        return routes
    taking: dict[str, Route] = {}
    found: list[Route] = []
    for route in routes:
        if route.top.program in BOOKS:
            order = taking.get(name_settled(route.top) or "")
            if order is not None:
                _join(order, route)
                continue
            account = name_taking(route.top)
            if account is not None:
                taking.setdefault(account, route)
        found.append(route)
    return found


def _join(order: Route, settlement: Route) -> None:
    order.flows += settlement.flows
    order.fixed += settlement.fixed
    order.kind = Kind.ESCROW
    if order.legs:
        order.legs[-1].flows += settlement.flows
