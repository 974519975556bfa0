"""Run the stand-in: `python -m local.upstream --port 0 --chain-dir DIR | --generated --seed N`.

Prints one JSON line `{"url", "port", "pid", "chain"}` once it listens; ends on SIGTERM.
"""

import argparse
import asyncio
import json
import os
import socket
from pathlib import Path

import uvicorn

from local.upstream.clock import Clock
from local.upstream.generated.people import DEFAULT_WALLETS, crowd
from local.upstream.generated.saved import invite_nobody, open_chain
from local.upstream.golden.guest import invite_golden, prices_of
from local.upstream.index import IndexedChain
from local.upstream.prices import Prices, recorded_prices
from local.upstream.recorded import RecordedChain
from local.upstream.server import build_app
from local.upstream.state import Upstream


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.upstream", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0: any free one")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--chain-dir", type=Path, help="a folder of recorded transactions")
    source.add_argument("--generated", action="store_true", help="a chain made from a seed")
    parser.add_argument("--seed", type=int, default=1, help="the generated chain's seed")
    parser.add_argument("--genesis", type=int, help="its beginning in Unix seconds; a year ago")
    parser.add_argument("--crowd", type=int, default=0, help="so many small wallets beside")
    parser.add_argument(
        "--golden", action="store_true", help="with the wallet of four years, and prices for it"
    )
    parser.add_argument("--state", type=Path, help="a file that keeps it the same over restarts")
    parser.add_argument("--now", type=float, help="set the clock to these Unix seconds and run")
    parser.add_argument("--free-plan", action="store_true", help="no getTransactionsForAddress")
    parser.add_argument("--rate", type=int, help="calls a second, beyond which it answers 429")
    parser.add_argument("--page-bodies", type=int, default=100, help="bodies a page")
    parser.add_argument("--live", action="store_true", help="deliver to webhooks as time passes")
    return parser.parse_args()


def _build(asked: argparse.Namespace, clock: Clock) -> Upstream:
    if asked.generated:
        wallets = (*DEFAULT_WALLETS, *crowd(asked.crowd))
        invite = invite_golden if asked.golden else invite_nobody
        generated = open_chain(asked.state, clock, asked.seed, asked.genesis, wallets, invite)
        generated.catch_up()
        chain: IndexedChain = generated
        prices = (
            prices_of(generated) if asked.golden else Prices(generated.quote, generated.candles)
        )
    else:
        chain = RecordedChain(asked.chain_dir, clock)
        prices = recorded_prices(asked.chain_dir / "prices")
    return Upstream(
        chain=chain,
        prices=prices,
        has_address_history=not asked.free_plan,
        calls_per_second=asked.rate,
        page_bodies=asked.page_bodies,
    )


async def _serve(upstream: Upstream, asked: argparse.Namespace) -> None:
    config = uvicorn.Config(
        build_app(upstream, live=asked.live), log_level="warning", access_log=False
    )
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", asked.port))
        listener.listen(1024)
        port = listener.getsockname()[1]
        started = {"url": f"http://127.0.0.1:{port}", "port": port, "pid": os.getpid()}
        kind = type(upstream.chain).__name__
        print(json.dumps({**started, "chain": kind}), flush=True)
        await uvicorn.Server(config).serve(sockets=[listener])


def main() -> None:
    """Serve until terminated."""
    asked = _arguments()
    clock = Clock()
    if asked.now is not None:
        clock.run_from(asked.now)
    asyncio.run(_serve(_build(asked, clock), asked))


if __name__ == "__main__":
    main()
