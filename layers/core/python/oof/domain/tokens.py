"""How amounts are written for people, and the few symbols that are beyond doubt.

A symbol is whatever a mint's creator wrote into its metadata, so it proves nothing: only mints
that everybody means by their symbol have one here, all others are shown by their address.
"""

from typing import Final, NamedTuple

from oof.domain.units import SOL_MINT, Mint, RawAmount

USDC_MINT: Final = Mint("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
USDT_MINT: Final = Mint("Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB")
DOLLARS: Final = (USDC_MINT, USDT_MINT)
QUOTES: Final = (SOL_MINT, *DOLLARS)
"""What trades are paid with, and whose prices are the surest, in this order."""

SYMBOLS: Final[dict[Mint, str]] = {
    SOL_MINT: "SOL",
    USDC_MINT: "USDC",
    USDT_MINT: "USDT",
    Mint("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So"): "mSOL",
    Mint("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"): "JitoSOL",
    Mint("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"): "JUP",
    Mint("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"): "BONK",
}


class Amount(NamedTuple):
    """An on-chain amount, exact: `raw` counts base units, `ui` is the same shifted by decimals."""

    raw: RawAmount
    decimals: int | None
    mint: Mint

    @property
    def ui(self) -> str | None:
        """The amount as people write it; None where decimals are unknown."""
        if self.decimals is None:
            return None
        sign = "-" if self.raw < 0 else ""
        whole, part = divmod(abs(self.raw), 10**self.decimals)
        fraction = f"{part:0{self.decimals}d}".rstrip("0") if self.decimals else ""
        return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"

    @property
    def symbol(self) -> str | None:
        """The mint's symbol, where it is beyond doubt."""
        return SYMBOLS.get(self.mint)
