"""A local AWS of the test session's own: just the server, no deployment."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAws:
    """Where it answers."""

    endpoint: str
    region: str = REGION

    def create_hot_table(self, name: str) -> str:
        """Create a table shaped like the stack's; returns its name."""
        client = boto3.client("dynamodb", endpoint_url=self.endpoint, region_name=self.region)
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        return name


@contextmanager
def local_aws(folder: Path) -> Iterator[LocalAws]:
    """Start a server that keeps nothing, and end it."""
    port = _free_port()
    env = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(folder),
    }
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=env, stdout=log, stderr=log, cwd=folder
        )
    try:
        aws = LocalAws(endpoint=f"http://127.0.0.1:{port}")
        _wait(aws, server, folder / "server.log")
        yield aws
    finally:
        server.terminate()
        server.wait(timeout=_PATIENCE_S)


def _wait(aws: LocalAws, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            httpx.get(f"{aws.endpoint}/_ministack/health", timeout=5)
        except httpx.TransportError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text()[-2000:]) from None
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])
