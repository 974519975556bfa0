"""Money: exact sums in USD and in SOL, rounded once, when they are written.

`fractions.Fraction` reduces after every step, which is most of its time; here a ratio is reduced
only when it has become long.
"""

from math import gcd
from typing import Final, NamedTuple

_LONG_BITS: Final = 1_024


class Ratio(NamedTuple):
    """`num / den`; `den` is positive."""

    num: int
    den: int

    def plus(self, other: "Ratio") -> "Ratio":
        """Return the sum."""
        if self.den == other.den:
            return Ratio(self.num + other.num, self.den)
        return _short(self.num * other.den + other.num * self.den, self.den * other.den)

    def minus(self, other: "Ratio") -> "Ratio":
        """Return the difference."""
        return self.plus(Ratio(-other.num, other.den))

    def part(self, of: int, whole: int) -> "Ratio":
        """Return `of / whole` of this."""
        if of == whole or self.num == 0:
            return self
        return _short(self.num * of, self.den * whole)

    def in_parts(self, parts: int) -> int:
        """Return the value in units of `1 / parts`, half to even."""
        whole, rest = divmod(self.num * parts, self.den)
        twice = 2 * rest
        return whole + (twice > self.den or (twice == self.den and whole % 2 == 1))

    def text(self, decimals: int) -> str:
        """Return the value with so many decimals, half to even, in plain notation."""
        scaled = self.in_parts(10**decimals)
        sign = "-" if scaled < 0 else ""
        digits = f"{abs(scaled):0{decimals + 1}d}"
        return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits


class Worth(NamedTuple):
    """An amount of money in both units; each is None where it is not known."""

    usd: Ratio | None
    lamports: Ratio | None

    def plus(self, other: "Worth") -> "Worth":
        """Return the sum; unknown where either part is."""
        return Worth(_sum(self.usd, other.usd), _sum(self.lamports, other.lamports))

    def minus(self, other: "Worth") -> "Worth":
        """Return the difference; unknown where either part is."""
        return Worth(
            None if other.usd is None else _sum(self.usd, Ratio(-other.usd.num, other.usd.den)),
            None
            if other.lamports is None
            else _sum(self.lamports, Ratio(-other.lamports.num, other.lamports.den)),
        )

    def part(self, of: int, whole: int) -> "Worth":
        """Return `of / whole` of it."""
        usd, lamports = self
        return Worth(
            None if usd is None else usd.part(of, whole),
            None if lamports is None else lamports.part(of, whole),
        )


ZERO: Final = Ratio(0, 1)
NOTHING: Final = Worth(ZERO, ZERO)
UNKNOWN: Final = Worth(None, None)


def _sum(one: Ratio | None, other: Ratio | None) -> Ratio | None:
    return None if one is None or other is None else one.plus(other)


def _short(num: int, den: int) -> Ratio:
    if den.bit_length() > _LONG_BITS:
        shared = gcd(num, den)
        return Ratio(num // shared, den // shared)
    return Ratio(num, den)
