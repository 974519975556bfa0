"""Magic Eden: both markets, its pools of NFTs, and its market of compressed ones.

Discriminators: https://github.com/pinax-network/substreams-solana-idls (`src/magiceden`); ids
also in https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor

_ESCROW: Final = tuple(
    (discriminator, Kind.ESCROW) for discriminator in anchor("f223c68952e1f2b6", "b712469c946da122")
)
"""`deposit` and `withdraw`: what a bidder keeps with the market."""

_POOL_ESCROW: Final = tuple(
    (discriminator, Kind.ESCROW) for discriminator in anchor("42e50b366da455ee", "9a2950e8ae30f623")
)
"""`sol_deposit_buy` and `sol_withdraw_buy`: what a pool keeps to buy with."""

PROGRAMS: Final = (
    Program(
        "MEisE1HzehtrDpAAT8PnLHjpSSkRYakotTuJRPjTpo8", "magic_eden_v1", Role.OTHER, kind=Kind.NFT
    ),
    Program(
        "M2mx93ekt1fmXSVkTrUL9xVFHkmME8HTUi5Cyc5aF7K",
        "magic_eden_v2",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_ESCROW,
    ),
    Program(
        "mmm3XBJg5gk8XJxEKBvdgptZz6SgK4tXvn36sodowMc",
        "magic_eden_mmm",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_POOL_ESCROW,
    ),
    Program(
        "M3mxk5W2tt27WGT7THox7PmgRDp4m6NEhL5xvxrBfS1", "magic_eden_cnft", Role.OTHER, kind=Kind.NFT
    ),
)
