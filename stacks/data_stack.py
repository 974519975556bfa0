"""What must outlive every deployment: hot table, facts bucket, secrets, network, Postgres."""

import json

from aws_cdk import RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.acknowledge import accept
from stacks.constructs.database import AuroraPostgres
from stacks.constructs.facts_bucket import FactsBucket
from stacks.constructs.network import Network
from stacks.constructs.python_function import FunctionFactory, retention
from stacks.functions import Capability, Catalog, Grant, Provision
from stacks.naming import Naming
from stacks.settings import LocalInputs, StageSettings
from stacks.surroundings import Surroundings

HOT_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)


class DataStack(Stack):
    """The stateful part of a stage, and the function that migrates its database."""

    def __init__(
        self, scope: Construct, *, stage: StageSettings, naming: Naming, catalog: Catalog
    ) -> None:
        super().__init__(scope, naming.stack("Data"), termination_protection=stage.keeps_data)
        self._stage = stage
        self._naming = naming
        self._catalog = catalog
        self._removal = RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY
        self._network = Network(self, name=naming.resource("vpc")) if stage.aurora else None
        self.around = Surroundings(
            stage=stage,
            naming=naming,
            catalog=catalog,
            network=self._network,
            alarms=self._alarm_topic(),
        )
        self._offer_hot_table(self._hot_table())
        FactsBucket(
            self,
            name=naming.resource("facts"),
            has_account=stage.bucket_has_account,
            removal_policy=self._removal,
        ).offer(catalog)
        self._offer_database()
        self._offer_secrets()
        FunctionFactory(self, self.around).make("job_migrate")

    def _alarm_topic(self) -> sns.Topic:
        """Where every alarm of the stage rings."""
        topic = sns.Topic(
            self, "Alarms", topic_name=self._naming.resource("alarms"), enforce_ssl=True
        )
        # A topic policy of our own replaces the default one, which had let alarms in.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        if self._stage.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self._stage.alarm_email))
        return topic

    def _hot_table(self) -> dynamodb.Table:
        """Snapshots, jobs, work, limits: one table, items that expire by themselves."""
        return dynamodb.Table(
            self,
            "Hot",
            table_name=self._naming.resource("hot"),
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=self._stage.keeps_data,
            removal_policy=self._removal,
        )

    def _offer_hot_table(self, table: dynamodb.Table) -> None:
        """Reading and writing items: who reads a summary also counts, limits and remembers."""
        self._catalog.offer(
            Capability.HOT_TABLE,
            Provision(
                environment={"OOF_HOT_TABLE": table.table_name},
                grants=(Grant(actions=HOT_ACTIONS, resources=(table.table_arn,)),),
            ),
        )

    def _offer_database(self) -> None:
        """The database's secret, and the host where it is not the secret's."""
        if self._stage.aurora is None or self._network is None:
            dsn = json.dumps({"dsn": self._local_inputs().database_dsn})
            secret: secretsmanager.ISecret = self._plain_secret("database", dsn)
            environment = {"OOF_DATABASE_SECRET_ARN": secret.secret_arn}
        else:
            database = AuroraPostgres(
                self,
                naming=self._naming,
                size=self._stage.aurora,
                network=self._network,
                log_retention=retention(self._stage.log_retention_days),
            )
            secret = database.secret
            environment = {
                "OOF_DATABASE_SECRET_ARN": secret.secret_arn,
                "OOF_DATABASE_HOST": database.host,
            }
        self._catalog.offer(
            Capability.DATABASE,
            Provision(environment=environment, grants=(_reading(secret),)),
        )

    def _offer_secrets(self) -> None:
        """What proves us to the provider, senders to us, and our cursors to ourselves."""
        stage = self._stage
        keys = '{"api_key": "", "fallback_api_key": "", "jupiter_api_key": ""}'
        upstream = self._secret("upstream", keys, "unused")
        sold = stage.upstream
        self._catalog.offer(
            Capability.UPSTREAM,
            Provision(
                environment={
                    "OOF_UPSTREAM_RPC_URL": sold.rpc_url,
                    "OOF_UPSTREAM_API_URL": sold.api_url,
                    "OOF_UPSTREAM_RATE_PER_S": str(sold.rate_per_s),
                    "OOF_UPSTREAM_ENHANCED_RATE_PER_S": str(sold.enhanced_rate_per_s),
                    "OOF_UPSTREAM_CREDITS_PER_DAY": str(sold.credits_per_day),
                    "OOF_UPSTREAM_BY_ADDRESS": str(sold.by_address).lower(),
                    "OOF_UPSTREAM_FALLBACK_RPC_URL": sold.fallback_rpc_url,
                    "OOF_UPSTREAM_FALLBACK_RATE_PER_S": str(sold.fallback_rate_per_s),
                    "OOF_UPSTREAM_FALLBACK_CREDITS_PER_DAY": str(sold.fallback_credits_per_day),
                    "OOF_UPSTREAM_SECRET_ARN": upstream.secret_arn,
                },
                grants=(_reading(upstream),),
            ),
        )
        apis = stage.price_apis
        self._catalog.offer(
            Capability.PRICES,
            Provision(
                environment={
                    "OOF_PYTH_URL": apis.pyth_url,
                    "OOF_JUPITER_URL": apis.jupiter_url,
                    "OOF_GECKOTERMINAL_URL": apis.geckoterminal_url,
                    "OOF_PRICE_RATE_FACTOR": str(apis.rate_factor),
                    "OOF_PRICE_SECRET_ARN": upstream.secret_arn,
                },
                grants=(_reading(upstream),),
            ),
        )
        self._catalog.offer(
            Capability.TOKENS,
            Provision(
                environment={
                    "OOF_TOKEN_SOURCES": ",".join(apis.token_sources),
                    "OOF_JUPITER_URL": apis.jupiter_url,
                    "OOF_DEXSCREENER_URL": apis.dexscreener_url,
                    "OOF_PRICE_RATE_FACTOR": str(apis.rate_factor),
                },
            ),
        )
        reach = stage.reach
        self._catalog.offer(
            Capability.HISTORY_REACH,
            Provision(environment={"OOF_HISTORY_CEILING_DAYS": str(reach.history_days)}),
        )
        self._catalog.offer(
            Capability.CANDLE_REACH,
            Provision(
                environment={
                    "OOF_CANDLES_KEPT_DAYS": str(reach.candle_days),
                    "OOF_MAX_CANDLE_READS": str(reach.candle_reads),
                    "OOF_CANDLE_READS_A_ROUND": str(reach.candle_reads_a_round),
                }
            ),
        )
        wanted = {"OOF_HOT_SNAPSHOT": str(stage.has_hot_snapshot).lower()}
        self._catalog.offer(Capability.HOT_SNAPSHOT, Provision(environment=wanted))
        webhook = self._secret("webhook", '{"authorization": [], "hmac": []}', "unused")
        self._catalog.offer(
            Capability.WEBHOOK_SECRET,
            Provision(
                environment={
                    "OOF_WEBHOOK_SECRET_ARN": webhook.secret_arn,
                    "OOF_WEBHOOK_STATUS": str(stage.webhook_status),
                },
                grants=(_reading(webhook),),
            ),
        )
        self._catalog.offer(
            Capability.WEBHOOK_ROTATE,
            Provision(
                environment={"OOF_WEBHOOK_SECRET_ARN": webhook.secret_arn},
                grants=(_reading(webhook), _writing(webhook)),
            ),
        )
        cursor = self._secret("cursor", '{"previous": null}', "current")
        self._catalog.offer(
            Capability.CURSOR_SECRET,
            Provision(
                environment={
                    "OOF_CURSOR_SECRET_ARN": cursor.secret_arn,
                    "OOF_CORS_ORIGINS": ",".join(stage.cors_origins),
                },
                grants=(_reading(cursor),),
            ),
        )

    def _secret(self, name: str, template: str, generated_key: str) -> secretsmanager.Secret:
        """A secret of a fixed shape.

        Locally its values come with the deployment. Elsewhere it is born with the shape alone (a
        provider refuses an empty key) until an operator fills it; what webhooks carry is made by
        whoever keeps them.
        """
        inputs = self._stage.local_inputs
        local = {} if inputs is None else _local_secrets(inputs)
        if name in local:
            return self._plain_secret(name, local[name])
        secret = secretsmanager.Secret(
            self,
            name.capitalize(),
            secret_name=self._naming.resource(name),
            removal_policy=self._removal,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=template,
                generate_string_key=generated_key,
                password_length=48,
                exclude_punctuation=True,
            ),
        )
        accept(secret, "SMG4", "changed by an operator, in step with whoever holds the other copy")
        return secret

    def _plain_secret(self, name: str, value: str) -> secretsmanager.Secret:
        """A secret whose value is in the template: only for what is worth nothing elsewhere."""
        secret = secretsmanager.Secret(
            self,
            name.capitalize(),
            secret_name=self._naming.resource(name),
            removal_policy=self._removal,
            secret_string_value=SecretValue.unsafe_plain_text(value),
        )
        accept(secret, "SMG4", "a local run's own values, made anew with each runtime")
        return secret

    def _local_inputs(self) -> LocalInputs:
        """What the local runtime said; a stage without a cluster has it."""
        inputs = self._stage.local_inputs
        if inputs is None:
            msg = f"stage {self._stage.name} has neither a cluster nor a DSN"
            raise ValueError(msg)
        return inputs


def _local_secrets(inputs: LocalInputs) -> dict[str, str]:
    """The values that a local deployment brings along, by secret."""
    admitted = [inputs.webhook_secret]
    return {
        "upstream": json.dumps({"api_key": inputs.upstream_api_key}),
        "webhook": json.dumps({"authorization": admitted, "hmac": admitted}),
    }


def _writing(secret: secretsmanager.ISecret) -> Grant:
    """Changing one secret."""
    return Grant(actions=("secretsmanager:PutSecretValue",), resources=(secret.secret_arn,))


def _reading(secret: secretsmanager.ISecret) -> Grant:
    """Reading one secret."""
    return Grant(actions=("secretsmanager:GetSecretValue",), resources=(secret.secret_arn,))
