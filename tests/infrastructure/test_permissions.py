"""Roles: each may do what its function does, to what it does it to."""

import json
import re
from collections import Counter

from tests.infrastructure.assembly import Assembly, as_list, flatten

# AWS ties these to no resource: attaching a function to a network (Lambda's own calls), traces,
# and the delivery of execution logs.
WITHOUT_RESOURCE = {
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
OBJECTS_OF_A_FOLDER = re.compile(r":s3:::oof-[^*]*/(packs|dictionaries|inbox|runs)/\*$")


def test_no_role_has_a_wildcard(assembly: Assembly) -> None:
    """No action is a pattern; no resource is, but objects of one folder and the allow-list."""
    seen = 0
    for role in assembly.find("AWS::IAM::Role"):
        for statement in assembly.statements(role):
            seen += 1
            actions = as_list(statement["Action"])
            assert not [action for action in actions if "*" in action], role.logical_id
            for resource in map(flatten, as_list(statement["Resource"])):
                if resource == "*":
                    assert set(actions) <= WITHOUT_RESOURCE, role.logical_id
                elif "*" in resource:
                    assert OBJECTS_OF_A_FOLDER.search(resource), (role.logical_id, resource)
                    assert all(action.startswith("s3:") for action in actions)
    assert seen > len(assembly.functions())


def test_every_policy_belongs_to_a_role(assembly: Assembly) -> None:
    """No policy escapes the look above: none hangs on users, groups or managed policies."""
    for kind in ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy"):
        assert assembly.find(kind) == []
    for policy in assembly.find("AWS::IAM::Policy"):
        assert policy.properties["Roles"]
    for role in assembly.find("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role.properties, role.logical_id


def test_every_function_has_a_role_of_its_own(assembly: Assembly) -> None:
    """What one function may do, no other may by accident."""
    roles = Counter(assembly.role_of(function)[:2] for function in assembly.functions().values())

    assert set(roles.values()) == {1}


def test_the_webhook_function_touches_queue_bucket_and_secret_alone(assembly: Assembly) -> None:
    """It can hand a body over, and nothing else."""
    actions = assembly.actions(assembly.functions()["api_ingest_webhook"])

    assert actions - WITHOUT_RESOURCE == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    }


def test_secrets_are_read_one_by_one(assembly: Assembly) -> None:
    """A function reads the secrets that its variables name, and no other."""
    for name, function in assembly.functions().items():
        allowed = {
            json.dumps(resource)
            for statement in assembly.statements(assembly.role_of(function))
            if "secretsmanager:GetSecretValue" in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        }
        named = {
            value
            for key, value in assembly.environment(function).items()
            if key.endswith("_SECRET_ARN")
        }
        assert allowed == named, name
