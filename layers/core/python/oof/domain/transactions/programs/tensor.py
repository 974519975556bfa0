"""Tensor: its pools and lists, bids, and its market of compressed NFTs.

https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`) and
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/tensor`); the names of
instructions, of which discriminators are hashed, and where fee vaults and brokers stand:
https://github.com/tensor-foundation (`escrow`, `marketplace`: `clients/anchor/src`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor, fees_of

_KEPT: Final = tuple(
    (discriminator, Kind.ESCROW)
    for discriminator in anchor(
        "6c514e757d9b38c8",  # deposit_sol
        "91834a8841892a26",  # withdraw_sol
        "be55f23c775121c0",  # deposit_margin_account
        "364996d0cf051211",  # withdraw_margin_account
        "c738552692f3259e",  # bid
        "28f3bed9d0fd56ce",  # cancel_bid
        "53146943f84468be",  # close_expired_bid
    )
)
"""What is put aside to buy with, and taken back."""

_VAULT: Final = Kind.PROTOCOL_FEE
_BROKER: Final = Kind.PLATFORM_FEE


def _fees(vault: int, *brokers: int) -> dict[int, Kind]:
    return {vault: _VAULT} | dict.fromkeys(brokers, _BROKER)


_POOLS: Final = {
    "60001cbe316b53de": _fees(1, 24),  # buy_nft
    "392cc03053086b30": _fees(1, 26),  # sell_nft_token_pool
    "83527d4d0d9d245a": _fees(1, 25),  # sell_nft_trade_pool
    "f5dc694975624e8d": _fees(1, 20),  # buy_single_listing
    "9bdb7ef5aac7334f": _fees(1, 15),  # buy_nft_t22
    "95ea1f671a24a631": _fees(1, 15),  # sell_nft_token_pool_t22
    "7c91173448715509": _fees(1, 15),  # sell_nft_trade_pool_t22
    "66594200054454d8": _fees(1, 11),  # buy_single_listing_t22
    "d8fd6a1db6f3004e": _fees(1, 15),  # wns_buy_nft
    "284ef14eccee2e8f": _fees(1, 15),  # wns_sell_nft_token_pool
    "a9af7d5801108207": _fees(1, 16),  # wns_sell_nft_trade_pool
    "1c0e84cfd4f879c7": _fees(1, 11),  # wns_buy_single_listing
    "0a9730e2f818e3e7": _fees(1),  # take_snipe
}
_COMPRESSED: Final = {
    "66063d1201daebea": _fees(0, 12, 13),  # buy
    "4188feff3b82eaae": _fees(0, 18, 19, 20, 21) | {1: _VAULT},  # buy_spl
    "a9e357ff4c56ff19": _fees(0, 7, 8),  # buy_core
    "55e3ca462dd70ac1": _fees(0, 13, 14),  # take_bid_meta_hash
    "f2c2cbe1ea350a60": _fees(0, 13, 14),  # take_bid_full_meta
    "bc23746c00e9edc9": _fees(0, 4, 5),  # take_bid_legacy
    "12fa71f21ff41396": _fees(0, 4, 5),  # take_bid_t22
    "58057a58fa8b23d8": _fees(0, 4, 5),  # take_bid_wns
    "fa29f8143da11b8d": _fees(0, 4, 5),  # take_bid_core
}
_BIDS: Final = {
    "8fe3151c9880070a": _fees(1, 24),  # take_bid
    "12fa71f21ff41396": _fees(1, 14),  # take_bid_t22
    "0f09e17776aa1266": _fees(1, 14),  # wns_take_bid
}

PROGRAMS: Final = (
    Program(
        "TSWAPaqyCSx2KABk68Shruf4rp7CxcNi8hAsbdwmHbN",
        "tensor_swap",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_KEPT,
        name_fee=fees_of(_POOLS),
    ),
    Program(
        "TCMPhJdwDryooaGtiocG1u3xcYbRpiJzb283XfCZsDp",
        "tensor_cnft",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_KEPT,
        name_fee=fees_of(_COMPRESSED),
    ),
    Program(
        "TB1Dqt8JeKQh7RLDzfYDJsq8KS4fS2yt87avRjyRxMv",
        "tensor_bid",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_KEPT,
        name_fee=fees_of(_BIDS),
    ),
)
