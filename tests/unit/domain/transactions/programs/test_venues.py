"""Each venue by name: on a recorded transaction where there is one, and on the shared shape."""

from typing import Any

import pytest

from oof.domain.transactions.body import Body, read_body
from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.transactions.normalize import normalize, normalize_body
from oof.domain.transactions.programs.claims import CLAIMS
from oof.domain.transactions.programs.program import Program, Role
from oof.domain.transactions.programs.registry import PROGRAMS
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import TOKEN_PROGRAM, Draft, key, transfer
from tests.unit.domain.transactions.programs.recorded import TERMINALS, VENUES

type Recorded = dict[str, list[dict[str, Any]]]

POOLS = [each for each in PROGRAMS if each.role is Role.POOL]
OTHERS = [each for each in PROGRAMS if each.role is Role.OTHER and each.slug != "stake"]
ROUTERS = [each for each in PROGRAMS if each.role is Role.ROUTER and each.name_maker is None]
TERMINAL_PROGRAMS = [each for each in PROGRAMS if each.role is Role.TERMINAL]
UNNAMED = {"ExA6GYhHAeRNMWVNLrDir1SKPJZcZA2oaPq6uriSmxfJ"}
"""A pool that only one terminal calls."""

SOLD, BOUGHT = key("sold"), key("bought")
USER, POOL = key("user"), key("pool")


def name(program: Program) -> str:
    """Name a program in a test's id."""
    return f"{program.slug}-{program.program_id[:6]}"


def read(recorded: Recorded, prefix: str) -> NormalizedTransaction:
    """Normalize the recorded transaction whose signature begins so."""
    signature = next(each for each in recorded if each.startswith(prefix))
    found = normalize(recorded[signature][0])
    assert isinstance(found, NormalizedTransaction)
    return found


def draft() -> Draft:
    """Prepare an exchange: the user gives 100 of one mint and gets 7 of another."""
    return (
        Draft(USER)
        .tokens(key("user sold"), USER, SOLD, 500, 400)
        .tokens(key("user bought"), USER, BOUGHT, 0, 7)
        .tokens(key("vault sold"), POOL, SOLD, 1_000, 1_100)
        .tokens(key("vault bought"), POOL, BOUGHT, 1_000, 993)
    )


def exchange(body: Draft, height: int) -> NormalizedTransaction:
    """Let the last instruction move both sides, and normalize."""
    body.invoke(
        TOKEN_PROGRAM,
        [key("user sold"), key("vault sold"), USER],
        transfer(100),
        height=height,
    )
    body.invoke(
        TOKEN_PROGRAM,
        [key("vault bought"), key("user bought"), POOL],
        transfer(7),
        height=height,
    )
    found = normalize(body.body())
    assert isinstance(found, NormalizedTransaction)
    return found


def swap_of(pool: Program) -> bytes:
    """Give data with which a pool swaps."""
    return (pool.swaps[0] if pool.swaps else b"\x01") + bytes(16)


@pytest.mark.chain
@pytest.mark.parametrize(("prefix", "venue", "route"), VENUES)
def test_recorded_trade_names_its_venue_and_route(
    recorded: Recorded, prefix: str, venue: str, route: tuple[str, ...]
) -> None:
    """The outermost program is the venue; the pools stand in order of execution."""
    found = read(recorded, prefix)
    assert (venue, route) in [(trade.venue, trade.route) for trade in found.trades]


@pytest.mark.chain
@pytest.mark.parametrize(("prefix", "terminal"), TERMINALS)
def test_recorded_trade_names_its_terminal_apart_from_the_venue(
    recorded: Recorded, prefix: str, terminal: str
) -> None:
    """Who made the trade possible is told by program or fee account, and is no venue."""
    found = read(recorded, prefix)
    assert terminal in {trade.terminal for trade in found.trades}
    assert terminal not in {trade.venue for trade in found.trades}


@pytest.mark.chain
def test_no_recorded_route_is_unknown_of_a_named_program(recorded: Recorded) -> None:
    """A leg is unknown only where a program without any public name was invoked."""
    unknown: list[str] = []
    for bodies in recorded.values():
        body = read_body(bodies[0])
        assert isinstance(body, Body)
        trades = normalize_body(body).trades
        if any("unknown" in trade.route for trade in trades):
            unknown.append(body.signature)
            assert UNNAMED & {each.program for each in body.instructions}, body.signature
    assert unknown


@pytest.mark.parametrize("pool", POOLS, ids=name)
def test_pool_called_by_its_user_is_the_venue(pool: Program) -> None:
    """A swap that calls the pool itself is a trade there, of whoever gave and got."""
    found = exchange(draft().call(pool.program_id, [USER] * 20, swap_of(pool)), 2)
    (trade,) = found.trades
    assert (trade.trader, trade.venue, trade.route) == (USER, pool.slug, (pool.slug,))
    assert (trade.sold_mint, trade.sold_raw) == (SOLD, 100)
    assert (trade.bought_mint, trade.bought_raw) == (BOUGHT, 7)


@pytest.mark.parametrize("pool", POOLS, ids=name)
def test_pool_below_a_router_is_a_leg(pool: Program) -> None:
    """The router is the venue, the pool its route; so too where recordings lack stack heights."""
    for height in (2, None):
        body = draft().call(ROUTERS[0].program_id, [USER] * 20, bytes(8))
        body.invoke(pool.program_id, [key("authority")] * 20, swap_of(pool), height=height)
        found = exchange(body, 3 if height else 0)
        (trade,) = found.trades
        assert (trade.venue, trade.route) == (ROUTERS[0].slug, (pool.slug,))


@pytest.mark.parametrize("router", ROUTERS, ids=name)
def test_router_is_the_venue_and_no_leg(router: Program) -> None:
    """A router stands outermost; only pools are in the route."""
    body = draft().call(router.program_id, [USER] * 20, bytes(8))
    body.invoke(POOLS[0].program_id, [USER] * 20, swap_of(POOLS[0]))
    (trade,) = exchange(body, 3).trades
    assert (trade.trader, trade.venue, trade.route) == (USER, router.slug, (POOLS[0].slug,))


@pytest.mark.parametrize("terminal", TERMINAL_PROGRAMS, ids=name)
def test_terminal_is_looked_through(terminal: Program) -> None:
    """The venue is the pool below the terminal, which is told apart."""
    body = draft().call(terminal.program_id, [USER] * 20, bytes(8))
    body.invoke(POOLS[0].program_id, [USER] * 20, swap_of(POOLS[0]))
    (trade,) = exchange(body, 3).trades
    assert (trade.venue, trade.terminal) == (POOLS[0].slug, terminal.slug)


@pytest.mark.parametrize("program", OTHERS, ids=name)
def test_program_that_is_no_venue_gives_its_reason(program: Program) -> None:
    """A deposit moves for the reason that its program is there for, and is no trade."""
    body = Draft(USER).tokens(key("user sold"), USER, SOLD, 500, 400)
    body.tokens(key("vault sold"), POOL, SOLD, 1_000, 1_100)
    body.call(program.program_id, [USER, key("user sold"), key("vault sold")], b"\xee" * 8)
    body.invoke(TOKEN_PROGRAM, [key("user sold"), key("vault sold"), USER], transfer(100))
    found = normalize(body.body())
    assert isinstance(found, NormalizedTransaction)
    assert found.trades == ()
    assert {each.kind for each in found.movements if each.mint == SOLD} == {program.kind}


@pytest.mark.parametrize(
    ("program", "prefix", "kind"),
    [
        pytest.param(program, prefix, kind, id=f"{name(program)}-{prefix.hex()}")
        for program in PROGRAMS
        for prefix, kind in [
            *program.kinds,
            *((each, Kind.INCOME) for each in program.incomes),
        ]
    ],
)
def test_instruction_may_move_for_another_reason(
    program: Program, prefix: bytes, kind: Kind
) -> None:
    """Claims are income, what a bidder keeps with a market is escrow."""
    body = Draft(USER).tokens(key("user sold"), USER, SOLD, 500, 600)
    body.tokens(key("vault sold"), POOL, SOLD, 1_000, 900)
    body.call(program.program_id, [USER, key("user sold"), key("vault sold")], prefix)
    body.invoke(TOKEN_PROGRAM, [key("vault sold"), key("user sold"), POOL], transfer(100))
    found = normalize(body.body())
    assert isinstance(found, NormalizedTransaction)
    assert found.trades == ()
    assert {each.kind for each in found.movements if each.mint == SOLD} == {kind}


@pytest.mark.parametrize(
    "program",
    [each for each in OTHERS if each.kind in {Kind.LIQUIDITY, Kind.STAKE, Kind.LENDING}],
    ids=name,
)
def test_named_claims_are_income_wherever_something_earns(program: Program) -> None:
    """An instruction that Anchor names a claim of rewards or fees pays income."""
    for claim in sorted(CLAIMS):
        body = Draft(USER).tokens(key("user sold"), USER, SOLD, 500, 600)
        body.tokens(key("vault sold"), POOL, SOLD, 1_000, 900)
        body.call(program.program_id, [USER, key("user sold"), key("vault sold")], claim)
        body.invoke(TOKEN_PROGRAM, [key("vault sold"), key("user sold"), POOL], transfer(100))
        found = normalize(body.body())
        assert isinstance(found, NormalizedTransaction)
        assert {each.kind for each in found.movements if each.mint == SOLD} == {Kind.INCOME}


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "mint", "kind"),
    [
        ("aLKjam64kpN8", SOL_MINT, Kind.INCOME),
        ("4CcVh2jw19Yu", SOL_MINT, Kind.INCOME),
        ("5EjCNU2QafV6", "EPjFWdd5", Kind.LIQUIDITY),
        ("2Cxrz8NWZv", "EPjFWdd5", Kind.LENDING),
        ("4BQLJva7QLyR", "EPjFWdd5", Kind.LIQUIDITY),
        ("dhACRkud5JWU", "EPjFWdd5", Kind.ESCROW),
        ("J9kVpP5br8Q9", SOL_MINT, Kind.ESCROW),
        ("J9kVpP5br8Q9", SOL_MINT, Kind.NFT),
        ("4va9Qg6EXV54", "HYX1", Kind.NFT),
        ("626EgwuS6dbU", "8pwY", Kind.NFT),
        ("4frBMA4q4i11", "CiRH", Kind.NFT),
    ],
)
def test_recorded_life_beside_trades_has_its_reason(
    recorded: Recorded, prefix: str, mint: str, kind: Kind
) -> None:
    """Claims, deposits, loans and deals of NFTs move for their programs' reasons, untraded."""
    found = read(recorded, prefix)
    assert found.trades == ()
    assert kind in {each.kind for each in found.movements if each.mint.startswith(mint)}


@pytest.mark.chain
def test_curve_of_a_platform_names_its_fees(recorded: Recorded) -> None:
    """LaunchLab pays platform and creator apart, out of what the curve pays."""
    found = read(recorded, "3s8VMVAguPxA")
    (trade,) = found.trades
    fees = {each.kind: each.delta_raw for each in found.movements if each.owner == trade.trader}
    assert (fees[Kind.PLATFORM_FEE], fees[Kind.CREATOR_FEE]) == (-28_507, -1_900)
    assert trade.bought_raw == 3_761_047 + 28_507 + 1_900
