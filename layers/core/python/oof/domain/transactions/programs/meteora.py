"""Meteora: DLMM, both dynamic pools and the bonding curves before them.

https://github.com/MeteoraAg/dlmm-sdk/blob/main/idls/dlmm.json,
https://github.com/MeteoraAg/damm-v1-sdk, https://github.com/MeteoraAg/damm-v2-sdk,
https://github.com/MeteoraAg/dynamic-bonding-curve-sdk. The first dynamic pools keep their
reserves in vaults of a lending program, which is therefore looked through. Zap, which swaps on the
way in and out of pools, and the sharing of fees:
https://docs.meteora.ag/get-started/pushing-the-boundaries-of-defi. Whom a swap names for a host's
or referrer's share is a front-end. Limit orders of DLMM rest, and are settled later: escrow.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor, fee_at

DYNAMIC_VAULT: Final = "24Uqj9JCLxUeoC3hGfh5W3s9FM9uCHDS2SG3LYwBpyTi"

_DLMM_ORDERS: Final = anchor(
    "6cb021ba92e501c5",  # place_limit_order
    "849c841f4328e861",  # cancel_limit_order
    "397c249b7ef95dab",  # close_limit_order_if_empty
)

PROGRAMS: Final = (
    Program(
        "LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo",
        "meteora_dlmm",
        Role.POOL,
        swaps=anchor(
            "f8c69e91e17587c8",
            "414b3f4ceb5b5b88",
            "fa49652126cf4bb8",
            "2bd7f784893cf351",
            "38ade6d0ade49ccd",
            "4a62c0d6b1334b33",
        ),
        incomes=anchor(
            "a9204f8988e84689", "70bf65ab1c907fbb", "955fb5f25e5a9ea2", "be037f77b2579db7"
        ),
        kinds=tuple((order, Kind.ESCROW) for order in _DLMM_ORDERS),
        name_trader=account_at(10),
        name_fee=fee_at(Kind.PLATFORM_FEE, 9),
    ),
    Program(
        "Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB",
        "meteora_damm_v1",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8"),
        name_trader=account_at(12),
    ),
    Program(
        "cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG",
        "meteora_damm_v2",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8", "414b3f4ceb5b5b88"),
        incomes=anchor("b4269a118521a2d3", "7b7ef1ab98f1127b", "955fb5f25e5a9ea2"),
        name_trader=account_at(8),
        name_fee=fee_at(Kind.PLATFORM_FEE, 11),
    ),
    Program(
        "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN",
        "meteora_dbc",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8", "414b3f4ceb5b5b88"),
        incomes=anchor(
            "52dcfabd03556b2d", "08ec5931987db151", "a8ad4864c962265c", "a50389071c864c50"
        ),
        name_trader=account_at(9),
        name_fee=fee_at(Kind.PLATFORM_FEE, 12),
    ),
    Program(
        "zapvX9M3uf5pvy4wRPAbQgdQsM1xmuiFnkfHKPvwMiz",
        "meteora_zap",
        Role.ROUTER,
        kind=Kind.LIQUIDITY,
    ),
    Program(
        "dfsdo2UqvwfN8DuUVrMRNfQe11VaiNoKcMqLHVvDPzh",
        "meteora_fee_sharing",
        Role.OTHER,
        kind=Kind.INCOME,
    ),
)
