"""Checks one file end to end and says what was found."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.checker.bodies import Body, Json, read_bodies
from tests.checker.command import normalize
from tests.checker.deltas import deltas
from tests.checker.verdict import Finding, judge, unknown_share

UNKNOWN_LIMIT_PERCENT = 5


class FileReport(NamedTuple):
    """The outcome for one file."""

    name: str
    transactions: int
    pairs: int
    findings: list[Finding]
    unknown_rows: int
    signer_rows: int
    trades: int
    bodies: list[Body]
    results: list[Json]

    @property
    def unknown_excessive(self) -> bool:
        """Whether more than the allowed share of the signers' rows is unexplained."""
        return self.unknown_rows * 100 > self.signer_rows * UNKNOWN_LIMIT_PERCENT

    def row(self) -> str:
        """Return the file's line of the table."""
        share = 100 * self.unknown_rows / self.signer_rows if self.signer_rows else 0
        return (
            f"{self.name[-44:]:<44} {self.transactions:>6} {self.pairs:>12} {self.trades:>7}"
            f" {len(self.findings):>10} {self.unknown_rows:>5}/{self.signer_rows:<5} {share:>6.2f}%"
        )


HEADING = (
    f"{'file':<44} {'txs':>6} {'owners*mints':>12} {'trades':>7} {'mismatches':>10}"
    f" {'unknown rows':>11} {'share':>7}"
)


def check_file(path: Path) -> FileReport:
    """Normalize a file by the command line and judge every transaction of it."""
    bodies = read_bodies(path)
    run = normalize(path)
    findings = []
    if run.exit_code != 0:
        findings.append(Finding("", "exit", f"{run.exit_code}: {run.complaint[-500:]}"))
    told = [line.get("signature") for line in run.lines]
    if told != [body.signature for body in bodies]:
        findings.append(Finding("", "lines", f"{len(told)} lines for {len(bodies)}, or reordered"))
        results: list[Json] = [{"error": "lines do not match"} for _ in bodies]
    else:
        results = run.lines
        for body, result in zip(bodies, results, strict=True):
            findings.extend(judge(body, result))
    unknown, total = unknown_share(bodies, results)
    return FileReport(
        name=path.name,
        transactions=len(bodies),
        pairs=sum(len(deltas(body)) for body in bodies),
        findings=findings,
        unknown_rows=unknown,
        signer_rows=total,
        trades=sum(len(result.get("trades", ())) for result in results),
        bodies=bodies,
        results=results,
    )


def summary(findings: list[Finding]) -> str:
    """Return how often each kind of disagreement occurred, most frequent first."""
    counted = Counter(finding.code for finding in findings)
    return ", ".join(f"{code} {count}" for code, count in counted.most_common())
