"""Smaller markets of NFTs.

https://github.com/FlipsideCrypto/solana-models (`models/silver/nfts`); SolSea, Solanart and the
market of Solana Monkey Business also in https://github.com/sonarwatch/portfolio
(`packages/tx-parser/src/services`); DigitalEyes by its own deployment, whose logs name its sales
tax. Where a market collects its fee, by the account that stands there in every sale recorded;
Hadeswap's: https://github.com/1S33dp1sk/hadeswap.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, fee_at, fees_of

_MARKET: Final = Kind.PROTOCOL_FEE

PROGRAMS: Final = (
    Program(
        "CJsLwbP1iu5DuUikHEJnLfANgKy6stB2uFgvBBHoyxwz",
        "solanart",
        Role.OTHER,
        kind=Kind.NFT,
        kinds=((b"\x00", Kind.ESCROW),),  # an offer: its lamports are kept until it is accepted
        name_fee=fee_at(_MARKET, 6),
    ),
    Program(
        "5ZfZAwP2m93waazg8DkrrVmsupeiPEvaEHowiUP7UAbJ", "solanart_offers", Role.OTHER, kind=Kind.NFT
    ),
    Program(
        "617jbWo616ggkDxvW1Le8pV38XLbVSyWY8ae6QUmGBAU",
        "solsea",
        Role.OTHER,
        kind=Kind.NFT,
        name_fee=fee_at(_MARKET, 7),
    ),
    Program(
        "A7p8451ktDCHq5yYaHczeLMYsjRsAkzc3hCXcSrwYHU7",
        "digital_eyes",
        Role.OTHER,
        kind=Kind.NFT,
        name_fee=fee_at(_MARKET, 5),
    ),
    Program(
        "AmK5g2XcyptVLCFESBCJqoSfwV3znGoVYQnqEnaAZKWn",
        "exchange_art",
        Role.OTHER,
        kind=Kind.NFT,
        name_fee=fee_at(_MARKET, 5),
    ),
    Program(
        "EXBuYPNgBUXMTsjCbezENRUtFQzjUNZxvPGTd11Pznk5", "exchange_art", Role.OTHER, kind=Kind.NFT
    ),
    Program(
        "exAuvFHqXXbiLrM4ce9m1icwuSyXytRnfBkajukDFuB", "exchange_art", Role.OTHER, kind=Kind.NFT
    ),
    Program(
        "6U2LkBQ6Bqd1VFt7H76343vpSwS5Tb1rNyXSNnjkf9VL", "coral_cube", Role.OTHER, kind=Kind.NFT
    ),
    Program(
        "hadeK9DLv9eA7ya5KCTqSvSvRZeJC3JgD5a9Y3CNbvu",
        "hadeswap",
        Role.OTHER,
        kind=Kind.NFT,
        name_fee=fees_of(
            {
                "65a9909c1deda8c0": {16: _MARKET},  # buy_nft_from_pair
                "a3ebaf1b41168cbd": {8: _MARKET},  # sell_nft_to_token_to_nft_pair
                "4a0c5dbec7d5c318": {14: _MARKET},  # sell_nft_to_liquidity_pair
            }
        ),
    ),
    Program(
        "HYPERfwdTjyJ2SCaKHmpF2MtrXqWxrsotYDsTrshHWq8", "hyperspace", Role.OTHER, kind=Kind.NFT
    ),
    Program("SNPRohhBurQwrpwAptw1QYtpFdfEKitr4WSJ125cN1g", "sol_sniper", Role.OTHER, kind=Kind.NFT),
    Program("SPf5WqNywtPrRXSU5enq5z9bPPhREaSYf2LhN5fUxcj", "solport", Role.OTHER, kind=Kind.NFT),
    Program("5SKmrbAxnHV2sgqyDXkGrLrokZYtWWVEEk5Soed7VLVN", "yawww", Role.OTHER, kind=Kind.NFT),
    Program(
        "J7RagMKwSD5zJSbRQZU56ypHUtux8LRDkUpAPSKH4WPp", "smb_market", Role.OTHER, kind=Kind.NFT
    ),
)
