"""Findings of the rule packs that we accept, each where it arises and with its reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

PACK = "AwsSolutions"


def accept(scope: IConstruct, rule: str, reason: str) -> None:
    """Accept what a rule (`S1`, `IAM5[Resource::*]`) finds in a construct and below it."""
    Validations.of(scope).acknowledge(Acknowledgment(id=f"{PACK}::{PACK}-{rule}", reason=reason))
