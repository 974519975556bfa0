"""Mints that everybody means by their symbol: data, so that these never depend on a provider.

A symbol is whatever a mint's creator wrote, so it proves nothing; those here are beyond doubt, and
no other mint is shown under one of them. To change the list: check the mint on the issuer's own
page, add its line, and raise `VERSION`. Read in November 2026.
"""

from typing import Final, NamedTuple

from oof.domain.units import SOL_MINT, Mint

VERSION: Final = 1
"""Raised whenever the list changes; facts taken from it say so as their source."""


class KnownToken(NamedTuple):
    """What everybody means by a symbol."""

    mint: Mint
    symbol: str
    name: str
    decimals: int


USDC_MINT: Final = Mint("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
USDT_MINT: Final = Mint("Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB")

_LISTED: Final = (
    KnownToken(SOL_MINT, "SOL", "Solana", 9),
    KnownToken(USDC_MINT, "USDC", "USD Coin", 6),
    KnownToken(USDT_MINT, "USDT", "Tether USD", 6),
    KnownToken(Mint("2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo"), "PYUSD", "PayPal USD", 6),
    KnownToken(Mint("HzwqbKZw8HxMN6bF2yFZNrht3c2iXXzpKcFu7uBEDKtr"), "EURC", "EURC", 6),
    KnownToken(
        Mint("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So"), "mSOL", "Marinade staked SOL", 9
    ),
    KnownToken(
        Mint("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"), "JitoSOL", "Jito Staked SOL", 9
    ),
    KnownToken(
        Mint("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1"), "bSOL", "BlazeStake Staked SOL", 9
    ),
    KnownToken(Mint("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"), "JUP", "Jupiter", 6),
    KnownToken(Mint("27G8MtK7VtTcCHkpASjSDdkWWYfoqT6ggEuKidVJidD4"), "JLP", "Jupiter Perps LP", 6),
    KnownToken(Mint("jtojtomepa8beP8AuQc6eXt5FriJwfFMwQx2v2f9mCL"), "JTO", "Jito", 9),
    KnownToken(Mint("HZ1JovNiVvGrGNiiYvEozEVgZ58xaU3RKwX8eACQBCt3"), "PYTH", "Pyth Network", 6),
    KnownToken(Mint("4k3Dyjzvzp8eMZWUXbBCjEvwSkkk59S5iCNLY3QrkX6R"), "RAY", "Raydium", 6),
    KnownToken(Mint("orcaEKTdK7LKz57vaAYr9QeNsVEPfiu6QeMU1kektZE"), "ORCA", "Orca", 6),
    KnownToken(Mint("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"), "BONK", "Bonk", 5),
    KnownToken(Mint("EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm"), "WIF", "dogwifhat", 6),
)

KNOWN: Final = {each.mint: each for each in _LISTED}
SYMBOLS: Final = {each.mint: each.symbol for each in _LISTED}
