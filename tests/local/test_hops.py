"""The path of the bench that holds no work of ours."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from local.bench.hops import Hops
from local.runtime import aws
from tests.support.local_aws import local_aws


def test_a_message_comes_through_every_hop(tmp_path: Path):
    """Posted, sent on twice, put and read: a reader sees it, each time anew."""
    with local_aws(tmp_path) as server:
        instance: Any = SimpleNamespace(
            aws_url=server.endpoint, aws_port=urlsplit(server.endpoint).port
        )
        running: Any = SimpleNamespace(
            aws=lambda service: aws.client(instance, service),
            address=SimpleNamespace(instance=instance),
        )
        hops = Hops(running)
        try:
            taken = [hops.pass_through() for _ in range(3)]
        finally:
            hops.close()

    assert all(0 < seconds < 60 for seconds in taken)
    assert len(set(taken)) == 3
