"""Where MiniStack differs from AWS in ways that we meet, corrected; each correction may go one day.

Two kinds. `correct_in_process` replaces private names inside MiniStack's own process, for what no
API reaches: this file is the program that starts the server. `correct_deployed` makes the calls
that CloudFormation should have made, through AWS's public APIs. `tests/local/test_corrections.py`
holds for each the test that fails on the day MiniStack no longer needs it.

Not corrected: metrics in embedded metric format do not reach CloudWatch, as nothing reads them
locally.

MiniStack's environment has neither our packages nor our code: only the standard library is
imported here.
"""

import importlib
import runpy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_FIFO_BATCHES_IN_FLIGHT = 5
_HANDLER_ERROR = "Runtime.HandlerError"
_LOG_WAIT_S = (0.003, 0.003, 0.250)


def correct_in_process() -> None:
    """Apply every correction that needs MiniStack's private names.

    Raises AttributeError when a name is gone: another version needs another look.
    """
    silent_handlers_answer_at_once()
    fifo_groups_run_side_by_side()
    errors_keep_their_class()
    reserved_invocations_are_set_apart()


def silent_handlers_answer_at_once() -> None:
    """Do not wait 50 ms after each invocation for a log line that may never come."""
    worker: Any = importlib.import_module("ministack.core.lambda_runtime").Worker
    worker._drain_stderr_bounded.__defaults__ = _LOG_WAIT_S


def fifo_groups_run_side_by_side() -> None:
    """Let several message groups of a FIFO queue be worked on at once.

    Order within a group is the queue's own: a group with a message in flight gives no other.
    """
    service: Any = importlib.import_module("ministack.services.lambda_svc")
    original: Callable[..., int] = service._sqs_esm_concurrency

    def concurrency(
        mapping: Mapping[str, Any], function: Any, config: Any, queue: Any = None
    ) -> int:
        if not (queue or {}).get("is_fifo"):
            return original(mapping, function, config, queue)
        scaling = mapping.get("ScalingConfig") or {}
        return int(scaling.get("MaximumConcurrency") or _FIFO_BATCHES_IN_FLIGHT)

    service._sqs_esm_concurrency = concurrency


def reserved_invocations_are_set_apart() -> None:
    """Let a function have what is reserved for it, however many others run."""
    service: Any = importlib.import_module("ministack.services.lambda_svc")
    acquire: Callable[..., tuple[str | None, str | None]] = service._acquire_execution_slot

    def acquire_own(function: Any, config: Any) -> tuple[str | None, str | None]:
        reserved = service._reserved_concurrency(function, config)
        if reserved is None:
            return acquire(function, config)
        key = service._inflight_key(config)
        with service._inflight_lock:
            running = service._inflight.get(key, 0)
            if running >= reserved:
                return None, "function"
            service._inflight[key] = running + 1
            service._inflight_total += 1
        return key, None

    service._acquire_execution_slot = acquire_own


def errors_keep_their_class() -> None:
    """Report a Python exception by its class, which Retry and Catch of Step Functions match."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    service: Any = importlib.import_module("ministack.services.lambda_svc")
    plain = '"error": str(e), "trace"'
    script: str = runtime._PYTHON_WORKER_SCRIPT
    if plain not in script:
        raise AttributeError("MiniStack's Python worker reports errors in another way")
    named = f'"error_type": type(e).__name__, {plain}'
    runtime._PYTHON_WORKER_SCRIPT = script.replace(plain, named)

    invoke: Callable[..., dict[str, Any]] = runtime.Worker.invoke
    execute: Callable[..., dict[str, Any]] = service._execute_function_warm

    def invoke_and_mark(worker: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        response = invoke(worker, *args, **kwargs)
        if error_type := response.get("error_type"):
            response["error"] = _MarkedError(response.get("error", ""), error_type)
        return response

    def execute_and_name(function: Any, event: Any, request_id: str) -> dict[str, Any]:
        result = execute(function, event, request_id)
        body = result.get("body")
        if isinstance(body, dict) and body.get("errorType") == _HANDLER_ERROR:
            message = body.get("errorMessage")
            if isinstance(message, _MarkedError):
                body["errorType"] = message.error_type
                body["errorMessage"] = str(message)
        return result

    runtime.Worker.invoke = invoke_and_mark
    service._execute_function_warm = execute_and_name


class _MarkedError(str):
    """An error message that remembers its exception's class on the way through MiniStack."""

    __slots__ = ("error_type",)
    error_type: str

    def __new__(cls, message: str, error_type: str) -> "_MarkedError":
        marked = super().__new__(cls, message)
        marked.error_type = error_type
        return marked

    def __str__(self) -> str:
        return "".join(self)


def correct_deployed(
    resources: Iterable[tuple[str, str, Mapping[str, Any]]], client: Callable[[str], Any]
) -> None:
    """Make the calls that CloudFormation leaves out: `(type, physical id, properties)` each.

    CORS of an HTTP API is stored in a form that its data plane does not read; the time-to-live of
    a table stays off; invocations reserved for a function are not set apart.
    """
    for kind, identifier, properties in resources:
        if kind == "AWS::ApiGatewayV2::Api" and (cors := properties.get("CorsConfiguration")):
            client("apigatewayv2").update_api(ApiId=identifier, CorsConfiguration=cors)
        if kind in {"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"}:
            _enable_time_to_live(client("dynamodb"), identifier, properties)
        if kind == "AWS::Lambda::Function" and (
            reserved := properties.get("ReservedConcurrentExecutions")
        ):
            client("lambda").put_function_concurrency(
                FunctionName=identifier, ReservedConcurrentExecutions=int(reserved)
            )


def _enable_time_to_live(dynamodb: Any, table: str, properties: Mapping[str, Any]) -> None:
    wanted = properties.get("TimeToLiveSpecification") or {}
    if not wanted.get("Enabled") and not wanted.get("AttributeName"):
        return
    state = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if state["TimeToLiveStatus"] != "ENABLED":
        dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": wanted["AttributeName"]},
        )


if __name__ == "__main__":
    correct_in_process()
    runpy.run_module("ministack", run_name="__main__")
