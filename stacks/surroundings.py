"""What every stack of a stage is given."""

from dataclasses import dataclass

from aws_cdk import aws_sns as sns

from stacks.constructs.network import Network
from stacks.functions import Catalog
from stacks.naming import Naming
from stacks.settings import StageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The stage, its names, what the stacks before offer, and where alarms ring.

    `network` is None where functions run without a network of ours.
    """

    stage: StageSettings
    naming: Naming
    catalog: Catalog
    network: Network | None
    alarms: sns.ITopic
