"""An HTTP API that anybody may call: one function answers it, but for routes that say otherwise."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acknowledge import accept
from stacks.constructs.alarm import Alarm
from stacks.constructs.python_function import retention
from stacks.settings import Throttle
from stacks.surroundings import Surroundings

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "at": "$context.requestTime",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "error": "$context.error.message",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What an API lets in, and why it may stand open."""

    routes: Mapping[str, list[apigateway.HttpMethod]]
    throttle: Throttle
    open_because: str
    cors: apigateway.CorsPreflightOptions | None = None
    elsewhere: Mapping[str, lambda_.Function] = field(default_factory=dict)
    """Functions of their own, by the path they answer: POST alone."""


class PublicApi(Construct):
    """Published at the root of its address, throttled, with an access log and an alarm."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        door: Door,
        function: lambda_.Function,
        around: Surroundings,
    ) -> None:
        super().__init__(scope, f"{name}-api")
        api = apigateway.HttpApi(
            self,
            name.capitalize(),
            api_name=around.naming.resource(name),
            create_default_stage=False,
            cors_preflight=door.cors,
        )
        accept(api, "APIG4", door.open_because)
        if name in around.stage.api_ids:
            Tags.of(api).add("ms-custom-id", around.stage.api_ids[name])
        integration = integrations.HttpLambdaIntegration(f"{name}-integration", function)
        for path, methods in door.routes.items():
            api.add_routes(path=path, methods=methods, integration=integration)
        for number, (path, other) in enumerate(door.elsewhere.items()):
            api.add_routes(
                path=path,
                methods=[apigateway.HttpMethod.POST],
                integration=integrations.HttpLambdaIntegration(
                    f"{name}-integration-{number}", other
                ),
            )
        self.url = self._serve(name, api, door.throttle, around)
        """Its base address, with a slash at its end."""
        CfnOutput(Stack.of(self), f"{name.capitalize()}Url", value=self.url)
        Alarm(
            self,
            around.naming.resource(f"{name}-errors"),
            metric=api.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            says="Five answers in five minutes were our own faults.",
            topic=around.alarms,
            threshold=5,
        )

    def _serve(
        self, name: str, api: apigateway.HttpApi, throttle: Throttle, around: Surroundings
    ) -> str:
        """Publish an API, and return its address."""
        log_group = logs.LogGroup(
            self,
            f"{name}-access",
            log_group_name=f"/aws/vendedlogs/apis/{around.naming.resource(name)}",
            retention=retention(around.stage.log_retention_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        stage = apigateway.HttpStage(
            self,
            f"{name}-stage",
            http_api=api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=throttle.rate, burst_limit=throttle.burst
            ),
        )
        published = stage.node.default_child
        if isinstance(published, apigateway.CfnStage):
            published.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group.log_group_arn, format=json.dumps(ACCESS_LOG)
            )
        return stage.url
