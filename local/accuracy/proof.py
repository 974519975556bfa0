"""Everything that `make accuracy` finds out, before it is shown."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from local.accuracy.agreement import Agreement, agreement, is_quiet
from local.accuracy.exactness import (
    MOST_UNKNOWN_MOVEMENTS,
    MOST_UNKNOWN_SIGNERS_ROWS,
    Encodings,
    Exactness,
    add_up,
    encodings,
    exactness,
    kinds,
    unknown_classes,
)
from local.accuracy.expectations import Expectation, expectations
from local.accuracy.model import Case, PeerAnswer
from local.accuracy.peer import NAME, ask_peer
from local.accuracy.recorded import reports, transactions
from local.accuracy.rules import Verdict, decide
from local.accuracy.verdicts import Disagreement, Review, read_table, review
from tests.checker.bodies import Body, Json
from tests.checker.recorded import chain_folder, recorded_files
from tests.checker.report import FileReport


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The outcome over all recorded data."""

    files: tuple[Exactness, ...]
    encodings: Encodings
    kinds: Counter[str]
    unknown_classes: Counter[tuple[str, str]]
    expectations: tuple[Expectation, ...]
    agreement: Agreement
    agreement_on_succeeded: Agreement
    cases: tuple[Case, ...]
    """Every distinct signature, as the peer was asked about it."""
    disagreements: tuple[Disagreement, ...]
    review: Review

    @property
    def total(self) -> Exactness:
        """The figures of all files together."""
        return add_up(self.files)

    @property
    def refuted(self) -> int:
        """How many expectations of other projects' tests the verdict table refutes."""
        return sum(
            row.source != NAME and row.verdict is not Verdict.PEER for row in self.review.judged
        )

    def failures(self) -> list[str]:
        """Return what does not hold, one sentence each; empty when the proof stands."""
        total = self.total
        limits = (
            (total.movements.part, MOST_UNKNOWN_MOVEMENTS, "movements"),
            (total.signers_rows.part, MOST_UNKNOWN_SIGNERS_ROWS, "signers' rows"),
        )
        found = [
            f"{part:.2%} of {what} are unknown, more than {most:.1%}"
            for part, most, what in limits
            if part > most
        ]
        if total.wrong_sums:
            found.append(f"{total.wrong_sums} sums differ from the chain's balances")
        if total.other_findings:
            found.append(f"the independent checker has {total.other_findings} other findings")
        if self.encodings.differing:
            found.append(f"{len(self.encodings.differing)} signatures differ by encoding")
        held = sum(each.holds is not False for each in self.expectations)
        failing = len(self.expectations) - held - self.refuted
        if failing:
            found.append(f"{failing} expectations of other projects' tests do not hold of ours")
        if self.review.unjudged:
            found.append(f"{len(self.review.unjudged)} disagreements lack a verdict")
        if self.review.stale:
            found.append(f"{len(self.review.stale)} verdicts are stale")
        return found


def prove() -> Proof:
    """Normalize and judge all recorded data, and ask the others about it."""
    names = recorded_files()
    lines = {name: transactions(name) for name in names}
    with ThreadPoolExecutor(1) as pool:
        # The peer has the second core.
        asked = pool.submit(ask_peer, [line for name in names for line in lines[name]])
        found = reports()
        answers = asked.result()
    cases = _cases(found, answers)
    known = {case.body.signature: (case.body, case.result) for case in cases}
    every = [pair for report in found.values() for pair in _pairs(report)]
    expected = expectations(chain_folder(), known)
    disagreements = (*_disappointments(expected), *_disagreements(cases))
    return Proof(
        files=tuple(exactness(name, report) for name, report in found.items()),
        encodings=encodings(result for _body, result in every),
        kinds=kinds(result for _body, result in every),
        unknown_classes=unknown_classes(every),
        expectations=tuple(expected),
        agreement=agreement(cases),
        agreement_on_succeeded=agreement(case for case in cases if not case.body.failed),
        cases=tuple(cases),
        disagreements=disagreements,
        review=review(read_table(), disagreements),
    )


def _pairs(report: FileReport) -> list[tuple[Body, Json]]:
    return list(zip(report.bodies, report.results, strict=True))


def _cases(found: dict[str, FileReport], answers: list[PeerAnswer]) -> list[Case]:
    """Return each signature once, as it is recorded first."""
    cases: dict[str, Case] = {}
    told = iter(answers)
    for name, report in found.items():
        for body, result in _pairs(report):
            case = Case(name, body, result, next(told))
            cases.setdefault(body.signature, case)
    return list(cases.values())


def _disagreements(cases: Iterable[Case]) -> list[Disagreement]:
    return [
        Disagreement(
            NAME, case.body.signature, case.said_by_us(), case.said_by_peer(), decide(case)
        )
        for case in cases
        if not is_quiet(case) and not case.agrees
    ]


def _disappointments(expected: Iterable[Expectation]) -> list[Disagreement]:
    return [
        Disagreement(each.source, each.signature, each.ours, each.event, None)
        for each in expected
        if each.holds is False
    ]
