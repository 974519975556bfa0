"""Metaplex's auction house, candy machines and compressed NFTs: mints and sales of NFTs.

https://github.com/metaplex-foundation/metaplex-program-library and
https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`). The auction house's treasury
stands at 12, behind an auctioneer at 13: `auction-house/program/src/execute_sale` of the former.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor, fees_of

TOKEN_METADATA: Final = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s"  # noqa: S105 - an address
CORE: Final = "CoREENxT6tW1HoK8ypY1SxRMZTcVPm7R94rH4PZNhX7d"

_ESCROW: Final = tuple(
    (discriminator, Kind.ESCROW) for discriminator in anchor("f223c68952e1f2b6", "b712469c946da122")
)
"""`deposit` and `withdraw`: what a bidder keeps with the market."""

_FEES: Final = {
    "254ad99d4f312306": {12: Kind.PROTOCOL_FEE},  # execute_sale
    "a312239d31a4cb85": {12: Kind.PROTOCOL_FEE},  # execute_partial_sale
    "447d2041fb2b2335": {13: Kind.PROTOCOL_FEE},  # auctioneer_execute_sale
    "092c2e0fa18f1536": {13: Kind.PROTOCOL_FEE},  # auctioneer_execute_partial_sale
}

PROGRAMS: Final = (
    Program(
        "hausS13jsjafwWwGqZTUQRmWyvyxn9EQpqMwV1PBBmk",
        "metaplex_auction_house",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_ESCROW,
        name_fee=fees_of(_FEES),
    ),
    Program(
        "cndyAnrLdpjq1Ssp1z8xxDsB8dxe7u4HL5Nxi2K5WXZ",
        "metaplex_candy_machine_v1",
        Role.OTHER,
        kind=Kind.NFT,
    ),
    Program(
        "cndy3Z4yapfJBmL3ShUp5exZKqR3z33thTzeNMm2gRZ",
        "metaplex_candy_machine_v2",
        Role.OTHER,
        kind=Kind.NFT,
    ),
    Program(
        "CndyV3LdqHUfDLmE5naZjVN8rBZz4tqhdefbAnjHG3JR",
        "metaplex_candy_machine_v3",
        Role.OTHER,
        kind=Kind.NFT,
    ),
    Program(
        "BGUMAp9Gq7iTEuizy4pqaxsTyUCBK68MDfK752saRPUY",
        "metaplex_bubblegum",
        Role.OTHER,
        kind=Kind.NFT,
    ),
)
