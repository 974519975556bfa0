"""Tensor: its pools and lists, bids, and its market of compressed NFTs.

https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`) and
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/tensor`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "TSWAPaqyCSx2KABk68Shruf4rp7CxcNi8hAsbdwmHbN", "tensor_swap", Role.OTHER, kind=Kind.NFT
    ),
    Program(
        "TCMPhJdwDryooaGtiocG1u3xcYbRpiJzb283XfCZsDp", "tensor_cnft", Role.OTHER, kind=Kind.NFT
    ),
    Program("TB1Dqt8JeKQh7RLDzfYDJsq8KS4fS2yt87avRjyRxMv", "tensor_bid", Role.OTHER, kind=Kind.NFT),
)
