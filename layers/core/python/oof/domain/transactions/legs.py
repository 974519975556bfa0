"""One route: an outermost instruction that moves something, and the pools it goes through.

A leg is one pool's swap inside a route. Where the recording states stack heights, a leg is a
subtree; where it does not, a leg lasts until the next pool or the return of its router.
"""

from typing import Final, NamedTuple

from oof.domain.transactions.addresses import (
    ASSOCIATED_TOKEN,
    COMPUTE_BUDGET,
    SYSTEM,
    TOKEN,
    TOKEN_2022,
)
from oof.domain.transactions.body import Body, Instruction
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.helpers import HELPERS
from oof.domain.transactions.programs.jito import TIP_ACCOUNTS
from oof.domain.transactions.programs.program import Fill, NameFee, Program, Role
from oof.domain.transactions.programs.protocol_accounts import PROTOCOL_ACCOUNTS
from oof.domain.transactions.programs.registry import BY_ID
from oof.domain.transactions.programs.terminals import FEE_ACCOUNTS

TRANSPARENT: Final = (
    frozenset({SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED_TOKEN, COMPUTE_BUDGET}) | HELPERS.keys()
)
"""Programs that act for whoever calls them: never a venue, never the end of a leg."""

_KIND_OF_RECEIVER: Final[dict[str | None, Kind]] = {
    **dict.fromkeys(FEE_ACCOUNTS, Kind.BOT_FEE),
    **dict.fromkeys(PROTOCOL_ACCOUNTS, Kind.PROTOCOL_FEE),
    **dict.fromkeys(TIP_ACCOUNTS, Kind.TIP),
}
_NO_ROUTER: Final = -1
_EXCHANGED: Final = 2
"""The mints that a swap moves at least."""


class Leg:
    """One pool's part of a route. `program` is None where the pool's program is not known.

    `terms` were minted or burned below it. `is_guess` where the instruction is not known to swap,
    only its balances may tell so; `gave_kind` where the route has its kind from such a one.
    `caller` is the leg of an unknown program that invoked this one.
    """

    __slots__ = (
        "at",
        "caller",
        "flows",
        "gave_kind",
        "instruction",
        "is_guess",
        "program",
        "terms",
    )

    def __init__(self, at: int, instruction: Instruction, program: Program | None) -> None:
        self.at = at
        self.instruction = instruction
        self.program = program
        self.flows: list[Flow] = []
        self.terms: list[Flow] = []
        self.caller: Leg | None = None
        self.is_guess = False
        self.gave_kind = False

    @property
    def name_fee(self) -> NameFee | None:
        """What its program knows of fees: nothing where the leg is but a guess."""
        return None if self.program is None or self.is_guess else self.program.name_fee

    @property
    def slug(self) -> str:
        """The pool's venue, or `unknown`."""
        return "unknown" if self.program is None else self.program.slug


class Route:
    """One outermost instruction, the flows below it that wait for a kind, and its legs."""

    __slots__ = (
        "claims",
        "fill",
        "fixed",
        "flows",
        "is_routed",
        "kind",
        "legs",
        "maker",
        "named",
        "outer",
        "program",
        "terminal",
        "top",
    )

    def __init__(self, outer: int, top: Instruction, flows: list[Flow]) -> None:
        self.outer = outer
        self.top = top
        self.program = BY_ID.get(top.program)
        self.flows = flows
        self.fixed: list[Flow] = []
        """Rents, mints and burns below it: flows that have their kind before."""
        self.claims: list[Flow] = []
        """What is claimed from a pool on the way, cashback among it: no part of the price."""
        self.legs: list[Leg] = []
        self.kind: Kind | None = None
        self.terminal: str | None = None
        self.maker: str | None = None
        self.named: list[str] = []
        self.is_routed = False
        self.fill: Fill | None = None

    def begin_at(self, top: Instruction) -> None:
        """Let another instruction name its program and its place."""
        self.outer = top.outer
        self.top = top
        self.program = BY_ID.get(top.program)

    @property
    def is_known(self) -> bool:
        """Whether a known pool, router or order makes it a route, whatever its balances."""
        if self.fill is not None or (self.is_routed and self.legs):
            return True
        return any(leg.program is not None for leg in self.legs)

    @property
    def venue(self) -> str:
        """The slug of the outermost program that is a venue; a terminal is looked through."""
        if self.program is None:
            return "unknown"
        if self.program.role is not Role.TERMINAL:
            return self.program.slug
        return self.legs[0].slug if self.legs else "unknown"


def kind_of_receiver(account: str | None) -> Kind | None:
    """Tell what reaching this account means, where its owner is known by name."""
    return _KIND_OF_RECEIVER.get(account)


def find_legs(route: Route, body: Body, members: list[int], flows: dict[int, list[Flow]]) -> None:
    """Find the legs of a route among its instructions, and what its flows wait for besides."""
    first = body.instructions[members[0]]
    if first.inner < 0:
        route.begin_at(first)
    tracker = _LegTracker(route)
    for at in members:
        instruction = body.instructions[at]
        leg = tracker.leg
        if instruction.program not in TRANSPARENT:
            tracker.enter(at, instruction)
        elif leg is None:
            tracker.leave_stay(instruction)
        elif instruction.height <= leg.instruction.height:
            tracker.leave(instruction)
        if at in flows:
            tracker.take(flows[at])
    tracker.end()
    _settle_legs(route, tracker.legs)


def _settle_legs(route: Route, legs: list[Leg]) -> None:
    """Keep the legs that swap, and let the route have what they minted and burned for it."""
    traded: list[Flow] = []
    for leg in legs:
        if leg.is_guess:
            if _is_exchange(leg):
                route.legs.append(leg)
                route.kind = None if leg.gave_kind else route.kind
            continue
        if leg.terms:
            leg.terms = _own_terms(leg)
            leg.flows += leg.terms
        if _is_swap(leg):
            route.legs.append(leg)
            traded += leg.terms
    for flow in traded:
        flow.kind = None
    waiting = [flow for flow in route.flows if flow.kind is None] + traded
    route.flows = sorted(waiting, key=lambda flow: flow.at) if traded else waiting


def _own_terms(leg: Leg) -> list[Flow]:
    """List what was minted for who gave something, and burned by who got something.

    Where two mints changed hands anyway, what a pool mints of a third for itself is no part of it.
    """
    everything = leg.flows + leg.terms
    givers = {flow.source for flow in everything}
    takers = {flow.target for flow in everything}
    mints = {flow.mint for flow in leg.flows}
    return [
        flow
        for flow in leg.terms
        if (flow.target in givers if flow.kind is Kind.MINT else flow.source in takers)
        and (len(mints) < _EXCHANGED or flow.mint in mints)
    ]


def _is_swap(leg: Leg) -> bool:
    """Whether something moved; but of a known pool, at least two mints must have."""
    if leg.program is not None and leg.program.role is Role.POOL:
        return bool(leg.flows)
    return len({flow.mint for flow in leg.flows}) >= _EXCHANGED


def _is_exchange(leg: Leg) -> bool:
    """Whether somebody gave one mint for another, and neither was minted or burned."""
    mints = {flow.mint for flow in leg.flows}
    if len(mints) != _EXCHANGED or any(flow.mint in mints for flow in leg.terms):
        return False
    nets: dict[str | None, dict[str, int]] = {}
    for flow in leg.flows:
        for owner, amount in ((flow.source, -flow.amount), (flow.target, flow.amount)):
            by_mint = nets.setdefault(owner, {})
            by_mint[flow.mint] = by_mint.get(flow.mint, 0) + amount
    return any(min(by_mint.values()) < 0 < max(by_mint.values()) for by_mint in nets.values())


def _is_claimed(flow: Flow, claim: Instruction) -> bool:
    """Whether it waits for a kind; without heights, also from and to accounts the claim names."""
    if flow.kind is not None or claim.height:
        return flow.kind is None
    return flow.source_account in claim.accounts and flow.target_account in claim.accounts


class _Stay(NamedTuple):
    """The time that the call stack is below a program which is no venue, by its height."""

    height: int
    kind: Kind


class _LegTracker:
    """Walks the instructions of one route and tells which leg each belongs to.

    Outside the legs, what moves below a program that is no venue moves for that program's reason.
    Below a router such a program is a hop: to stake is then to swap.
    """

    __slots__ = ("_claim", "_route", "_router_height", "leg", "legs", "stays")

    def __init__(self, route: Route) -> None:
        self._route = route
        self._claim: Instruction | None = None
        self._router_height = _NO_ROUTER
        self.leg: Leg | None = None
        self.legs: list[Leg] = []
        self.stays: list[_Stay] = []

    def take(self, flows: list[Flow]) -> None:
        """Put flows where the walk is now. Mints and burns are swaps only below a router."""
        leg = self.leg
        if leg is not None:
            leg.flows += [flow for flow in flows if flow.kind is None]
            if self._router_height != _NO_ROUTER or leg.is_guess:
                leg.terms += [flow for flow in flows if flow.kind is not None]
        elif self._claim is not None:
            self._route.claims += [flow for flow in flows if _is_claimed(flow, self._claim)]
        elif self.stays:
            for flow in flows:
                if flow.kind is None:
                    flow.kind = kind_of_receiver(flow.target) or self.stays[-1].kind

    def leave(self, instruction: Instruction) -> None:
        """End the leg where the call stack says that it has returned."""
        height = instruction.height
        if height:
            while self.leg is not None and height <= self.leg.instruction.height:
                self._return()
            if height <= self._router_height:
                self._router_height = _NO_ROUTER

    def end(self) -> None:
        """End what is left where the route does."""
        while self.leg is not None:
            self._return()

    def _return(self) -> None:
        """End the leg: what moved less than two mints was its caller's doing."""
        leg = self.leg
        self.leg = None
        if leg is None or leg.caller is None:
            return
        if len({flow.mint for flow in leg.flows}) < _EXCHANGED:
            self.leg = leg.caller
            self.leg.flows += leg.flows
            self.leg.terms += leg.terms
            leg.flows = []

    def leave_stay(self, instruction: Instruction) -> None:
        """End the stays, and the claim, that the call stack says are over."""
        if self._claim is not None and 0 < instruction.height <= self._claim.height:
            self._claim = None
        while self.stays and 0 < instruction.height <= self.stays[-1].height:
            self.stays.pop()

    def enter(self, at: int, instruction: Instruction) -> None:
        """Take account of an instruction of a program that is not transparent."""
        self.leave(instruction)
        self.leave_stay(instruction)
        program = BY_ID.get(instruction.program)
        leg = self.leg
        if instruction.height:
            if leg is not None:
                if leg.program is None and program is None:
                    self._invoke(at, instruction, leg)
                    return
                if program is None or (leg.program is not None and not leg.is_guess):
                    return
                if program is leg.program and not program.may_swap(instruction):
                    return
                self._give_up(leg)
        else:
            self._claim = None
            self.stays.clear()
        if program is None:
            self._enter_unknown(at, instruction)
        else:
            self._enter_known(at, instruction, program)

    def _enter_known(self, at: int, instruction: Instruction, program: Program) -> None:
        if program.name_trader is not None:
            name = program.name_trader(instruction)
            if name is not None:
                self._route.named.append(name)
        if program.name_maker is not None:
            self._route.maker = program.name_maker(instruction)
        if program.role is Role.POOL:
            if program.may_swap(instruction):
                self._begin(at, instruction, program)
            elif self.leg is None or not instruction.height:
                self._claim_or_guess(at, instruction, program)
            return
        self.leg = None
        if program.role is Role.ROUTER:
            self._enter_router(instruction, program)
        elif program.role is Role.TERMINAL:
            self._route.terminal = program.slug
        elif program.role is Role.OTHER and self._is_hop(instruction, program):
            self._begin(at, instruction, program)
        else:
            self._note_kind(program, instruction)

    def _enter_router(self, instruction: Instruction, program: Program) -> None:
        """Take what it invokes for pools, unless it is no route but an order."""
        if program.kinds and program.kind_of(instruction) is not program.kind:
            self._note_kind(program, instruction)
            return
        self._route.is_routed = True
        if self._router_height == _NO_ROUTER:
            self._router_height = instruction.height

    def _is_hop(self, instruction: Instruction, program: Program) -> bool:
        """Whether a program that is no venue swaps here: below a router, or by its instruction."""
        if self._router_height != _NO_ROUTER:
            return True
        return bool(program.swaps) and program.may_swap(instruction)

    def _enter_unknown(self, at: int, instruction: Instruction) -> None:
        """Take an invoked program that is not known for a pool until one inside is known."""
        if instruction.program == self._route.top.program:
            self.leg = None
        elif instruction.inner >= 0 and not self.stays:
            self._begin(at, instruction, None)

    def _invoke(self, at: int, instruction: Instruction, caller: Leg) -> None:
        """Take an unknown program that an unknown one invoked for a pool, its caller for none."""
        if instruction.program not in {caller.instruction.program, self._route.top.program}:
            self._begin(at, instruction, None)
            self.legs[-1].caller = caller

    def _give_up(self, leg: Leg | None) -> None:
        """Take back what was taken for a pool, and who invoked it."""
        while leg is not None:
            self.legs.remove(leg)
            leg = leg.caller
        self.leg = None

    def _begin(self, at: int, instruction: Instruction, program: Program | None) -> None:
        self.leg = Leg(at, instruction, program)
        self.legs.append(self.leg)

    def _claim_or_guess(self, at: int, instruction: Instruction, program: Program) -> None:
        """A claim is apart from the route, and gives it no kind after a swap.

        Where nothing states heights it ends the swap too, as no swap claims.
        """
        if program.kind_of(instruction) is Kind.INCOME:
            if not self.legs:
                self._note_kind(program, instruction)
            self.leg = None
            self._claim = instruction
        elif self.leg is None:
            self._guess(at, instruction, program)

    def _guess(self, at: int, instruction: Instruction, program: Program) -> None:
        """Let balances decide whether an instruction that is not known to swap does."""
        had_kind = self._route.kind is not None
        self._note_kind(program, instruction)
        if program.might_swap(instruction):
            self._begin(at, instruction, program)
            self.legs[-1].is_guess = True
            self.legs[-1].gave_kind = not had_kind

    def _note_kind(self, program: Program, instruction: Instruction) -> None:
        kind = program.kind_of(instruction)
        if program.role is Role.OTHER:
            self.stays.append(_Stay(instruction.height, kind))
        if self._route.kind is None and kind is not Kind.PROTOCOL_FEE:
            self._route.kind = kind
