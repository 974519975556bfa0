"""`make demo`: from nothing to a wallet's tables."""

import httpx
from rich.console import Console

from local.cli.api import WalletApi
from local.cli.faults import CliFault
from local.cli.wallet import show_wallet
from local.runtime.progress import Progress
from local.runtime.settings import LocalSettings
from local.runtime.stack import Stack

RECORDED_WALLET = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
_GENERATED_ROLE = "golden"
_GOLDEN_DAYS = 1_500
"""All of the generated wallet's four years."""


def run_demo(progress: Console, out: Console, *, address: str | None) -> None:
    """Bring the stack up, open a wallet of its chain, and show it.

    Raises CliFault or LocalRuntimeFault.
    """
    steps = Progress(progress)
    settings = LocalSettings.from_env()
    stack = Stack(settings=settings, progress=steps).up()
    steps.note(f"The stack is up after {steps.elapsed_s():.1f} s.\n")
    is_generated = settings.helius_api_key is None and settings.chain_dir is None
    wallet = address or choose_wallet(settings, stack.upstream_url)
    show_wallet(
        WalletApi(stack.api_url),
        wallet,
        progress=progress,
        out=out,
        days=_GOLDEN_DAYS if address is None and is_generated else None,
        limit=12,
        trades_only=True,
    )
    steps.note(f"\nDone after {steps.elapsed_s():.1f} s; `make down` stops it.")


def choose_wallet(settings: LocalSettings, upstream_url: str) -> str:
    """A wallet worth seeing: four years of the generated chain, else the best recorded one."""
    if settings.helius_api_key is not None or settings.chain_dir is not None:
        return RECORDED_WALLET
    answer = httpx.get(f"{upstream_url}/_control/chain", timeout=60)
    for wallet in answer.json()["wallets"]:
        if wallet["role"] == _GENERATED_ROLE:
            return str(wallet["address"])
    raise CliFault(f"the generated chain has no {_GENERATED_ROLE}")
