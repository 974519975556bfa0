"""The rule packs: run over both stages, and every finding that we accept has its reason."""

from pathlib import Path

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from stacks.application import FEATURE_FLAGS
from tests.infrastructure.assembly import Assembly


def test_both_stages_pass_the_aws_solutions_rules(assembly: Assembly) -> None:
    """Nothing is found that was not accepted where it arises."""
    rules = assembly.report["AwsSolutions"]

    assert rules["conclusion"] == "success"
    assert rules["violations"] == []


def test_every_accepted_finding_has_a_reason(assembly: Assembly) -> None:
    """A reason is a sentence, not a word."""
    accepted = assembly.report["AwsSolutions"]["suppressedViolations"]

    assert accepted
    for finding in accepted:
        assert len(finding["reason"].split()) >= 5, finding["ruleName"]


def test_cloudformation_finds_nothing_wrong(assembly: Assembly) -> None:
    """The templates hold against the resource schemas, without exception."""
    others = [body for name, body in assembly.report.items() if name != "AwsSolutions"]

    assert [body["violations"] for body in others if body["conclusion"] != "success"] == []
    assert [body["suppressedViolations"] for body in others if "suppressedViolations" in body] == []


def test_the_rules_can_fail(tmp_path: Path) -> None:
    """A bucket that takes plain HTTP is found: the pack is not asleep."""
    app = App(outdir=str(tmp_path))
    s3.Bucket(Stack(app, "Careless"), "Open")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        app.synth()


def test_the_schemas_can_fail(tmp_path: Path) -> None:
    """A property that a resource does not have is found before anything is deployed."""
    app = App(outdir=str(tmp_path), context=FEATURE_FLAGS)
    bucket = s3.CfnBucket(Stack(app, "Mistaken"), "Odd")
    bucket.add_property_override("NoSuchProperty", "value")

    with pytest.raises(RuntimeError, match="NoSuchProperty"):
        app.synth()
