"""Histories to deliver: wallets, what lists them, and each transaction's bodies."""

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import zstandard

from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from local.upstream.webhooks import raw_item
from oof.domain.units import Address, Signature


class Bodies(NamedTuple):
    """One transaction, as different sources tell it."""

    rich: dict[str, Any]
    """As a raw webhook: with its index where that is known, and its time."""
    poor: dict[str, Any]
    """As an answer to `getTransaction`: without its index, and here without its time."""

    def on_fork(self) -> dict[str, Any]:
        """Return the body as of the slot before, in a block that was dropped."""
        slot, time = self.rich["slot"] - 1, self.rich["blockTime"]
        return self.rich | {"slot": slot, "blockTime": None if time is None else time - 1}


class History(NamedTuple):
    """What there is to know."""

    listings: dict[Address, tuple[Signature, ...]]
    """Newest first, by wallet."""
    bodies: dict[Signature, Bodies]
    """In chain order."""

    @property
    def wallets(self) -> tuple[Address, ...]:
        """The wallets, in one order."""
        return tuple(sorted(self.listings))

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """All signatures, in chain order."""
        return tuple(self.bodies)

    def without(self, lost: Collection[Signature]) -> "History":
        """Return the history in which some signatures never landed."""
        listings = {
            wallet: tuple(signature for signature in listed if signature not in lost)
            for wallet, listed in self.listings.items()
        }
        return History(listings, {s: b for s, b in self.bodies.items() if s not in lost})

    def fork_text(self, signatures: Sequence[Signature]) -> str:
        """Return a batch's JSON text as told from a fork."""
        return orjson.dumps([self.bodies[s].on_fork() for s in signatures]).decode()

    def text(self, signatures: Sequence[Signature], *, rich: bool) -> str:
        """Return a batch's JSON text."""
        found = [self.bodies[s].rich if rich else self.bodies[s].poor for s in signatures]
        return orjson.dumps(found).decode()


@cache
def generated_history(seed: int, size: int) -> History:
    """Return a history of three wallets that trade and pay each other, of about `size` each."""
    specs = tuple(
        WalletSpec(name=name, transactions=size, days=days, failure_rate=0.2)
        for name, days in (("first", 0.5), ("second", 2), ("third", 40))
    )
    chain = GeneratedChain(seed=seed, wallets=specs)
    chain.catch_up()
    wallets = [Address(chain.world.wallet(spec.name)) for spec in specs]
    listings = {
        wallet: tuple(Signature(r.signature) for r in reversed(chain.history(wallet)))
        for wallet in wallets
    }
    bodies: dict[Signature, Bodies] = {}
    for record in chain.since(None):
        body = chain.transaction(record.signature)
        if body is not None and any(record.signature in listed for listed in listings.values()):
            rich = raw_item(body, record.tx_index)
            bodies[Signature(record.signature)] = Bodies(rich, body | {"blockTime": None})
    return History(listings, bodies)


def recorded_history(chain_dir: Path, wallet: str) -> History:
    """Return what was recorded of one wallet; its block order was not recorded."""
    path = next((chain_dir / "wallet_histories").glob(f"{wallet}*.jsonl.zst"))
    text = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    rows = [orjson.loads(line) for line in text.splitlines()]
    placed = [row for row in rows if row.get("slot") is not None]
    bodies = {
        Signature(row["transaction"]["signatures"][0]): Bodies(row, row | {"blockTime": None})
        for row in placed
    }
    address = Address(path.name.partition(".")[0])
    return History({address: tuple(reversed(bodies))}, bodies)
