"""The small numbers that stand for kinds of movement in the database. Never reused, only added."""

from typing import Final

from oof.domain.transactions.model import Kind

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
KIND_OF_CODE: Final[dict[int, Kind]] = {code: kind for kind, code in KIND_CODES.items()}
