"""The two HTTP APIs: `/v1` for readers, and the one that senders of webhooks post to."""

import json
from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acknowledge import accept
from stacks.constructs.alarm import Alarm
from stacks.constructs.python_function import FunctionFactory, retention
from stacks.settings import Throttle
from stacks.surroundings import Surroundings

# Any method of `/v1`: the function says which it has, and answers others with a problem.
_ANY, _POST = apigateway.HttpMethod.ANY, apigateway.HttpMethod.POST
EXPOSED_HEADERS = [
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
]
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
ALLOWED_HEADERS = ["Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID"]


class ApiStack(Stack):
    """Public routes. Ingest is an API and a function of its own: neither can starve the other."""

    def __init__(self, scope: Construct, around: Surroundings) -> None:
        super().__init__(
            scope,
            around.naming.stack("Api"),
            termination_protection=around.stage.keeps_data,
        )
        self._stage = around.stage
        self._naming = around.naming
        self._alarms = around.alarms
        factory = FunctionFactory(self, around)
        self._api(
            "api",
            routes={"/v1/{proxy+}": [_ANY]},
            function=factory.make("api_serve_wallets"),
            throttle=around.stage.api_throttle,
            cors=self._cors(),
            open_because="until users exist a caller is its address; on AWS it must be asked for",
        )
        self._api(
            "ingest",
            routes={"/ingest/webhook/helius": [_POST]},
            function=factory.make("api_ingest_webhook"),
            throttle=around.stage.ingest_throttle,
            cors=None,
            open_because="the function compares the sender's header or signature, in constant time",
        )

    def _api(
        self,
        name: str,
        *,
        routes: Mapping[str, list[apigateway.HttpMethod]],
        function: lambda_.Function,
        throttle: Throttle,
        cors: apigateway.CorsPreflightOptions | None,
        open_because: str,
    ) -> None:
        """One HTTP API whose every route is the same function."""
        api = apigateway.HttpApi(
            self,
            name.capitalize(),
            api_name=self._naming.resource(name),
            create_default_stage=False,
            cors_preflight=cors,
        )
        accept(api, "APIG4", open_because)
        if name in self._stage.api_ids:
            Tags.of(api).add("ms-custom-id", self._stage.api_ids[name])
        integration = integrations.HttpLambdaIntegration(f"{name}-integration", function)
        for path, methods in routes.items():
            api.add_routes(path=path, methods=methods, integration=integration)
        self._serve(name, api, throttle)
        Alarm(
            self,
            self._naming.resource(f"{name}-errors"),
            metric=api.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            says="Five answers in five minutes were our own faults.",
            topic=self._alarms,
            threshold=5,
        )

    def _serve(self, name: str, api: apigateway.HttpApi, throttle: Throttle) -> None:
        """Publish an API at the root of its address, throttled and with an access log."""
        log_group = logs.LogGroup(
            self,
            f"{name}-access",
            log_group_name=f"/aws/vendedlogs/apis/{self._naming.resource(name)}",
            retention=retention(self._stage.log_retention_days),
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
        CfnOutput(self, f"{name.capitalize()}Url", value=stage.url)

    def _cors(self) -> apigateway.CorsPreflightOptions | None:
        """Which origins may call from a browser; none unless the stage names them."""
        if not self._stage.cors_origins:
            return None
        return apigateway.CorsPreflightOptions(
            allow_origins=list(self._stage.cors_origins),
            allow_methods=[
                apigateway.CorsHttpMethod.GET,
                apigateway.CorsHttpMethod.POST,
                apigateway.CorsHttpMethod.OPTIONS,
            ],
            allow_headers=ALLOWED_HEADERS,
            expose_headers=EXPOSED_HEADERS,
            max_age=Duration.hours(1),
        )
