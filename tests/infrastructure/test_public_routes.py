"""Public routes: two APIs, throttled, and none in production unless it is asked for."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from aws_cdk import App

from stacks.errors import SynthesisRefused
from stacks.settings import PROD, StageSettings, read_stage
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.synthesis import LOCAL_CONTEXT, run_app


def _read(context: Mapping[str, str]) -> StageSettings:
    return read_stage(App(context=dict(context)).node)


def test_production_refuses_public_routes_unless_told(tmp_path: Path) -> None:
    """Without the flag the app writes one line that says what to do, and no template."""
    result = run_app({"stage": "prod"}, tmp_path)

    assert result.returncode == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "public_without_auth=true" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_every_stage_on_aws_asks_for_the_flag(stage: str) -> None:
    """Not the name of the stage decides, but where it runs."""
    with pytest.raises(SynthesisRefused, match="public_without_auth"):
        _read({"stage": stage})


def test_another_stage_is_production_with_small_sizes() -> None:
    """A name that is not known is shaped like production, and costs less."""
    stage = _read({"stage": "staging", "public_without_auth": "true"})

    assert stage.name == "staging"
    assert stage.keeps_data
    assert stage.aurora is not None
    assert PROD.aurora is not None
    assert stage.aurora.max_acu < PROD.aurora.max_acu


@pytest.mark.parametrize("missing", ["stage", "database_dsn", "upstream_rpc_url", "webhook_secret"])
def test_a_local_stage_names_what_it_lacks(missing: str) -> None:
    """What only the local runtime knows is asked for by its key."""
    context = {key: value for key, value in LOCAL_CONTEXT.items() if key != missing}

    with pytest.raises(SynthesisRefused, match=missing):
        _read(context)


def test_a_missing_function_is_named(tmp_path: Path) -> None:
    """A folder that is not there stops the synthesis with its path."""
    context = {
        **LOCAL_CONTEXT,
        "functions_dir": str(tmp_path / "none"),
        "deps_layer_dir": str(tmp_path),
        "science_layer_dir": str(tmp_path),
    }

    result = run_app(context, tmp_path / "out")

    assert result.returncode == 1
    assert "job_migrate" in result.stderr


def test_ingest_and_reads_are_apart(assembly: Assembly) -> None:
    """Two APIs, each with its own throttle; one route of readers has a function of its own."""
    routes = {
        (
            assembly.target(route.stack, route.properties["ApiId"]).properties["Name"],
            route.properties["RouteKey"],
        )
        for route in assembly.find("AWS::ApiGatewayV2::Route")
    }

    assert routes == {
        (f"oof-{assembly.stage}-api", "ANY /v1/{proxy+}"),
        (f"oof-{assembly.stage}-api", "POST /v1/analyses/similarity"),
        (f"oof-{assembly.stage}-ingest", "POST /ingest/webhook/helius"),
    }
    stages = assembly.find("AWS::ApiGatewayV2::Stage")
    assert len(stages) == 2
    for stage in stages:
        throttle = stage.properties["DefaultRouteSettings"]
        assert 0 < throttle["ThrottlingRateLimit"] <= throttle["ThrottlingBurstLimit"]
        access_log = json.loads(stage.properties["AccessLogSettings"]["Format"])
        assert access_log["request_id"] == "$context.requestId"


def test_local_addresses_are_fixed(local: Assembly, prod: Assembly) -> None:
    """The emulator serves each API at an id of ours, eight hexadecimal digits; AWS is not told."""

    def ids(assembly: Assembly) -> list[str]:
        return [
            api.properties["Tags"]["ms-custom-id"]
            for api in assembly.find("AWS::ApiGatewayV2::Api")
            if "ms-custom-id" in api.properties["Tags"]
        ]

    assert len(set(ids(local))) == 2
    assert all(len(each) == 8 and int(each, 16) for each in ids(local))
    assert ids(prod) == []


def test_browsers_are_let_in_by_setting(local: Assembly, prod: Assembly) -> None:
    """Locally any origin may read, with the headers clients need; production names none yet."""
    configured = {
        api.properties["Name"]: api.properties["CorsConfiguration"]
        for assembly in (local, prod)
        for api in assembly.find("AWS::ApiGatewayV2::Api")
        if "CorsConfiguration" in api.properties
    }

    assert set(configured) == {"oof-local-api"}
    assert set(configured["oof-local-api"]["ExposeHeaders"]) == {
        "ETag",
        "Link",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-Id",
    }
