"""Exact rational numbers for sums of money, which are rounded once, when they are written.

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
        return self if of == whole else _short(self.num * of, self.den * whole)

    def scaled(self, decimals: int) -> int:
        """Return the value in units of `10 ** -decimals`, half to even."""
        unit: int = 10**decimals
        whole, rest = divmod(self.num * unit, self.den)
        twice = 2 * rest
        return whole + (twice > self.den or (twice == self.den and whole % 2 == 1))

    def text(self, decimals: int) -> str:
        """Return the value with so many decimals, half to even, in plain notation."""
        scaled = self.scaled(decimals)
        sign = "-" if scaled < 0 else ""
        digits = f"{abs(scaled):0{decimals + 1}d}"
        return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits


ZERO: Final = Ratio(0, 1)


def _short(num: int, den: int) -> Ratio:
    if den.bit_length() > _LONG_BITS:
        shared = gcd(num, den)
        return Ratio(num // shared, den // shared)
    return Ratio(num, den)
