"""The facts as runs see them, kept as bare signatures: enough to watch what runs do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from oof.domain.backfill import Reach
from oof.domain.evidence import LastBalance
from oof.domain.units import Address, RawAmount, Signature, Slot, UnixSeconds


class ListedFacts:
    """Bodies stored once, who owns which token account in them, and what was linked."""

    def __init__(self) -> None:
        self.bodies: dict[Signature, Any] = {}
        self.stores: Counter[Signature] = Counter()
        """How often each signature came down the store path."""
        self.linked: dict[Address, set[Signature]] = {}
        self.tracked: set[Address] = set()
        self.reaches: dict[Address, Reach] = {}
        self.is_lagging = 0
        """How many looks at the fold still find it behind."""
        self.unexplained: dict[Address, int] = {}
        """Lamports that wallets are short of, though every transaction is stored."""
        self.heard_at: UnixSeconds | None = None
        """When a webhook delivered last."""
        self.loses: set[Signature] = set()
        """Signatures whose bodies the store path never makes facts of."""

    def store(self, text: bytes) -> None:
        """Store a document of bodies."""
        document = orjson.loads(text)
        for body in document["data"] if isinstance(document, dict) else document:
            signature = Signature(body["transaction"]["signatures"][0])
            self.stores[signature] += 1
            if signature not in self.loses:
                self.bodies[signature] = body

    def link(self, wallet: Address, signatures: Sequence[Signature]) -> None:
        """Bring stored signatures into a wallet's ledger."""
        assert wallet in self.tracked
        self.linked.setdefault(wallet, set()).update(s for s in signatures if s in self.bodies)

    def known(self, signatures: Iterable[Signature]) -> set[Signature]:
        """See `FactsView`."""
        return {signature for signature in signatures if signature in self.bodies}

    def accounts_of(self, wallet: Address) -> tuple[Address, ...]:
        """See `FactsView`."""
        found = set()
        for body in self.bodies.values():
            keys = _keys_of(body)
            meta = body["meta"]
            for row in (*meta["preTokenBalances"], *meta["postTokenBalances"]):
                if row.get("owner") == wallet:
                    found.add(Address(keys[row["accountIndex"]]))
        return tuple(sorted(found))

    def balances_of(self, wallet: Address) -> tuple[LastBalance, ...]:
        """See `FactsView`; the wallet's own lamports alone."""
        newest = (Slot(0), 0)
        for body in self.bodies.values():
            keys = _keys_of(body)
            if wallet in keys and body["slot"] >= newest[0]:
                newest = (body["slot"], body["meta"]["postBalances"][keys.index(wallet)])
        slot, raw = newest
        is_sure = slot == 0 or self.reaches.get(wallet, Reach()).covers(wallet, slot)
        return (
            (LastBalance(wallet, RawAmount(raw - self.unexplained.get(wallet, 0))),)
            if is_sure
            else ()
        )

    def is_folded(self, wallet: Address) -> bool:
        """See `FactsView`."""
        self.is_lagging -= 1 if self.is_lagging else 0
        return not self.is_lagging

    def last_heard(self) -> UnixSeconds | None:
        """See `FactsView`."""
        return self.heard_at

    def set_reach(self, wallet: Address, reach: Reach) -> None:
        """See `FactsView`."""
        self.reaches[wallet] = reach

    def set_tracked(self, wallet: Address) -> None:
        """See `FactsView`."""
        self.tracked.add(wallet)


def _keys_of(body: Any) -> list[str]:
    keys = [
        key["pubkey"] if isinstance(key, dict) else key
        for key in body["transaction"]["message"]["accountKeys"]
    ]
    loaded = body["meta"].get("loadedAddresses") or {}
    if len(keys) < len(body["meta"]["postBalances"]):
        keys += [*loaded.get("writable", []), *loaded.get("readonly", [])]
    return keys
