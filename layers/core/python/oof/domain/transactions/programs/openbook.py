"""OpenBook: the fork of Serum's order book, with its tags, and the second one of its own.

Only `place_take_order` of the second settles at once; what rests, and what is settled, is escrow:
https://github.com/openbook-dex/program (`dex/src/instruction.rs`) and
https://github.com/openbook-dex/openbook-v2 (`programs/openbook-v2/src/lib.rs`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor

PROGRAMS: Final = (
    Program(
        "srmqPvymJeFKQ4zGQed1GFppgkRHL9kaELCbyksJtPX",
        "openbook_v1",
        Role.POOL,
        kind=Kind.ESCROW,
        swaps=(
            b"\x00\x01\x00\x00\x00",
            b"\x00\x09\x00\x00\x00",
            b"\x00\x0a\x00\x00\x00",
            b"\x00\x0d\x00\x00\x00",
        ),
    ),
    Program(
        "opnb2LAfJYbRMAHHvqjCwQxanZn7ReEHp1k81EohpZb",
        "openbook_v2",
        Role.POOL,
        kind=Kind.ESCROW,
        swaps=anchor("032c47031ac7cb55"),
    ),
)
