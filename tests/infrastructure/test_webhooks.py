"""Keeping the provider's webhooks: where they post to, and who may change the secret."""

import json

from local.runtime.deploy import INGEST_API
from stacks.settings import LOCAL
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.synthesis import LOCAL_CONTEXT

STEPS = ("step_plan_webhooks", "step_put_webhooks")


def test_webhooks_post_to_the_ingest_api(prod: Assembly) -> None:
    """At its own address, unless the stage is told another."""
    [ingest] = [
        api
        for api in prod.find("AWS::ApiGatewayV2::Api")
        if api.properties["Name"] == "oof-prod-ingest"
    ]
    for name in STEPS:
        url = prod.functions()[name].properties["Environment"]["Variables"]["OOF_WEBHOOK_URL"]
        text = json.dumps(url)
        assert "/ingest/webhook/helius" in text
        assert ingest.logical_id in text or "ImportValue" in text


def test_a_local_stage_says_where_it_is_reached(local: Assembly) -> None:
    """The runtime tells; told nothing, as beside the real provider, it keeps no webhooks."""
    assert "webhook_url" not in LOCAL_CONTEXT
    for name in STEPS:
        assert local.environment(local.functions()[name])["OOF_WEBHOOK_URL"] == ""
    assert LOCAL.api_ids["ingest"] == INGEST_API


def test_one_function_alone_may_change_the_deliveries_secret(assembly: Assembly) -> None:
    """The one that puts what it wrote there."""
    writers = {
        name
        for name, function in assembly.functions().items()
        if "secretsmanager:PutSecretValue" in assembly.actions(function)
    }

    assert writers == {"step_put_webhooks"}
