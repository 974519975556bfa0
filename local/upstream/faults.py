"""Faults on demand: which call fails, how, and how often."""

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """How a call goes wrong."""

    RATE_LIMITED = "rate_limited"
    """429 with `Retry-After`."""
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    """No answer for `seconds`, then 504."""
    SLOW = "slow"
    """The right answer, `seconds` late."""
    TRUNCATED = "truncated"
    """Half of the right answer."""
    RPC_ERROR = "rpc_error"
    NULL_RESULT = "null_result"
    DUPLICATES = "duplicates"
    """Every second row of a listing twice."""
    GAPS = "gaps"
    """Every second row of a listing missing."""


_LISTED = ("data", "value")
_PER_ITEM = {FaultKind.RPC_ERROR, FaultKind.NULL_RESULT, FaultKind.DUPLICATES, FaultKind.GAPS}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule: `method` (or `*`) fails as `kind`, the next `count` times or by chance."""

    method: str
    kind: FaultKind
    count: int | None = 1
    """How many calls it still hits; None: without end."""
    skip: int = 0
    """How many matching calls pass first."""
    probability: float = 1.0
    retry_after: int = 1
    status: int = 503
    seconds: float = 30.0
    code: int = -32005
    message: str = "Node is behind"

    @property
    def spares_batch(self) -> bool:
        """Whether it hits one item of a batch and not the whole HTTP answer."""
        return self.kind in _PER_ITEM

    def spoil(self, result: Any) -> Any:
        """Return the result as the fault leaves it."""
        if self.kind is FaultKind.NULL_RESULT:
            return None
        if self.kind in (FaultKind.DUPLICATES, FaultKind.GAPS):
            return self._spoil_rows(result)
        return result

    def _spoil_rows(self, result: Any) -> Any:
        if isinstance(result, dict):
            return {k: self._spoil_rows(v) if k in _LISTED else v for k, v in result.items()}
        if not isinstance(result, list):
            return result
        if self.kind is FaultKind.GAPS:
            return result[::2]
        return [row for at, row in enumerate(result) for _ in range(1 + at % 2)]


@dataclass(slots=True)
class Faults:
    """The rules in force; the first that matches a call decides."""

    rules: list[Fault] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    def replace(self, rules: list[Fault], seed: int = 0) -> None:
        """Set the rules, and the seed that chance is drawn from."""
        self.rules = rules
        self.rng = random.Random(seed)

    def pick(self, method: str) -> Fault | None:
        """Return the fault of this call, spending one of its count."""
        for rule in self.rules:
            if rule.method not in ("*", method) or rule.count == 0:
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1 and self.rng.random() >= rule.probability:
                continue
            if rule.count is not None:
                rule.count -= 1
            return rule
        return None
