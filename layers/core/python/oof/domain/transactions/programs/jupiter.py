"""Jupiter's aggregators: routes over other programs' pools, and its order engine.

Where the user stands depends on the variant of `route`:
https://github.com/jup-ag/jupiter-cpi/blob/main/idl.json. In the order engine's `fill` a maker and
a taker face each other: https://github.com/jup-ag/rfq-webhook-toolkit. First and fifth version:
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/jupiter`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import (
    FEWEST_ACCOUNTS,
    Program,
    Role,
    account_at,
)

_USER_AT: Final[Mapping[bytes, int]] = MappingProxyType(
    {
        bytes.fromhex(discriminator): position
        for discriminator, position in {
            "e517cb977ae3ad2a": 1,  # route
            "96564774a75d0e68": 1,  # route_with_token_ledger
            "d033ef977b2bed5c": 1,  # exact_out_route
            "c1209b3341d69c81": 2,  # shared_accounts_route
            "e6798f50779f6aaa": 2,  # shared_accounts_route_with_token_ledger
            "b0d169a89a7d453e": 2,  # shared_accounts_exact_out_route
            "bb64facc31c4af14": 0,  # route_v2
            "d19853937cfed8e9": 1,  # shared_accounts_route_v2
            "9d8ab85215f4f324": 0,  # exact_out_route_v2
            "3560e5cad8bbfa18": 1,  # shared_accounts_exact_out_route_v2
        }.items()
    }
)


def _name_user(instruction: Instruction) -> str | None:
    if len(instruction.accounts) < FEWEST_ACCOUNTS:
        return None
    try:
        position = _USER_AT.get(instruction.read_data()[:8])
    except ValueError:
        return None
    return None if position is None else account_at(position)(instruction)


def _router(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.ROUTER, kind=Kind.TRANSFER, name_trader=_name_user)


PROGRAMS: Final = (
    _router("JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4", "jupiter_v6"),
    _router("JUP5pEAZeHdHrLxh5UCwAbpjGwYKKoquCpda2hfP4u8", "jupiter_v5"),
    _router("JUP5cHjnnCx2DppVsufsLrXs8EBZeEZzGtEK9Gdz6ow", "jupiter_v5"),
    _router("JUP4Fb2cqiRUcaTHdrPC8h2gNsA2ETXiPDD33WcGuJB", "jupiter_v4"),
    _router("JUP3c2Uh3WA4Ng34tw6kPd2G4C5BB21Xo36Je1s32Ph", "jupiter_v3"),
    _router("JUP6i4ozu5ydDCnLiMogSckDPpbtr7BJ4FtzYWkb5Rk", "jupiter_v1"),
    _router("JUP2jxvXaqu7NQY1GmNF4m1vodw12LVXYxbFL2uJvfo", "jupiter_v2"),
    Program(
        "61DFfeTKM7trxYcPQCM78bJ794ddZprZpAwAnLiwTpYH",
        "jupiter_rfq",
        Role.ROUTER,
        kind=Kind.TRANSFER,
        name_trader=account_at(0),
        name_maker=account_at(1),
    ),
)
