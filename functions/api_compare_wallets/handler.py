"""`POST /v1/analyses/similarity`: with NumPy and SciPy, which no other route carries."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.similarity import compare_deps
from oof.entrypoints.http.app import CompareApi


@cache
def _api() -> CompareApi:
    return CompareApi(compare_deps())


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return _api().respond(event, context)
