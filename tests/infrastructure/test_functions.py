"""Functions: deployed as the tree has them, set as their settings ask, inside or outside."""

import ast

from oof.settings import FUNCTION_SETTINGS, DatabaseSettings, UpstreamSettings
from oof.settings_webhook import WebhookSettings
from stacks.functions import WITH_SCIENCE
from stacks.settings import ROOT
from tests.infrastructure.assembly import Assembly

WEBHOOK = "api_ingest_webhook"
APIS_WITHOUT_ENDPOINT = {"logs", "xray", "ec2"}
"""Lambda itself calls these for a function, from outside its network."""


def test_every_folder_is_a_function_and_every_function_a_folder(assembly: Assembly) -> None:
    """What is deployed is what stands in `functions/`, each with a `handler`."""
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}

    assert set(assembly.functions()) == folders == {*FUNCTION_SETTINGS, WEBHOOK}
    for name in folders:
        tree = ast.parse((ROOT / "functions" / name / "handler.py").read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert "handler" in defined, name
        assert assembly.functions()[name].properties["Handler"] == "handler.handler"


def test_deliveries_have_room_of_their_own(assembly: Assembly) -> None:
    """Only the webhook's function: what the others may not have, nobody may take from it."""
    reserved = {
        name: function.properties["ReservedConcurrentExecutions"]
        for name, function in assembly.functions().items()
        if "ReservedConcurrentExecutions" in function.properties
    }

    assert reserved == {WEBHOOK: 100 if assembly.stage == "prod" else 60}


def test_each_environment_satisfies_its_settings(assembly: Assembly) -> None:
    """Every function starts with what the stacks set, to the letter of its model."""
    for name, model in FUNCTION_SETTINGS.items():
        environment = assembly.environment(assembly.functions()[name])
        assert model.from_env(environment).stage == assembly.stage
    webhook = assembly.environment(assembly.functions()[WEBHOOK])
    assert WebhookSettings.from_env(webhook).webhook_status == 202


def test_no_variable_is_set_that_no_setting_reads(assembly: Assembly) -> None:
    """A variable without a field is a mistake in one of the two."""
    fields = {name: set(model.model_fields) for name, model in FUNCTION_SETTINGS.items()}
    fields[WEBHOOK] = set(WebhookSettings._fields)

    for name, function in assembly.functions().items():
        variables = {
            key.removeprefix("OOF_").lower()
            for key in assembly.environment(function)
            if key.startswith("OOF_")
        }
        assert variables <= fields[name], name


def test_no_function_has_both_internet_and_database(assembly: Assembly) -> None:
    """What knows the database knows no upstream; on AWS it has no way out either."""
    inside = {
        name for name, model in FUNCTION_SETTINGS.items() if issubclass(model, DatabaseSettings)
    }
    outside = {
        name for name, model in FUNCTION_SETTINGS.items() if issubclass(model, UpstreamSettings)
    }

    assert inside
    assert outside
    assert not inside & outside
    for name, function in assembly.functions().items():
        environment = assembly.environment(function)
        knows_database = "OOF_DATABASE_SECRET_ARN" in environment
        assert knows_database == (name in inside), name
        assert not (knows_database and "OOF_UPSTREAM_RPC_URL" in environment), name
        if assembly.stage != "local":
            assert ("VpcConfig" in function.properties) == knows_database, name


def test_the_network_has_no_way_out(prod: Assembly) -> None:
    """No gateway to the internet, no NAT, no public subnet or address."""
    for kind in ("InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "EIP", "Route"):
        assert prod.find(f"AWS::EC2::{kind}") == []
    for subnet in prod.find("AWS::EC2::Subnet"):
        assert subnet.properties["MapPublicIpOnLaunch"] is False


def test_every_api_called_inside_the_network_has_an_endpoint(prod: Assembly) -> None:
    """Each service that a function in the network may call has a door there, and no other has."""
    called = {
        action.split(":")[0]
        for function in prod.functions().values()
        if "VpcConfig" in function.properties
        for action in prod.actions(function)
    } - APIS_WITHOUT_ENDPOINT
    doors = {
        str(endpoint.properties["ServiceName"]).rstrip("'}]\"").rsplit(".", 1)[-1]
        for endpoint in prod.find("AWS::EC2::VPCEndpoint")
    }

    assert doors == called


def test_the_local_stage_needs_no_network(local: Assembly) -> None:
    """The emulator knows no proxy, no security-group rule and no cluster: none is asked for."""
    kinds = {
        body["Type"].split("::")[1]
        for template in local.templates.values()
        for body in template.to_json()["Resources"].values()
    }

    assert not kinds & {"EC2", "RDS"}


def test_functions_run_the_python_we_build_for(assembly: Assembly) -> None:
    """One Python everywhere; arm64 on AWS."""
    for function in assembly.functions().values():
        assert function.properties["Runtime"] == "python3.13"
        if assembly.stage != "local":
            assert function.properties["Architectures"] == ["arm64"]


def test_the_webhook_function_carries_our_package_alone(assembly: Assembly) -> None:
    """It starts cold in milliseconds: the third-party layer is not on it, and on all others."""
    for name, function in assembly.functions().items():
        expected = 1 if name == WEBHOOK else 2 + (name in WITH_SCIENCE)
        assert len(function.properties["Layers"]) == expected, name


def test_every_log_group_forgets(assembly: Assembly) -> None:
    """Each function writes to a group of its own, and every group has an end."""
    groups = assembly.find("AWS::Logs::LogGroup")
    own = {
        assembly.target(function.stack, function.properties["LoggingConfig"]["LogGroup"])[:2]
        for function in assembly.functions().values()
    }

    assert len(own) == len(assembly.functions())
    assert all(group.properties["RetentionInDays"] <= 90 for group in groups)
