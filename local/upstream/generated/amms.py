"""Pools without a fee account of their own: Raydium AMM v4, Whirlpool, Meteora DLMM.

All three price by constant product here; what they log and how they call the token program is
as on mainnet.
"""

import base64

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import Addresses, raw
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.generated.transaction import Transaction, u64
from local.upstream.generated.venue import Fill, Order, amount_of, out_given_in

SWAP = bytes.fromhex("f8c69e91e17587c8")
METEORA_SWAP_EVENT = bytes.fromhex("516ce3becdd00ac4")


class TwoVaults:
    """A pool of two vaults; the fee stays inside."""

    program: str
    fee_ppm: int
    rent: int
    venue: str

    def __init__(self, addresses: Addresses, name: str, left: Token, right: Token) -> None:
        self._addresses = addresses
        self.address = addresses.program_account(self.program, f"{self.venue}:{name}")
        self._tokens = (left, right)
        self.mints = (left.mint, right.mint)
        self.owner = self._authority()
        self.vaults = tuple(
            addresses.program_account(p.TOKEN, f"{self.address}:{token.mint}")
            for token in self._tokens
        )

    def _authority(self) -> str:
        return self.address

    @property
    def accounts(self) -> tuple[str, ...]:
        """The pool's own accounts, which look-up tables list."""
        return (self.address, *self.vaults, *self._extra())

    def _extra(self) -> tuple[str, ...]:
        return ()

    def _own(self, name: str) -> str:
        return self._addresses.program_account(self.program, f"{self.address[:20]}{name}")

    def found(self, ledger: Ledger) -> None:
        """Set the pool up at genesis with the amounts its tokens were given."""
        ledger.lamports[self.address] = self.rent
        for account, token in zip(self.vaults, self._tokens, strict=True):
            native = token.amount if token.mint == p.WSOL else 0
            ledger.lamports[account] = p.TOKEN_RENT + native
            ledger.tokens[account] = token._replace(owner=self.owner)

    def reserves(self, ledger: Ledger | Transaction) -> tuple[int, int]:
        """Return the two vaults' amounts, in the order of `mints`."""
        return amount_of(ledger, self.vaults[0]), amount_of(ledger, self.vaults[1])

    def swap(self, tx: Transaction, order: Order) -> Fill:
        """Add a swap of an exact input."""
        side = self.mints.index(order.sold_mint)
        reserves = self.reserves(tx)
        taken = order.amount * (1_000_000 - self.fee_ppm) // 1_000_000
        out = out_given_in(reserves[side], reserves[1 - side], taken)
        self._call(tx, order, side, out)
        tx.enter()
        checked = self.program == p.METEORA
        tx.send(order.source, self.vaults[side], order.user, order.amount, checked=checked)
        tx.send(self.vaults[1 - side], order.target, self.owner, out, checked=checked)
        self._tell(tx, order, side, out)
        tx.leave()
        return Fill(order.sold_mint, order.amount, self.mints[1 - side], out, out)

    def _call(self, tx: Transaction, order: Order, side: int, out: int) -> None:
        raise NotImplementedError

    def _tell(self, tx: Transaction, order: Order, side: int, out: int) -> None:
        """Leave an event, where the program does."""


class RaydiumPool(TwoVaults):
    """A Raydium AMM v4 pool: swapBaseIn, with its ray_log."""

    program, venue = p.RAYDIUM, "raydium_v4"
    fee_ppm, rent = 2500, 6_124_800

    def _authority(self) -> str:
        return p.RAYDIUM_AUTHORITY

    def _extra(self) -> tuple[str, ...]:
        return tuple(self._own(name) for name in ("orders", "market", "bids", "asks", "queue"))

    def _call(self, tx: Transaction, order: Order, side: int, out: int) -> None:
        orders, market, bids, asks, queue = self._extra()
        accounts = (
            *(p.TOKEN, self.address, p.RAYDIUM_AUTHORITY, orders, *self.vaults, p.SERUM),
            *(market, bids, asks, queue, self._own("coin"), self._own("price")),
            *(self._own("signer"), order.source, order.target, order.user),
        )
        data = b"\x09" + u64(order.amount) + u64(out * 95 // 100)
        reserves = self.reserves(tx)
        fields = (order.amount, out * 95 // 100, 2 - side, amount_of(tx, order.source))
        logged = b"\x03" + b"".join(map(u64, (*fields, *reserves, out)))
        text = f"ray_log: {base64.b64encode(logged).decode()}"
        tx.call(p.RAYDIUM, accounts, data, log=text)
        tx.writes(self.address, orders, market, bids, asks, queue)


class WhirlpoolPool(TwoVaults):
    """An Orca Whirlpool: swap of the first version."""

    program, venue = p.WHIRLPOOL, "orca_whirlpool"
    fee_ppm, rent = 3000, 5_435_760

    def _extra(self) -> tuple[str, ...]:
        return tuple(self._own(name) for name in ("tick0", "tick1", "tick2"))

    def _call(self, tx: Transaction, order: Order, side: int, out: int) -> None:
        users = (order.source, order.target) if side == 0 else (order.target, order.source)
        accounts = (
            *(p.TOKEN, order.user, self.address, users[0], self.vaults[0], users[1]),
            *(self.vaults[1], *self._extra(), self._own("oracle")),
        )
        limit = (4_295_048_016 if side == 0 else 79226673515401279992447579055).to_bytes(
            16, "little"
        )
        threshold = u64(out * 95 // 100)
        data = SWAP + u64(order.amount) + threshold + limit + bytes([1, side == 0])
        tx.call(p.WHIRLPOOL, accounts, data, name="Swap")
        tx.writes(self.address, *self._extra())


class MeteoraPool(TwoVaults):
    """A Meteora DLMM pair, with its Swap event."""

    program, venue = p.METEORA, "meteora_dlmm"
    fee_ppm, rent = 2000, 7_182_720

    def _extra(self) -> tuple[str, ...]:
        return (self._own("oracle"), self._own("bins"))

    def _call(self, tx: Transaction, order: Order, side: int, out: int) -> None:  # noqa: ARG002
        oracle, bins = self._extra()
        accounts = (
            *(self.address, p.METEORA, *self.vaults, order.source, order.target, *self.mints),
            *(oracle, p.METEORA, order.user, p.TOKEN, p.TOKEN, p.METEORA_EVENT_AUTHORITY),
            *(p.METEORA, bins),
        )
        data = SWAP + u64(order.amount) + u64(out * 95 // 100)
        tx.call(p.METEORA, accounts, data, name="Swap")
        tx.writes(self.address, oracle, bins)

    def _tell(self, tx: Transaction, order: Order, side: int, out: int) -> None:
        fee = order.amount * self.fee_ppm // 1_000_000
        event = b"".join(
            (
                METEORA_SWAP_EVENT,
                raw(self.address),
                raw(order.user),
                (100).to_bytes(4, "little") * 2,
                u64(order.amount) + u64(out),
                bytes([side == 0]),
                u64(fee) + u64(fee // 20),
                (2_000_000).to_bytes(16, "little"),
                u64(0),
            )
        )
        accounts = (p.METEORA_EVENT_AUTHORITY,)
        tx.call(p.METEORA, accounts, p.EVENT + event, event=event)
