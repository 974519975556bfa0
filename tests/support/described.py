"""Requests that an API's own description allows or forbids, sent, and held against it."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks

# Not that whatever fits a schema is taken: that a cursor is one of ours, no schema can tell.
CHECKS: Final = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


class Finding(NamedTuple):
    """What an operation answered against its description."""

    operation: str
    mode: str
    told: str


class Tally(NamedTuple):
    """What came of a run."""

    findings: list[Finding]
    answered: dict[str, Counter[int]]
    """How often each operation answered with each status, to requests that are allowed."""


def send_all(schema: BaseSchema, known: Mapping[str, Any], *, examples: int) -> Tally:
    """Send so many requests that are allowed to each operation, and as many that are not.

    Where they are allowed, parameters by the names of `known` are made those, or left out where
    that is None: so there is something to answer.
    """
    tally = Tally([], {})
    found: Any
    for found in schema.get_all_operations():
        operation = found.ok()
        counts = tally.answered.setdefault(operation.label, Counter())
        allowed = partial(_send_allowed, known=known, counts=counts)
        for mode, send in ((GenerationMode.POSITIVE, allowed), (GenerationMode.NEGATIVE, _send)):
            try:
                _run(operation, mode, send, examples)
            except Unsatisfiable:
                # Whatever one may send is allowed.
                continue
            except (FailureGroup, Failure) as fault:
                tally.findings.append(Finding(operation.label, mode.value, _told(fault)))
    return tally


def _run(
    operation: Any,
    mode: GenerationMode,
    send: Callable[[Any], object],
    examples: int,
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        send(case)

    ask()


def _send(case: Any) -> int:
    response = case.call()
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)


def _send_allowed(case: Any, known: Mapping[str, Any], counts: Counter[int]) -> None:
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            _fill_in(place, known)
    counts[_send(case)] += 1


def _fill_in(place: dict[str, Any], known: Mapping[str, Any]) -> None:
    for name in known.keys() & place.keys():
        if known[name] is None:
            del place[name]
        else:
            place[name] = known[name]


def _told(fault: BaseException) -> str:
    faults = fault.exceptions if isinstance(fault, BaseExceptionGroup) else (fault,)
    return "\n".join(map(str, faults))
