"""Tensor: its pools and lists, bids, and its market of compressed NFTs.

https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`) and
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/tensor`); the names of
instructions, of which discriminators are hashed: https://github.com/tensor-foundation.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor

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

PROGRAMS: Final = (
    Program(
        "TSWAPaqyCSx2KABk68Shruf4rp7CxcNi8hAsbdwmHbN",
        "tensor_swap",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_KEPT,
    ),
    Program(
        "TCMPhJdwDryooaGtiocG1u3xcYbRpiJzb283XfCZsDp",
        "tensor_cnft",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_KEPT,
    ),
    Program(
        "TB1Dqt8JeKQh7RLDzfYDJsq8KS4fS2yt87avRjyRxMv",
        "tensor_bid",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=_KEPT,
    ),
)
