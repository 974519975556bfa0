"""The layers functions carry: our package, the third-party ones, and those that compute."""

from pathlib import Path

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
        self._built: dict[str, lambda_.LayerVersion] = {}

    @property
    def deps(self) -> lambda_.LayerVersion:
        """The third-party layer, made when a function first asks for it."""
        return self._of_folder("Deps", self._stage.deps_layer_dir)

    @property
    def science(self) -> lambda_.LayerVersion:
        """NumPy and SciPy, made when a function first asks for them."""
        return self._of_folder("Science", self._stage.science_layer_dir)

    def _of_folder(self, construct_id: str, folder: Path) -> lambda_.LayerVersion:
        """The layer that was built in a folder, made once."""
        if construct_id not in self._built:
            if not (folder / "python").is_dir():
                raise SynthesisRefused(
                    f"no dependency layer in {folder}: build it with `python -m stacks.build_deps`"
                )
            code = lambda_.Code.from_asset(str(folder), exclude=["stamp"])
            self._built[construct_id] = self._layer(construct_id, code)
        return self._built[construct_id]

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
