"""Magic Eden: both markets, its pools of NFTs, and its market of compressed ones.

Discriminators: https://github.com/pinax-network/substreams-solana-idls (`src/magiceden`); ids
also in https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`). Where treasuries and
referrals stand: https://github.com/phaselabscrypto/netrunner-v2-decoders (`magic_eden_2_decoder`),
https://github.com/magicoss/mmm and https://github.com/me-foundation/m3 (`sdk/src/idl`, `src/idl`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import (
    Program,
    Role,
    anchor,
    fee_at,
    fees_of,
)

_ESCROW: Final = tuple(
    (discriminator, Kind.ESCROW) for discriminator in anchor("f223c68952e1f2b6", "b712469c946da122")
)
"""`deposit` and `withdraw`: what a bidder keeps with the market."""

_POOL_ESCROW: Final = tuple(
    (discriminator, Kind.ESCROW) for discriminator in anchor("42e50b366da455ee", "9a2950e8ae30f623")
)
"""`sol_deposit_buy` and `sol_withdraw_buy`: what a pool keeps to buy with."""

_MARKET: Final = Kind.PROTOCOL_FEE
_REFERRAL: Final = Kind.PLATFORM_FEE
_SALE: Final = {10: _MARKET, 12: _REFERRAL, 14: _REFERRAL}
_PROGRAMMABLE: Final = {10: _MARKET, 14: _REFERRAL, 15: _REFERRAL}
_FEES: Final = {
    "254ad99d4f312306": _SALE,  # execute_sale
    "5bdc31dfcc8135c1": _SALE,  # execute_sale_v2
    "eca3ccad4790eb76": _PROGRAMMABLE,  # mip1_execute_sale_v2
    "c8531f529c9c1461": _PROGRAMMABLE,  # ocp_execute_sale_v2
    "d562c518f2359a23": {  # core_execute_sale_v2
        7: _MARKET,
        19: _MARKET,
        11: _REFERRAL,
        12: _REFERRAL,
    },
    "76b809468676729f": {  # ext_execute_sale_v2
        9: _MARKET,
        21: _MARKET,
        13: _REFERRAL,
        14: _REFERRAL,
    },
}
"""Of the second market."""

PROGRAMS: Final = (
    Program(
        "MEisE1HzehtrDpAAT8PnLHjpSSkRYakotTuJRPjTpo8",
        "magic_eden_v1",
        Role.OTHER,
        kind=Kind.NFT,
        name_fee=fee_at(_MARKET, 7),
    ),
    Program(
        "M2mx93ekt1fmXSVkTrUL9xVFHkmME8HTUi5Cyc5aF7K",
        "magic_eden_v2",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_ESCROW,
        name_fee=fees_of(_FEES),
    ),
    Program(
        "mmm3XBJg5gk8XJxEKBvdgptZz6SgK4tXvn36sodowMc",
        "magic_eden_mmm",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_POOL_ESCROW,
        name_fee=fee_at(_REFERRAL, 3),
    ),
    Program(
        "M3mxk5W2tt27WGT7THox7PmgRDp4m6NEhL5xvxrBfS1",
        "magic_eden_cnft",
        Role.OTHER,
        kind=Kind.NFT,
        name_fee=fees_of({"f22ab84d859876cc": {3: _MARKET}}),  # buy_now
    ),
)
