"""Which provider the stack talks to: the real one with a key, else the stand-in."""

import time
from pathlib import Path

import httpx

from local.runtime import layout, process
from local.runtime.deploy import Upstream
from local.runtime.faults import LocalRuntimeFault, log_tail
from local.runtime.process import ProcessRef
from local.runtime.settings import LocalSettings
from local.runtime.state import Instance

_START_TIMEOUT_S = 120


def choose(instance: Instance, settings: LocalSettings) -> Upstream:
    """Return the provider's addresses as the Lambdas are to use them."""
    if settings.helius_api_key is not None:
        return Upstream(
            rpc_url="https://mainnet.helius-rpc.com",
            api_url="https://api.helius.xyz",
            api_key=settings.helius_api_key,
        )
    return Upstream(rpc_url=instance.upstream_url, api_url=instance.upstream_url, api_key="")


def describe(settings: LocalSettings) -> str:
    """Return which chain is behind the provider, for a person."""
    if settings.helius_api_key is not None:
        return "the real one, through Helius with your key"
    if settings.chain_dir is not None:
        return f"recorded in {settings.chain_dir}, served by the stand-in upstream"
    return "generated, served by the stand-in upstream"


def start(instance: Instance, settings: LocalSettings, log: Path, root: Path) -> ProcessRef:
    """Start the stand-in and wait until it answers.

    Raises LocalRuntimeFault when there is no chain where one should be, or with its log when it
    ends or stays silent.
    """
    if settings.chain_dir is not None and not (settings.chain_dir / "rpc").is_dir():
        raise LocalRuntimeFault(
            f"no recorded chain in {settings.chain_dir} (it has no folder `rpc`): correct "
            "OOF_CHAIN_DIR, or unset it for a generated chain"
        )
    argv = [
        str(layout.python()),
        # Means nothing to Python; it says whose instance this is, to whoever lists processes.
        "-X", f"instance={root}",
        "-m", "local.upstream", "--port", str(instance.upstream_port),
    ]  # fmt: skip
    if settings.chain_dir is None:
        # Kept, so that a wallet opened yesterday is still there today.
        argv += ["--generated", "--state", str(root / "generated-chain")]
        argv += ["--seed", str(settings.seed), "--crowd", str(settings.crowd)]
        argv += ["--golden"] if settings.has_golden else []
    else:
        argv += ["--chain-dir", str(settings.chain_dir)]
    environment = settings.subprocess_env(
        {"PYTHONPATH": f"{layout.REPOSITORY}:{layout.REPOSITORY / 'layers/core/python'}"}
    )
    server = process.spawn(argv, environment, log)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not answers(instance):
        if not process.alive(server):
            raise LocalRuntimeFault(f"the stand-in upstream ended at once:\n{log_tail(log)}")
        if time.monotonic() > deadline:
            process.kill(server)
            raise LocalRuntimeFault(f"the stand-in upstream does not answer:\n{log_tail(log)}")
        time.sleep(0.05)
    return server


def answers(instance: Instance) -> bool:
    """Return whether anything speaks HTTP at the stand-in's address."""
    try:
        httpx.get(instance.upstream_url, timeout=5)
    except httpx.TransportError:
        return False
    return True
