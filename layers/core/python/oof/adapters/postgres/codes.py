"""The small numbers that stand for kinds of movement in the database. Never reused, only added.

A marked movement's number is its kind's plus its mark's, so that a mark takes no room, and a
reader who wants none leaves out whatever is above 99.
"""

from typing import Final

from oof.domain.transactions.model import Kind, Mark

KIND_CODES: Final[dict[Kind, int]] = {
    Kind.TRADE: 1,
    Kind.TRANSFER: 2,
    Kind.NETWORK_FEE: 3,
    Kind.PRIORITY_FEE: 4,
    Kind.TIP: 5,
    Kind.PLATFORM_FEE: 6,
    Kind.PROTOCOL_FEE: 7,
    Kind.CREATOR_FEE: 8,
    Kind.BOT_FEE: 9,
    Kind.TRANSFER_FEE: 10,
    Kind.RENT: 11,
    Kind.MINT: 12,
    Kind.BURN: 13,
    Kind.STAKE: 14,
    Kind.LIQUIDITY: 15,
    Kind.LENDING: 16,
    Kind.ESCROW: 17,
    Kind.NFT: 18,
    Kind.INCOME: 19,
    Kind.UNKNOWN: 20,
}
MARK_CODES: Final[dict[Mark | None, int]] = {None: 0, Mark.SPAM: 100, Mark.DUST: 200}
MARKED: Final = 100
"""Numbers from here on are of marked movements."""
KIND_OF_CODE: Final[dict[int, Kind]] = {code: kind for kind, code in KIND_CODES.items()}

_MEANINGS: Final[dict[int, tuple[Kind, Mark | None]]] = {
    code + marked: (kind, mark)
    for kind, code in KIND_CODES.items()
    for mark, marked in MARK_CODES.items()
}


def code_of(kind: Kind, mark: Mark | None) -> int:
    """Give the number of a movement's kind and mark."""
    return KIND_CODES[kind] + MARK_CODES[mark]


def codes_of(kind: Kind) -> list[int]:
    """List the numbers of a kind, whatever the mark."""
    return [KIND_CODES[kind] + marked for marked in MARK_CODES.values()]


def meaning_of(code: int) -> tuple[Kind, Mark | None]:
    """Give the kind and the mark that a number stands for; raise `KeyError` if it is none."""
    return _MEANINGS[code]
