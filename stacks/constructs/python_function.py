"""One Python function of ours: its folder, its layers, its log group, its role and environment."""

from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acknowledge import accept
from stacks.constructs.layers import BYTECODE, Layers
from stacks.constructs.network import Network
from stacks.errors import SynthesisRefused
from stacks.functions import WITH_SCIENCE, WITHOUT_DEPENDENCIES, Provision, is_in_network
from stacks.naming import Naming, camel
from stacks.settings import StageSettings
from stacks.surroundings import Surroundings

# Lambda itself calls these to attach a function to a network; none can be tied to a resource
# before the interface exists. Code inside cannot use them: the network has no door to EC2.
NETWORK_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
)


ANY_RESOURCE = "IAM5[Resource::*]"


class FunctionFactory:
    """Makes the functions of one stack, from the table in `stacks.functions`."""

    def __init__(self, scope: Construct, around: Surroundings) -> None:
        self._scope = scope
        self._stage = around.stage
        self._catalog = around.catalog
        self._network = around.network
        self._layers = Layers(scope, stage=around.stage)

    def make(self, name: str) -> lambda_.Function:
        """The function of a folder. Raises SynthesisRefused if the folder has no handler."""
        folder = self._stage.functions_dir / name
        if not (folder / "handler.py").is_file():
            raise SynthesisRefused(f"{folder / 'handler.py'} is missing: no function {name}")
        layers = [] if name in WITHOUT_DEPENDENCIES else [self._layers.deps]
        layers += [self._layers.science] if name in WITH_SCIENCE else []
        provisions = self._catalog.provisions(name)
        network = self._network if is_in_network(name) else None
        return PythonFunction(
            self._scope,
            name,
            stage=self._stage,
            folder=folder,
            layers=[self._layers.core, *layers],
            provisions=provisions,
            network=network,
        ).function


class PythonFunction(Construct):
    """A function with exactly the permissions and variables of its provisions."""

    def __init__(  # noqa: PLR0913 - all by keyword, from the factory alone
        self,
        scope: Construct,
        name: str,
        *,
        stage: StageSettings,
        folder: Path,
        layers: list[lambda_.ILayerVersion],
        provisions: tuple[Provision, ...],
        network: Network | None,
    ) -> None:
        super().__init__(scope, camel(name))
        physical_name = Naming(stage=stage.name).resource(name)
        size = stage.size_of(name)
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{physical_name}",
            retention=retention(stage.log_retention_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=physical_name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.custom(stage.architecture),
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(folder), exclude=BYTECODE),
            layers=layers,
            memory_size=size.memory_mb,
            timeout=Duration.seconds(size.timeout_s),
            reserved_concurrent_executions=stage.reserved.get(name),
            environment=_environment(name, stage, provisions),
            role=self._role(log_group, provisions, in_network=network is not None),
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE if stage.is_traced else lambda_.Tracing.DISABLED,
            vpc=network.vpc if network else None,
            vpc_subnets=network.subnets if network else None,
            security_groups=[network.functions] if network else None,
        )
        accept(self, "L1", "Python 3.13 is what every package is pinned, typed and tested for")
        if stage.is_traced:
            accept(self, ANY_RESOURCE, "traces are the account's: X-Ray names no resource")

    def _role(
        self, log_group: logs.LogGroup, provisions: tuple[Provision, ...], *, in_network: bool
    ) -> iam.Role:
        """A role that may write its own log group, and what the provisions grant."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        allow(role, ("logs:CreateLogStream", "logs:PutLogEvents"), (log_group.log_group_arn,))
        if in_network:
            allow_without_resource(
                role,
                NETWORK_ACTIONS,
                "Lambda attaches the function to its network; the interface has no name before",
            )
        for provision in provisions:
            for finding, reason in provision.accepted_findings.items():
                accept(role, finding, reason)
            for grant in provision.grants:
                allow(role, grant.actions, grant.resources)
        return role


def allow(role: iam.Role, actions: tuple[str, ...], resources: tuple[str, ...]) -> None:
    """Allow a role these actions on these resources."""
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))


def allow_without_resource(role: iam.Role, actions: tuple[str, ...], reason: str) -> None:
    """Allow a role actions that cannot be tied to a resource, and say why it needs them."""
    allow(role, actions, ("*",))
    accept(role, ANY_RESOURCE, reason)


def retention(days: int) -> logs.RetentionDays:
    """CloudWatch's name of a retention. Raises SynthesisRefused for a length it does not offer."""
    names = {
        7: logs.RetentionDays.ONE_WEEK,
        14: logs.RetentionDays.TWO_WEEKS,
        30: logs.RetentionDays.ONE_MONTH,
        90: logs.RetentionDays.THREE_MONTHS,
        365: logs.RetentionDays.ONE_YEAR,
    }
    if days not in names:
        raise SynthesisRefused(f"logs are kept {sorted(names)} days, not {days}")
    return names[days]


def _environment(
    name: str, stage: StageSettings, provisions: tuple[Provision, ...]
) -> dict[str, str]:
    """The variables of a function: what Powertools reads, and what its provisions say."""
    variables = {
        "OOF_STAGE": stage.name,
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "oof",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    if not stage.is_traced:
        variables["POWERTOOLS_TRACE_DISABLED"] = "true"
    for provision in provisions:
        variables.update(provision.environment)
    return variables
