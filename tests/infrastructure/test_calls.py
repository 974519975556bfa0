"""What our code asks of AWS is granted: the local emulator checks no permission, AWS does."""

import ast
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

from stacks.settings import ROOT
from tests.infrastructure.assembly import Assembly

SERVICES = {
    "dynamodb": "dynamodb",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sqs": "sqs",
    "stepfunctions": "states",
}
# Where the permission has another name than the operation.
OTHER_NAMES = {
    "dynamodb:TransactGetItems": "dynamodb:GetItem",
    "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


@cache
def _actions_by_method() -> dict[str, set[str]]:
    """The permission behind each client method; a method of two services may be either's."""
    session = botocore.session.get_session()
    found: dict[str, set[str]] = {}
    for service, prefix in SERVICES.items():
        for operation in session.get_service_model(service).operation_names:
            action = f"{prefix}:{operation}"
            found.setdefault(xform_name(operation), set()).add(OTHER_NAMES.get(action, action))
    return found


def _methods_called(path: Path) -> set[str]:
    """Names of methods called in a file that an AWS client has too.

    One-word names (`query`, `scan`) are left out: too much else is called so.
    """
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return {name for name in calls if "_" in name and name in _actions_by_method()}


def _sources() -> list[Path]:
    return [
        path
        for folder in (
            "layers/core/python/oof/adapters",
            "layers/core/python/oof/bootstrap",
            "layers/core/python/oof/entrypoints",
            "functions",
        )
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def test_every_operation_that_code_calls_is_granted_to_some_function(assembly: Assembly) -> None:
    """No call is made that no role allows."""
    granted = {
        action
        for function in assembly.functions().values()
        for action in assembly.actions(function)
    }

    called = {name: path for path in _sources() for name in _methods_called(path)}

    assert called
    for name, path in called.items():
        assert _actions_by_method()[name] & granted, f"{name} in {path.relative_to(ROOT)}"


def test_every_queue_secret_and_object_action_granted_is_called(assembly: Assembly) -> None:
    """No permission is left over from code that is gone."""
    wanted = {
        action
        for path in _sources()
        for name in _methods_called(path)
        for action in _actions_by_method()[name]
    }
    # Lambda itself polls the queues; S3 answers 404 for a missing object only who may list.
    by_others = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueUrl", "s3:ListBucket"}

    for name, function in assembly.functions().items():
        granted = {
            action
            for action in assembly.actions(function)
            if action.split(":")[0] in {"s3", "secretsmanager", "sqs", "states"}
        }
        assert granted - by_others <= wanted, name
