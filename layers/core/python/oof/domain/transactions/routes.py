"""The routes of a transaction: the flows of each outermost instruction or filled order."""

from typing import Final

from oof.domain.transactions.body import Body, Instruction
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.legs import TRANSPARENT, Route, find_legs
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Fill
from oof.domain.transactions.programs.registry import BY_ID

_TERMS: Final = frozenset({Kind.MINT, Kind.BURN})
_FIXED: Final = frozenset({Kind.RENT, Kind.MINT, Kind.BURN})
_ORDERS: Final = frozenset(
    program_id for program_id, program in BY_ID.items() if program.name_fill is not None
)


def place_residuals(body: Body, flows: list[Flow]) -> None:
    """Attach what no instruction says to the deepest instruction that names both its ends.

    Only the program that owns an account can take lamports from it, so the account stands among
    the accounts of that program's instruction.
    """
    residuals = [flow for flow in flows if flow.at < 0 and flow.kind is None]
    if not residuals:
        return
    sources = {flow.source_account for flow in residuals}
    naming: dict[str, list[tuple[int, set[str]]]] = {}
    for at, instruction in enumerate(body.instructions):
        if instruction.program not in TRANSPARENT:
            accounts = set(instruction.accounts)
            for account in sources & accounts:
                naming.setdefault(account, []).append((at, accounts))
    for flow in residuals:
        best = (-1, -1, -1)
        for at, accounts in naming.get(flow.source_account, ()):
            both = int(flow.target_account in accounts)
            best = max(best, (both, body.instructions[at].height, at))
        flow.at = best[2]


def list_routes(body: Body, flows: list[Flow]) -> list[Route]:
    """Group the flows that wait for a kind by outermost instruction, in order of execution."""
    routes: dict[int, Route] = {}
    by_instruction: dict[int, list[Flow]] = {}
    fixed: list[Flow] = []
    instructions = body.instructions
    for flow in flows:
        at = flow.at
        if at < 0:
            continue
        if flow.kind is None:
            outer = instructions[at].outer
            if outer not in routes:
                routes[outer] = Route(outer, instructions[at])
            routes[outer].flows.append(flow)
            by_instruction.setdefault(at, []).append(flow)
        elif flow.kind in _FIXED:
            fixed.append(flow)
            if flow.kind in _TERMS:
                by_instruction.setdefault(at, []).append(flow)
    if not routes:
        return []
    _add_fixed(body, routes, fixed)
    members = _members(body, routes)
    in_order = [routes[outer] for outer in sorted(routes)]
    for route in in_order:
        find_legs(route, body, members[route.outer], by_instruction)
    return _merge_fills(body, in_order)


def _members(body: Body, routes: dict[int, Route]) -> dict[int, list[int]]:
    """List the instructions of each route by their index."""
    members: dict[int, list[int]] = {outer: [] for outer in routes}
    for at, instruction in enumerate(body.instructions):
        if instruction.outer in members:
            members[instruction.outer].append(at)
    return members


def _add_fixed(body: Body, routes: dict[int, Route], fixed: list[Flow]) -> None:
    for flow in fixed:
        route = routes.get(body.instructions[flow.at].outer)
        if route is not None:
            route.fixed.append(flow)


def _merge_fills(body: Body, routes: list[Route]) -> list[Route]:
    """Join the outermost instructions of one order's fill: it is one intent, its maker's.

    A keeper takes from the escrow, swaps, and pays out in instructions of their own.
    """
    for fill, slug_at, first, last in _list_fills(body):
        members = [route for route in routes if first <= route.outer <= last]
        if not members:
            continue
        merged = Route(body.instructions[slug_at].outer, body.instructions[slug_at])
        merged.fill = _resolve_fill(fill, members)
        for route in members:
            merged.flows += route.flows
            merged.fixed += route.fixed
            merged.legs += route.legs
            merged.terminal = merged.terminal or route.terminal
        merged.kind = Kind.ESCROW
        place = routes.index(members[0])
        routes = [route for route in routes if route not in members]
        routes.insert(place, merged)
    return routes


def _resolve_fill(fill: Fill, members: list[Route]) -> Fill:
    """Put owners where the program could only name their token accounts."""
    owners: dict[str, str | None] = {}
    for route in members:
        for flow in route.flows:
            owners[flow.source_account] = flow.source
            owners[flow.target_account] = flow.target
    return fill._replace(
        escrow=owners.get(fill.escrow) or fill.escrow, maker=owners.get(fill.maker) or fill.maker
    )


def _list_fills(body: Body) -> list[tuple[Fill, int, int, int]]:
    """List each filled order once: where it is filled, and the outermost span that names it."""
    if _ORDERS.isdisjoint(body.keys):
        return []
    fills: dict[str, tuple[Fill, int]] = {}
    orders: list[tuple[int, Instruction]] = []
    for at, instruction in enumerate(body.instructions):
        program = BY_ID.get(instruction.program)
        if program is None or program.name_fill is None:
            continue
        orders.append((at, instruction))
        try:
            fill = program.name_fill(instruction)
        except ValueError:
            continue
        if fill is not None:
            fills.setdefault(fill.escrow, (fill, at))
    found: list[tuple[Fill, int, int, int]] = []
    for escrow, (fill, at) in fills.items():
        span = [each.outer for _at, each in orders if escrow in each.accounts]
        if span:
            found.append((fill, at, min(span), max(span)))
    return found
