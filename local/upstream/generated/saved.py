"""Keeping a generated chain the same over restarts: its seed, genesis and what was appended."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from local.upstream.clock import Clock
from local.upstream.generated.chain import YEAR, Append, GeneratedChain, Guest
from local.upstream.generated.people import DAY, DEFAULT_WALLETS, WalletSpec

type Invite = Callable[[int, int], Sequence[Guest]]
"""From a seed and the end of a chain's first year to the guests it is to have."""


def invite_nobody(_seed: int, _end: int) -> Sequence[Guest]:
    """Return no guests."""
    return ()


def open_chain(
    path: Path | None,
    clock: Clock,
    seed: int,
    genesis: int | None = None,
    wallets: Sequence[WalletSpec] = DEFAULT_WALLETS,
    invite: Invite = invite_nobody,
) -> GeneratedChain:
    """Open the chain that `path` remembers, else begin one a year before the clock's present.

    What is appended later is written to `path` at once. Without a path nothing is remembered.
    """
    if path is not None and path.exists():
        saved = json.loads(path.read_text())
        appended = [Append(*row) for row in saved["appended"]]
        chosen, begun = saved["seed"], saved["genesis"]
    else:
        chosen, appended = seed, []
        begun = genesis if genesis is not None else (int(clock.now()) - YEAR) // DAY * DAY
    guests = invite(chosen, begun + YEAR)
    chain = GeneratedChain(chosen, wallets, clock, genesis=begun, appended=appended, guests=guests)
    if path is not None:
        _save(chain, path)
        chain.on_append = lambda changed: _save(changed, path)
    return chain


def _save(chain: GeneratedChain, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"seed": chain.seed, "genesis": chain.genesis, "appended": chain.appended}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(state))
    draft.replace(path)
