"""The composition of one stage: which stacks there are, and what each gives to the next."""

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.api_stack import ApiStack
from stacks.data_stack import DataStack
from stacks.functions import Catalog
from stacks.naming import Naming
from stacks.schedules_stack import SchedulesStack
from stacks.settings import StageSettings, read_stage
from stacks.workers_stack import WorkersStack
from stacks.workflow_stack import WorkflowStack

# CDK holds it for taggable, CloudFormation's schema does not.
UNTAGGABLE = ["AWS::RDS::DBProxyTargetGroup"]

# Here and not in cdk.json, so that `python app.py` writes what `cdk deploy` deploys.
FEATURE_FLAGS = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/core:target-partitions": ["aws"],
    "@aws-cdk/core:validateAgainstDefaultRules": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/aws-lambda:recognizeVersionProps": True,
    "@aws-cdk/aws-ec2:requirePrivateSubnetsForEgressOnly": True,
}


def synthesize() -> None:
    """Write the templates of the stage that context names.

    Raises:
        SynthesisRefused: the stage is not to be had as asked; the message says what to do.
    """
    app = App(context=FEATURE_FLAGS)
    compose(app, read_stage(app.node))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


def compose(app: App, stage: StageSettings) -> None:
    """Add every stack of a stage, each able to use what the ones before it offer."""
    around = DataStack(app, stage=stage, naming=Naming(stage=stage.name), catalog=Catalog()).around
    WorkersStack(app, around)
    workflow = WorkflowStack(app, around)
    SchedulesStack(app, around, machines=workflow.machines)
    ApiStack(app, around)
    for key, value in {"project": "oof", "stage": stage.name}.items():
        Tags.of(app).add(key, value, exclude_resource_types=UNTAGGABLE)
