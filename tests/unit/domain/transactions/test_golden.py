"""Golden results: recorded transactions whose every movement was reviewed.

`--update-golden` rewrites the expectations from the present code; the diff is the review.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "transactions"
SUFFIX = ".expected.json"
SIGNATURES = sorted(path.name.removesuffix(SUFFIX) for path in GOLDEN.glob("*" + SUFFIX))


def test_there_are_golden_transactions() -> None:
    """The folder of expectations was found and holds the representative classes."""
    assert len(SIGNATURES) >= 30


@pytest.mark.chain
@pytest.mark.parametrize("signature", SIGNATURES)
def test_recorded_transaction_normalizes_as_reviewed(
    recorded: dict[str, list[dict[str, Any]]], signature: str, request: pytest.FixtureRequest
) -> None:
    """Every field of the result is as it was reviewed, in every recorded encoding."""
    path = GOLDEN / f"{signature}{SUFFIX}"
    for body in recorded[signature]:
        found = normalize(body)
        assert isinstance(found, NormalizedTransaction)
        plain = render(found)
        if request.config.getoption("--update-golden"):
            path.write_bytes(orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n")
        assert plain == orjson.loads(path.read_bytes())
