"""The tools that the stack sets up for itself, and what decides a deployment."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local.runtime.deploy import Deployment, Upstream
from local.runtime.layout import Layout
from local.runtime.settings import LocalSettings
from local.runtime.state import Instance, new_secret
from local.runtime.toolchain import CDK_CLI_VERSION, Toolchain


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    """The checkout's tools, set up."""
    tools = Toolchain(LocalSettings.from_env())
    with tools.alone():
        tools.cdk()
        tools.ministack()
        tools.core_link()
        tools.deps_link()
        tools.science_link()
    return tools


def test_the_cdk_is_the_pinned_one(toolchain: Toolchain):
    """The command line answers with the version that was tried with this library."""
    said = subprocess.run(
        [*toolchain.cdk(), "--version"], check=True, capture_output=True, text=True
    ).stdout

    assert said.startswith(f"{CDK_CLI_VERSION} ")


def test_lambdas_do_not_see_what_only_we_have(toolchain: Toolchain):
    """The interpreter of Lambdas has the SDK, as on AWS, and no package of the project's."""
    program = "import importlib.util as u; print([bool(u.find_spec(n)) for n in {!r}])"
    names = ("boto3", "pydantic", "aws_cdk", "local", "oof")

    said = subprocess.run(
        [toolchain.ministack(), "-P", "-c", program.format(names)],
        check=True,
        capture_output=True,
        text=True,
        env={},
    ).stdout

    assert said.strip() == "[True, False, False, False, False]"


def test_the_linked_layer_holds_what_is_shipped(toolchain: Toolchain):
    """The local layer is one file, which leads to the shipped packages without the SDK."""
    [link] = [path for path in toolchain.deps_link().rglob("*") if path.is_file()]

    _, line = link.read_text().splitlines()
    folder = Path(line.partition("'")[2].rstrip("')"))

    assert (folder / "psycopg").is_dir()
    assert not (folder / "botocore").exists()


def test_the_linked_package_is_ours_and_compiled(toolchain: Toolchain):
    """Asked for again it is the same one; every module stands beside its byte code."""
    [link] = [path for path in toolchain.core_link().rglob("*") if path.is_file()]
    [again] = [path for path in toolchain.core_link().rglob("*") if path.is_file()]

    _, line = link.read_text().splitlines()
    folder = Path(line.partition("'")[2].rstrip("')"))
    modules = list(folder.rglob("*.py"))

    assert again == link
    assert (folder / "oof" / "settings.py") in modules
    assert len(list(folder.rglob("*.pyc"))) == len(modules)


@pytest.fixture
def deployment(toolchain: Toolchain, tmp_path: Path) -> Callable[[Instance], Deployment]:
    """Makes the deployment of an instance."""

    def make(instance: Instance) -> Deployment:
        return Deployment(
            layout_=Layout(root=tmp_path),
            instance=instance,
            upstream=Upstream(rpc_url="http://r", api_url="http://a", api_key=""),
            toolchain=toolchain,
            settings=LocalSettings.from_env(),
        )

    return make


def test_beside_the_real_provider_no_webhooks_are_kept(
    deployment: Callable[[Instance], Deployment], monkeypatch: pytest.MonkeyPatch
):
    """It cannot reach this machine; the stand-in can."""
    instance = Instance(
        aws_port=1, postgres_port=2, upstream_port=3, database_password="", webhook_secret=""
    )
    monkeypatch.delenv("HELIUS_API_KEY", raising=False)
    beside_the_stand_in = deployment(instance).webhook_url()
    monkeypatch.setenv("HELIUS_API_KEY", "of-a-person")

    assert deployment(instance).webhook_url() == ""
    assert beside_the_stand_in.startswith("http://127.0.0.1:1/_aws/execute-api/")
    assert beside_the_stand_in.endswith("/ingest/webhook/helius")


def test_only_a_change_deploys_again(deployment: Callable[[Instance], Deployment]):
    """The same instance of the same sources is deployed once; another address is another."""
    instance = Instance(
        aws_port=1,
        postgres_port=2,
        upstream_port=3,
        database_password=new_secret(),
        webhook_secret=new_secret(),
    )

    inputs = deployment(instance).inputs()

    assert deployment(instance).inputs() == inputs
    assert deployment(replace(instance, postgres_port=4)).inputs() != inputs
