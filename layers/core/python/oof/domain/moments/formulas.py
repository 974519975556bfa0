"""Formulas as text: a moment's numbers are what its formulas give of its inputs, nothing else.

A formula names inputs and earlier results, adds, subtracts, multiplies and divides them, and takes
`min`, `max` or `abs`. The texts stand in the evidence with the inputs, so that a reader can work
every number out again. All steps are exact; a result is rounded once, to 8 decimals, half to even.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, reduce
from typing import Final

from oof.domain.positions.worth import Ratio
from oof.domain.units import RawAmount

PLACES: Final = 8
_EXACT: Final = Context(prec=120)
_OPERATIONS: Final[Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: Final[Mapping[str, Callable[..., Fraction]]] = {"min": min, "max": max, "abs": abs}

type Inputs = Mapping[str, Decimal | int]
type Formulas = Mapping[str, str]


def solve(formulas: Formulas, inputs: Inputs) -> dict[str, Decimal]:
    """Return each formula's result, rounded; later ones may name earlier ones, unrounded.

    Raises ValueError for what is no formula, KeyError for a name nobody gave, ZeroDivisionError.
    """
    known = {name: Fraction(value) for name, value in inputs.items()}
    for name, text in formulas.items():
        known[name] = _value(_parsed(text), known)
    return {name: rounded(known[name]) for name in formulas}


def rounded(number: Fraction) -> Decimal:
    """Return a number with 8 decimals, half to even."""
    return Decimal(Ratio(number.numerator, number.denominator).text(PLACES))


def units_of(raw: RawAmount | int, decimals: int) -> Decimal:
    """Return base units as whole tokens, exactly."""
    return _EXACT.scaleb(Decimal(raw), -decimals)


def times(one: Decimal, other: Decimal) -> Decimal:
    """Return a product, exactly for numbers of up to 60 digits each."""
    return _EXACT.multiply(one, other)


def total_of(numbers: Iterable[Decimal]) -> Decimal:
    """Return a sum, exactly."""
    return reduce(_EXACT.add, numbers, Decimal(0))


def plain(number: Decimal | int) -> str:
    """Return a number as text, without an exponent."""
    return format(number, "f") if isinstance(number, Decimal) else str(number)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _value(node: ast.expr, known: Mapping[str, Fraction]) -> Fraction:
    match node:
        case ast.Name(id=name):
            return known[name]
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left, known), _value(right, known))
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(arg, known) for arg in args))
    msg = f"no formula: {ast.unparse(node)}"
    raise ValueError(msg)
