"""The two layers functions carry: our package, and the third-party ones."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.errors import SynthesisRefused
from stacks.settings import StageSettings

BYTECODE = ["**/__pycache__", "**/*.pyc"]


class Layers(Construct):
    """The layers of one stack.

    Each stack has its own: a new version has a new ARN, which no stack could export while another
    still imports the old one.
    """

    def __init__(self, scope: Construct, *, stage: StageSettings) -> None:
        super().__init__(scope, "Layers")
        self._stage = stage
        self.core = self._layer(
            "Core", lambda_.Code.from_asset(str(stage.core_layer_dir), exclude=BYTECODE)
        )
        self._deps: lambda_.LayerVersion | None = None

    @property
    def deps(self) -> lambda_.LayerVersion:
        """The third-party layer, made when a function first asks for it."""
        if self._deps is None:
            folder = self._stage.deps_layer_dir
            if not (folder / "python").is_dir():
                raise SynthesisRefused(
                    f"no dependency layer in {folder}: build it with `python -m stacks.build_deps`"
                )
            self._deps = self._layer(
                "Deps", lambda_.Code.from_asset(str(folder), exclude=["stamp"])
            )
        return self._deps

    def _layer(self, construct_id: str, code: lambda_.Code) -> lambda_.LayerVersion:
        """One layer version for the stage's architecture."""
        return lambda_.LayerVersion(
            self,
            construct_id,
            code=code,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.custom(self._stage.architecture)],
            removal_policy=RemovalPolicy.DESTROY,
        )
