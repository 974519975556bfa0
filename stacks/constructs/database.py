"""Postgres of a stage with its own network: Aurora Serverless v2, and a proxy if asked for."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stacks.acknowledge import accept
from stacks.constructs.network import Network
from stacks.errors import SynthesisRefused
from stacks.naming import Naming
from stacks.settings import AuroraSize

DATABASE_NAME = "oof"
OWNER = "oof"
# The major version that every test runs on, embedded.
ENGINE = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_18_4)


class AuroraPostgres(Construct):
    """An encrypted cluster, and the host that functions connect to."""

    def __init__(
        self,
        scope: Construct,
        *,
        naming: Naming,
        size: AuroraSize,
        network: Network,
        log_retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, "Database")
        self._log_retention = log_retention
        self._naming = naming
        self._network = network
        self.cluster = self._cluster(size)
        self.proxy = self._proxy() if size.has_proxy else None
        accept(
            self.cluster,
            "RDS6",
            "functions and the proxy authenticate by the secret: one way in, not two",
        )
        accept(
            self.cluster,
            "SMG4",
            "rotated by an operator, until an automatic rotation was rehearsed on AWS",
        )

    @property
    def secret(self) -> secretsmanager.ISecret:
        """The owner's credentials: `{"host", "port", "username", "password", "dbname"}`."""
        secret = self.cluster.secret
        if secret is None:
            raise SynthesisRefused("the cluster was made without a secret")
        return secret

    @property
    def host(self) -> str:
        """The proxy where there is one, else the cluster's writer."""
        return self.proxy.endpoint if self.proxy else self.cluster.cluster_endpoint.hostname

    def _cluster(self, size: AuroraSize) -> rds.DatabaseCluster:
        """The cluster: kept by a snapshot if the stack goes, and not deleted by accident."""
        readers = [
            rds.ClusterInstance.serverless_v2(
                f"Reader{number}", scale_with_writer=True, publicly_accessible=False
            )
            for number in range(size.readers)
        ]
        identifier = self._naming.resource("facts")
        # Made before the cluster would make it, which would keep its lines for ever.
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/rds/cluster/{identifier}/postgresql",
            retention=self._log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        cluster = rds.DatabaseCluster(
            self,
            "Cluster",
            cluster_identifier=identifier,
            engine=ENGINE,
            credentials=rds.Credentials.from_generated_secret(
                OWNER, secret_name=self._naming.resource("database")
            ),
            default_database_name=DATABASE_NAME,
            writer=rds.ClusterInstance.serverless_v2("Writer", publicly_accessible=False),
            readers=readers,
            serverless_v2_min_capacity=size.min_acu,
            serverless_v2_max_capacity=size.max_acu,
            vpc=self._network.vpc,
            vpc_subnets=self._network.subnets,
            security_groups=[self._network.database],
            storage_encrypted=True,
            iam_authentication=False,
            backup=rds.BackupProps(retention=Duration.days(size.backup_days)),
            copy_tags_to_snapshot=True,
            deletion_protection=True,
            removal_policy=RemovalPolicy.SNAPSHOT,
            cloudwatch_logs_exports=["postgresql"],
        )
        cluster.node.add_dependency(log_group)
        return cluster

    def _proxy(self) -> rds.DatabaseProxy:
        """A pool shared by every environment of every function."""
        return rds.DatabaseProxy(
            self,
            "Proxy",
            db_proxy_name=self._naming.resource("facts"),
            proxy_target=rds.ProxyTarget.from_cluster(self.cluster),
            secrets=[self.secret],
            vpc=self._network.vpc,
            vpc_subnets=self._network.subnets,
            security_groups=[self._network.database],
            require_tls=True,
            borrow_timeout=Duration.seconds(10),
            idle_client_timeout=Duration.minutes(30),
            max_connections_percent=90,
        )
