"""The network of a stage that has one: two isolated zones, and a door for each API used inside."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from stacks.acknowledge import accept

POSTGRES_PORT = 5432

# Every AWS API that a function in the network calls. Logs and traces leave by Lambda itself.
INTERFACE_ENDPOINTS = {
    "Sqs": ec2.InterfaceVpcEndpointAwsService.SQS,
    "States": ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS,
    "SecretsManager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
}
GATEWAY_ENDPOINTS = {
    "S3": ec2.GatewayVpcEndpointAwsService.S3,
    "DynamoDb": ec2.GatewayVpcEndpointAwsService.DYNAMODB,
}


class Network(Construct):
    """Isolated subnets without NAT: what runs here reaches the database and those APIs alone."""

    def __init__(self, scope: Construct, *, name: str) -> None:
        super().__init__(scope, "Network")
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            vpc_name=name,
            max_azs=2,
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=20
                )
            ],
        )
        self.subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        self.functions = self._security_group("Functions", "Functions with the database")
        self.database = self._security_group("Database", "Postgres, and its proxy")
        self._endpoints = self._security_group("Endpoints", "Doors to AWS APIs")
        accept(self.vpc, "VPC7", "nothing in it has a route to or from the internet")
        self._connect()
        self._add_endpoints()

    def _security_group(self, construct_id: str, description: str) -> ec2.SecurityGroup:
        """A group that lets nothing in or out by itself."""
        return ec2.SecurityGroup(
            self, construct_id, vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def _connect(self) -> None:
        """Functions reach Postgres and HTTPS; a proxy adds its own way to the cluster."""
        postgres, https = ec2.Port.tcp(POSTGRES_PORT), ec2.Port.tcp(443)
        self.functions.connections.allow_to(self.database, postgres, "Functions to Postgres")
        self.functions.add_egress_rule(ec2.Peer.any_ipv4(), https, "AWS APIs, by endpoints")
        self._endpoints.connections.allow_from(self.functions, https, "AWS APIs for functions")

    def _add_endpoints(self) -> None:
        """A door for each API; gateways cost nothing, interfaces are the fewest possible."""
        for construct_id, gateway in GATEWAY_ENDPOINTS.items():
            self.vpc.add_gateway_endpoint(construct_id, service=gateway)
        for construct_id, interface in INTERFACE_ENDPOINTS.items():
            self.vpc.add_interface_endpoint(
                construct_id,
                service=interface,
                subnets=self.subnets,
                security_groups=[self._endpoints],
                open=False,
                private_dns_enabled=True,
            )
