"""Sums, encodings and what is left unexplained, over every recorded file."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from tests.checker.bodies import Body, Json
from tests.checker.deltas import SOL
from tests.checker.report import FileReport

_ORDER_FIELDS: Final = frozenset({"slot", "block_time", "tx_index"})
"""What a source may not have kept; then only the others are compared."""
_INFRASTRUCTURE: Final = (
    "11111111111111111111111111111111",
    "ComputeBudget111111111111111111111111111111",
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
)
MOST_UNKNOWN_MOVEMENTS: Final = 0.02
MOST_UNKNOWN_SIGNERS_ROWS: Final = 0.005


class Share(NamedTuple):
    """How many of some rows are of kind `unknown`."""

    unknown: int
    rows: int

    @property
    def part(self) -> float:
        """The share, 0 to 1; nothing of nothing is nothing."""
        return self.unknown / self.rows if self.rows else 0.0


class Exactness(NamedTuple):
    """How one file fared."""

    name: str
    transactions: int
    pairs: int
    wrong_sums: int
    other_findings: int
    movements: Share
    signers_rows: Share


class Encodings(NamedTuple):
    """Signatures recorded more than once, and those whose results differ."""

    compared: int
    differing: tuple[str, ...]


def exactness(name: str, report: FileReport) -> Exactness:
    """Return the figures of one file."""
    wrong = sum(finding.code == "delta" for finding in report.findings)
    rows = [row for result in report.results for row in result.get("movements", ())]
    unknown = sum(row["kind"] == "unknown" for row in rows)
    return Exactness(
        name=name,
        transactions=report.transactions,
        pairs=report.pairs,
        wrong_sums=wrong,
        other_findings=len(report.findings) - wrong,
        movements=Share(unknown, len(rows)),
        signers_rows=Share(report.unknown_rows, report.signer_rows),
    )


def add_up(files: Iterable[Exactness]) -> Exactness:
    """Return the figures of all files together."""
    every = list(files)
    return Exactness(
        name="all",
        transactions=sum(file.transactions for file in every),
        pairs=sum(file.pairs for file in every),
        wrong_sums=sum(file.wrong_sums for file in every),
        other_findings=sum(file.other_findings for file in every),
        movements=_total(file.movements for file in every),
        signers_rows=_total(file.signers_rows for file in every),
    )


def _total(shares: Iterable[Share]) -> Share:
    every = list(shares)
    return Share(sum(share.unknown for share in every), sum(share.rows for share in every))


def encodings(results: Iterable[Json]) -> Encodings:
    """Compare the results of each signature that was recorded more than once."""
    by_signature: dict[str, list[Json]] = defaultdict(list)
    for result in results:
        by_signature[result.get("signature", "")].append(result)
    repeated = {key: found for key, found in by_signature.items() if len(found) > 1}
    differing = [key for key, found in repeated.items() if not _is_same(found)]
    return Encodings(len(repeated), tuple(sorted(differing)))


def _is_same(found: list[Json]) -> bool:
    for field in found[0]:
        values = [result.get(field) for result in found]
        if field in _ORDER_FIELDS:
            values = [value for value in values if value is not None]
        if any(value != values[0] for value in values):
            return False
    return True


def kinds(results: Iterable[Json]) -> Counter[str]:
    """Count movements by kind, those apart that bear a mark."""
    return Counter(
        f"{row['kind']}, {row['mark']}" if "mark" in row else row["kind"]
        for result in results
        for row in result.get("movements", ())
    )


def unknown_classes(pairs: Iterable[tuple[Body, Json]]) -> Counter[tuple[str, str]]:
    """Count unexplained movements by what they are and by the program they happened under."""
    found: Counter[tuple[str, str]] = Counter()
    for body, result in pairs:
        for row in result.get("movements", ()):
            if row["kind"] == "unknown":
                found[_what(row), _under(body)] += 1
    return found


def _what(row: Json) -> str:
    if row["owner"] is None:
        return "tokens of nobody known"
    direction = "lost" if row["delta_raw"].startswith("-") else "gained"
    return f"{'lamports' if row['mint'] == SOL else 'tokens'} {direction} without an instruction"


def _under(body: Body) -> str:
    outer = [call.program for call in body.calls if call.depth == 1]
    return next((program for program in outer if program not in _INFRASTRUCTURE), "System")
