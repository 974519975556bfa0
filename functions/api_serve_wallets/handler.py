"""`/v1/*`: reads from snapshots and facts, and triggers that answer at once."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.serve import serve_deps
from oof.entrypoints.http.app import Api


@cache
def _api() -> Api:
    return Api(serve_deps())


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return _api().respond(event, context)
