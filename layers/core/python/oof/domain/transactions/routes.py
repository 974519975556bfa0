"""The routes of a transaction: the flows of each outermost instruction or filled order."""

from collections.abc import Iterable
from typing import Final

from oof.domain.transactions.body import Body, Instruction
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.legs import TRANSPARENT, Route, find_legs
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Fill
from oof.domain.transactions.programs.registry import BY_ID

type _Owners = dict[str, str | None]

_TERMS: Final = frozenset({Kind.MINT, Kind.BURN})
_FIXED: Final = frozenset({Kind.RENT, Kind.MINT, Kind.BURN})
_INVOKED: Final = 2
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
            best = max(best, (both, _depth(body.instructions[at]), at))
        flow.at = best[2]


def _depth(instruction: Instruction) -> int:
    """Give its height, or the least that one invoked can have where none is stated."""
    return instruction.height or _INVOKED


def list_routes(body: Body, flows: list[Flow]) -> tuple[list[Route], list[Flow]]:
    """Group the flows that wait for a kind by outermost instruction, in order of execution.

    Apart come those of instructions that do nothing but send once: no route can come of them.
    """
    groups: dict[int, list[Flow]] = {}
    by_instruction: dict[int, list[Flow]] = {}
    fixed: list[Flow] = []
    for flow in flows:
        if flow.at < 0:
            continue
        if flow.kind is None:
            groups.setdefault(body.instructions[flow.at].outer, []).append(flow)
            by_instruction.setdefault(flow.at, []).append(flow)
        elif flow.kind in _FIXED:
            fixed.append(flow)
            if flow.kind in _TERMS:
                by_instruction.setdefault(flow.at, []).append(flow)
    sent = _pop_sent(body, groups)
    routes = {
        outer: Route(outer, body.instructions[group[0].at], group)
        for outer, group in sorted(groups.items())
    }
    if not routes:
        return [], sent
    _add_fixed(body, routes, fixed)
    for route, members in zip(routes.values(), _members(body, routes), strict=True):
        find_legs(route, body, members, by_instruction)
    return _merge_fills(body, list(routes.values())), sent


def _pop_sent(body: Body, groups: dict[int, list[Flow]]) -> list[Flow]:
    """Take out the groups of one flow whose outermost instruction sent it, invoking nothing.

    An order's fill may span such instructions, so that where orders are they stay.
    """
    if not _ORDERS.isdisjoint(body.keys):
        return []
    sent: list[Flow] = []
    for outer, group in list(groups.items()):
        first = body.instructions[group[0].at]
        following = body.instructions[group[0].at + 1 : group[0].at + 2]
        if len(group) > 1 or first.inner >= 0 or first.program not in TRANSPARENT:
            continue
        if not following or following[0].inner < 0:
            sent += groups.pop(outer)
    return sent


def _members(body: Body, routes: dict[int, Route]) -> Iterable[list[int]]:
    """List the instructions of each route by their index."""
    members: dict[int, list[int]] = {outer: [] for outer in routes}
    for at, instruction in enumerate(body.instructions):
        if instruction.outer in members:
            members[instruction.outer].append(at)
    return members.values()


def _add_fixed(body: Body, routes: dict[int, Route], fixed: list[Flow]) -> None:
    for flow in fixed:
        route = routes.get(body.instructions[flow.at].outer)
        if route is not None:
            route.fixed.append(flow)


def _merge_fills(body: Body, routes: list[Route]) -> list[Route]:
    """Join the outermost instructions of one order's fill: it is one intent, its maker's.

    A keeper takes from the escrow, swaps, and pays out in instructions of their own.
    """
    owners_of: dict[int, _Owners] = {}
    for fill, slug_at, first, last in _list_fills(body):
        members = [route for route in routes if first <= route.outer <= last]
        if not members:
            continue
        if len(members) > 1 or members[0].fill is None:
            merged = _join(members)
            place = routes.index(members[0])
            routes = [route for route in routes if route not in members]
            routes.insert(place, merged)
            owners_of[id(merged)] = _owners_by_account(merged)
        else:  # of several orders that one swap fills, the last names the maker
            (merged,) = members
        owners = owners_of[id(merged)]
        merged.begin_at(body.instructions[slug_at])
        merged.fill = fill._replace(
            escrow=owners.get(fill.escrow) or fill.escrow,
            maker=owners.get(fill.maker) or fill.maker,
        )
    return routes


def _join(members: list[Route]) -> Route:
    merged = Route(members[0].outer, members[0].top, [])
    for route in members:
        merged.flows += route.flows
        merged.fixed += route.fixed
        merged.legs += route.legs
        merged.terminal = merged.terminal or route.terminal
    merged.kind = Kind.ESCROW
    return merged


def _owners_by_account(route: Route) -> _Owners:
    """Tell owners, as a program may only name their token accounts."""
    owners: _Owners = {}
    for flow in route.flows:
        owners[flow.source_account] = flow.source
        owners[flow.target_account] = flow.target
    return owners


def _list_fills(body: Body) -> list[tuple[Fill, int, int, int]]:
    """List each filled order once: where it is filled, and the outermost span that names it."""
    if _ORDERS.isdisjoint(body.keys):
        return []
    fills: dict[str, tuple[Fill, int]] = {}
    orders: list[Instruction] = []
    for at, instruction in enumerate(body.instructions):
        program = BY_ID.get(instruction.program)
        if program is None or program.name_fill is None:
            continue
        orders.append(instruction)
        try:
            fill = program.name_fill(instruction)
        except ValueError:
            continue
        if fill is not None:
            fills.setdefault(fill.escrow, (fill, at))
    spans: dict[str, list[int]] = {}
    for each in orders:
        for account in fills.keys() & each.accounts:
            spans.setdefault(account, []).append(each.outer)
    return [
        (fill, at, min(spans[escrow]), max(spans[escrow]))
        for escrow, (fill, at) in fills.items()
        if escrow in spans
    ]
