"""How amounts are written for people, and under which symbol.

A symbol is whatever a mint's creator wrote into its metadata, so it proves nothing. Mints that
everybody means by their symbol have it from `tokens_known`; others are shown as providers told
(`tokens_facts`), but never under the symbol of one of those.
"""

from typing import Final, NamedTuple

from oof.domain.tokens_known import SYMBOLS, USDC_MINT, USDT_MINT
from oof.domain.units import SOL_MINT, Mint, RawAmount

__all__ = [
    "DOLLARS",
    "NEVER_SPAM",
    "QUOTES",
    "SYMBOLS",
    "USDC_MINT",
    "USDT_MINT",
    "Amount",
    "symbol_of",
]

DOLLARS: Final = (USDC_MINT, USDT_MINT)
QUOTES: Final = (SOL_MINT, *DOLLARS)
"""What trades are paid with, and whose prices are the surest, in this order."""

NEVER_SPAM: Final = frozenset(
    {
        *QUOTES,
        Mint("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So"),
        Mint("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"),
        Mint("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"),
        Mint("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"),
    }
)
"""Worth something to whoever gets them, however many do. What is normalized rests on this list:
changing it is a new version of the normalizer."""


class Amount(NamedTuple):
    """An on-chain amount, exact: `raw` counts base units, `ui` is the same shifted by decimals."""

    raw: RawAmount
    decimals: int | None
    mint: Mint
    told: str | None = None
    """The mint's symbol as stored."""

    @property
    def ui(self) -> str | None:
        """The amount as people write it; None where decimals are unknown."""
        if self.decimals is None:
            return None
        if not self.decimals:
            return str(self.raw)
        sign, digits = ("-", str(-self.raw)) if self.raw < 0 else ("", str(self.raw))
        padded = digits.zfill(self.decimals + 1)
        fraction = padded[-self.decimals :].rstrip("0")
        return sign + padded[: -self.decimals] + ("." + fraction if fraction else "")

    @property
    def symbol(self) -> str | None:
        """The mint's symbol: the one beyond doubt, else the stored one."""
        return symbol_of(self.mint, self.told)


def symbol_of(mint: Mint, told: str | None) -> str | None:
    """Return under which symbol a mint is shown; None where nobody told one."""
    return SYMBOLS.get(mint, told)
