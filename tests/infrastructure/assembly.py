"""What a synthesis wrote, read for tests: templates, references followed across stacks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from aws_cdk.assertions import Template


class Resource(NamedTuple):
    """One resource of one stack."""

    stack: str
    logical_id: str
    body: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its properties; none is an empty mapping."""
        properties: Mapping[str, Any] = self.body.get("Properties", {})
        return properties


@dataclass(frozen=True)
class Assembly:
    """One stage's templates."""

    stage: str
    folder: Path

    @cached_property
    def templates(self) -> dict[str, Template]:
        """A template by its stack's name."""
        return {
            path.name.removesuffix(".template.json"): Template.from_json(
                json.loads(path.read_text(encoding="utf-8"))
            )
            for path in sorted(self.folder.glob("*.template.json"))
        }

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """What the rules found, by plugin."""
        text = (self.folder / "validation-report.json").read_text(encoding="utf-8")
        return {plugin["pluginName"]: plugin for plugin in json.loads(text)["pluginReports"]}

    @cached_property
    def _bodies(self) -> dict[str, Mapping[str, Any]]:
        return {name: template.to_json() for name, template in self.templates.items()}

    @cached_property
    def _exports(self) -> dict[str, tuple[str, Any]]:
        return {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack, body in self._bodies.items()
            for output in body.get("Outputs", {}).values()
            if "Export" in output
        }

    def find(self, kind: str) -> list[Resource]:
        """Every resource of a type, over all stacks."""
        return [
            Resource(stack, logical_id, body)
            for stack, template in self.templates.items()
            for logical_id, body in template.find_resources(kind).items()
        ]

    def functions(self) -> dict[str, Resource]:
        """Every function by its folder's name."""
        prefix = f"oof-{self.stage}-"
        return {
            resource.properties["FunctionName"].removeprefix(prefix): resource
            for resource in self.find("AWS::Lambda::Function")
        }

    def target(self, stack: str, value: Any) -> Resource:
        """The resource that a reference stands for, whichever stack owns it."""
        if "Fn::ImportValue" in value:
            return self.target(*self._exports[value["Fn::ImportValue"]])
        logical_id = value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
        return Resource(stack, logical_id, self._bodies[stack]["Resources"][logical_id])

    def statements(self, role: Resource) -> Iterator[Mapping[str, Any]]:
        """What a role is allowed by policies beside and inside it."""
        for policy in self.find("AWS::IAM::Policy"):
            roles = [self.target(policy.stack, each) for each in policy.properties["Roles"]]
            if any(each[:2] == role[:2] for each in roles):
                yield from policy.properties["PolicyDocument"]["Statement"]
        for policy in role.properties.get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]

    def role_of(self, function: Resource) -> Resource:
        """The role that a function runs in."""
        return self.target(function.stack, function.properties["Role"])

    def actions(self, function: Resource) -> set[str]:
        """Every action that a function is allowed, on whatever."""
        return {
            action
            for statement in self.statements(self.role_of(function))
            for action in as_list(statement["Action"])
        }

    def environment(self, function: Resource) -> dict[str, str]:
        """A function's variables, with each reference as the name of what it refers to."""
        variables = function.properties["Environment"]["Variables"]
        return {key: flatten(value) for key, value in variables.items()}


def as_list(value: Any) -> list[Any]:
    """A policy's one or many, as many."""
    return value if isinstance(value, list) else [value]


def flatten(value: Any) -> str:
    """Text of a value that may hold references: each stands as its own JSON."""
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(flatten(part) for part in parts)
    return value if isinstance(value, str) else json.dumps(value)
