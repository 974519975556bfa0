"""The CDK app, put on the local AWS by the CDK command line, and made ready to serve."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stamina
from botocore.exceptions import ClientError

from local.runtime import layout
from local.runtime.aws import CREDENTIALS
from local.runtime.faults import DeploymentRefused, LocalRuntimeFault, log_tail
from local.runtime.local_aws import ACCOUNT, CDK_ASSETS, REGION
from local.runtime.ministack_corrections import correct_deployed
from local.runtime.settings import LocalSettings
from local.runtime.state import Instance
from local.runtime.toolchain import Toolchain

_SOURCES = (
    "app.py",
    "cdk.json",
    "functions",
    "layers/core",
    "layers/deps/requirements.txt",
    "local/runtime/ministack_corrections.py",
    "requirements.txt",
    "stacks",
    "statemachines",
)
_FUNCTION_PREFIX = "oof-local-"
_BOOTSTRAP_VERSION = "30"
INGEST_API = "00f0a002"
"""The id that the stage gives the ingest API on the emulator."""
_REFUSAL = "failed to deploy"
_THROTTLED = "TooManyRequestsException"
_INVOKE_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The provider as the Lambdas see it."""

    rpc_url: str
    api_url: str
    api_key: str


class Deployment:
    """One deployment of the app onto one local AWS."""

    def __init__(
        self,
        *,
        layout_: layout.Layout,
        instance: Instance,
        upstream: Upstream,
        toolchain: Toolchain,
        settings: LocalSettings,
    ) -> None:
        self._layout = layout_
        self._instance = instance
        self._upstream = upstream
        self._toolchain = toolchain
        self._settings = settings
        self._log = layout_.logs / "deploy.log"

    def inputs(self) -> str:
        """Return a digest of everything that decides what gets deployed."""
        digest = hashlib.sha256(json.dumps(self._context(), sort_keys=True).encode())
        for path in _source_files():
            digest.update(str(path.relative_to(layout.REPOSITORY)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def deploy(self, client: Callable[[str], Any]) -> dict[str, str]:
        """Synthesize and deploy every stack; return their outputs by `Stack.Output`.

        Raises:
            DeploymentRefused: a stack could not be created or updated.
            LocalRuntimeFault: it did not come to that; both with the end of the command's log.
        """
        _prepare_account(client)
        outputs = self._layout.root / "outputs.json"
        outputs.unlink(missing_ok=True)
        # A report that an earlier synth left there would be taken for this one's.
        shutil.rmtree(self._layout.assembly, ignore_errors=True)
        argv = [
            *self._toolchain.cdk(), "deploy", "--all",
            "--app", f"{layout.python()} app.py",
            "--output", str(self._layout.assembly),
            "--outputs-file", str(outputs),
            "--require-approval", "never",
            "--method", "direct",
            "--concurrency", "4",
            "--progress", "events",
            "--ci", "--no-color", "--no-notices", "--no-version-reporting",
        ]  # fmt: skip
        for key, value in self._context().items():
            argv += ["-c", f"{key}={value}"]
        self._run(argv)
        self._correct(client)
        by_stack: Mapping[str, Mapping[str, str]] = (
            json.loads(outputs.read_text()) if outputs.exists() else {}
        )
        return {
            f"{stack}.{name}": value
            for stack, values in by_stack.items()
            for name, value in values.items()
        }

    def _context(self) -> dict[str, str]:
        return {
            "stage": "local",
            "database_dsn": self._instance.database_dsn,
            "upstream_rpc_url": self._upstream.rpc_url,
            "upstream_api_url": self._upstream.api_url,
            "upstream_api_key": self._upstream.api_key,
            "webhook_secret": self._instance.webhook_secret,
            "webhook_url": self.webhook_url(),
            "core_layer_dir": str(self._toolchain.core_link()),
            "deps_layer_dir": str(self._toolchain.deps_link()),
            "science_layer_dir": str(self._toolchain.science_link()),
        }

    def webhook_url(self) -> str:
        """Where the stand-in posts to; the real provider cannot reach this machine."""
        if self._settings.helius_api_key is not None:
            return ""
        return f"{self._instance.aws_url}/_aws/execute-api/{INGEST_API}/ingest/webhook/helius"

    def _run(self, argv: list[str]) -> None:
        environment = self._settings.subprocess_env(
            {
                **CREDENTIALS,
                "PATH": self._toolchain.path,
                "AWS_ENDPOINT_URL": self._instance.aws_url,
                "AWS_ENDPOINT_URL_S3": self._instance.aws_url,
                "CDK_DEFAULT_ACCOUNT": ACCOUNT,
                "CDK_DEFAULT_REGION": REGION,
                "CDK_DISABLE_CLI_TELEMETRY": "true",
                # Every change is validated by `make check`; here it would double the wait.
                "CDK_VALIDATION": "false",
            }
        )
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as log:
            result = subprocess.run(
                argv, check=False, cwd=layout.REPOSITORY, env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        if result.returncode != 0:
            told = f"the deployment failed:\n{log_tail(self._log, 30)}"
            reached_aws = _REFUSAL in self._log.read_text(errors="replace")
            raise DeploymentRefused(told) if reached_aws else LocalRuntimeFault(told)

    def _correct(self, client: Callable[[str], Any]) -> None:
        correct_deployed(self._resources(client("cloudformation")), client)

    def _resources(self, cloudformation: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path in sorted(self._layout.assembly.glob("*.template.json")):
            template = json.loads(path.read_text()).get("Resources", {})
            stack = path.name.removesuffix(".template.json")
            found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
            for resource in found:
                declared = template.get(resource["LogicalResourceId"], {})
                yield (
                    resource["ResourceType"],
                    resource["PhysicalResourceId"],
                    declared.get("Properties", {}),
                )


def _is_throttled(fault: Exception) -> bool:
    """Whether as many invocations were under way as the account allows."""
    return isinstance(fault, ClientError) and fault.response["Error"]["Code"] == _THROTTLED


def invoke(client: Callable[[str], Any], function: str, event: Mapping[str, Any]) -> Any:
    """Call one of our functions and return its result.

    Raises LocalRuntimeFault with what the function raised.
    """
    response = _admitted(client("lambda"), function, json.dumps(event).encode())
    payload = json.loads(response["Payload"].read() or b"null")
    if "FunctionError" in response:
        raise LocalRuntimeFault(f"{function} failed: {json.dumps(payload)[:2000]}")
    return payload


@stamina.retry(on=_is_throttled, attempts=None, timeout=_INVOKE_PATIENCE_S, wait_max=2)
def _admitted(lambda_client: Any, function: str, payload: bytes) -> Any:
    """Invoke as soon as fewer than the account's share of invocations run; none began before."""
    return lambda_client.invoke(FunctionName=f"{_FUNCTION_PREFIX}{function}", Payload=payload)


def _prepare_account(client: Callable[[str], Any]) -> None:
    """Give the account what `cdk bootstrap` would and the command line asks for, in an instant."""
    s3 = client("s3")
    # The objects of a killed run are still there, and so is their bucket.
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=CDK_ASSETS)
    client("ssm").put_parameter(
        Name="/cdk-bootstrap/hnb659fds/version",
        Value=_BOOTSTRAP_VERSION,
        Type="String",
        Overwrite=True,
    )


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        source = layout.REPOSITORY / name
        if source.is_file():
            yield source
        for path in sorted(source.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
