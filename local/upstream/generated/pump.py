"""The pump.fun bonding curve: buy and sell as of August 2025, TradeEvent included."""

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import Addresses, raw
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.generated.transaction import Transaction, u64
from local.upstream.generated.venue import (
    Fill,
    Order,
    amount_of,
    lamports_of,
    out_given_in,
    share,
)

BUY = bytes.fromhex("66063d1201daebea")
SELL = bytes.fromhex("33e685a4017f83ad")
GET_FEES = bytes.fromhex("e7257e55cf5b3f34")
TRADE_EVENT = bytes.fromhex("bddb7fd34ee661ee")

VIRTUAL_SOL = 30_000_000_000
VIRTUAL_TOKENS = 279_900_000_000_000
REAL_TOKENS = 793_100_000_000_000
CURVE_RENT = 1_231_920
FEE_BPS, CREATOR_BPS = 95, 5
FULL_CURVE_SOL = 85_000_000_000


class PumpCurve:
    """One mint's bonding curve against SOL; its reserves are what its accounts hold."""

    venue = "pump_fun"

    def __init__(
        self, addresses: Addresses, mint: str, creator: str, program: str = p.TOKEN
    ) -> None:
        self.mint, self.creator, self.program = mint, creator, program
        self.address = addresses.derived(p.PUMP, b"bonding-curve", mint)
        self.vault = addresses.associated(self.address, mint, program)
        self.creator_vault = addresses.derived(p.PUMP, b"creator-vault", creator)
        self._addresses = addresses
        self.mints = (p.WSOL, mint)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The pool's own accounts, which look-up tables list."""
        return (self.address, self.vault, self.creator_vault, self.mint)

    def found(self, ledger: Ledger, sold: int) -> None:
        """Set the curve up at genesis with `sold` lamports already in it."""
        tokens = VIRTUAL_SOL * (REAL_TOKENS + VIRTUAL_TOKENS) // (VIRTUAL_SOL + sold)
        ledger.lamports[self.address] = CURVE_RENT + sold
        newer = self.program == p.TOKEN_2022
        ledger.lamports[self.vault] = p.TOKEN_2022_RENT if newer else p.TOKEN_RENT
        amount = tokens - VIRTUAL_TOKENS
        ledger.tokens[self.vault] = Token(self.mint, self.address, self.program, 6, amount)
        ledger.lamports.setdefault(self.creator_vault, 890_880)

    def reserves(self, ledger: Ledger | Transaction) -> tuple[int, int]:
        """Return virtual SOL and token reserves."""
        sol = lamports_of(ledger, self.address) - CURVE_RENT + VIRTUAL_SOL
        return sol, amount_of(ledger, self.vault) + VIRTUAL_TOKENS

    def swap(self, tx: Transaction, order: Order) -> Fill:
        """Add a buy (SOL given) or a sell (tokens given)."""
        if order.sold_mint == p.WSOL:
            return self._buy(tx, order)
        return self._sell(tx, order)

    def _buy(self, tx: Transaction, order: Order) -> Fill:
        sol = order.amount * 10_000 // (10_000 + FEE_BPS + CREATOR_BPS)
        fee, creator_fee = share(sol, FEE_BPS), share(sol, CREATOR_BPS)
        reserve_sol, reserve_tokens = self.reserves(tx)
        tokens = out_given_in(reserve_sol, reserve_tokens, sol)
        if tokens > amount_of(tx, self.vault) or reserve_sol + sol > FULL_CURVE_SOL + VIRTUAL_SOL:
            raise ValueError("the curve is sold out")
        user_volume = self._addresses.derived(p.PUMP, b"user_volume_accumulator", order.user)
        accounts = (
            *(p.PUMP_GLOBAL, p.PUMP_FEE_RECIPIENT, self.mint, self.address, self.vault),
            *(order.target, order.user, p.SYSTEM, self.program, self.creator_vault),
            *(p.PUMP_EVENT_AUTHORITY, p.PUMP, p.PUMP_VOLUME, user_volume, *self._fee_accounts()),
        )
        data = BUY + u64(tokens) + u64(order.amount * 105 // 100)
        tx.call(p.PUMP, accounts, data, name="Buy")
        tx.writes(p.PUMP_VOLUME, user_volume)
        tx.enter()
        self._ask_fees(tx, sol)
        tx.send(self.vault, order.target, self.address, tokens, checked=self._is_newer)
        tx.pay(order.user, self.creator_vault, creator_fee)
        tx.pay(order.user, self.address, sol)
        tx.pay(order.user, p.PUMP_FEE_RECIPIENT, fee)
        self._tell(tx, order, sol, tokens, buy=True)
        tx.leave()
        return Fill(p.WSOL, sol, self.mint, tokens, tokens)

    def _sell(self, tx: Transaction, order: Order) -> Fill:
        reserve_sol, reserve_tokens = self.reserves(tx)
        sol = out_given_in(reserve_tokens, reserve_sol, order.amount)
        if sol > reserve_sol - VIRTUAL_SOL:
            raise ValueError("the curve lacks SOL")
        fee, creator_fee = share(sol, FEE_BPS), share(sol, CREATOR_BPS)
        received = sol - fee - creator_fee
        if received <= 0:
            raise ValueError("nothing comes out")
        accounts = (
            *(p.PUMP_GLOBAL, p.PUMP_FEE_RECIPIENT, self.mint, self.address, self.vault),
            *(order.source, order.user, p.SYSTEM, self.creator_vault, self.program),
            *(p.PUMP_EVENT_AUTHORITY, p.PUMP, *self._fee_accounts()),
        )
        data = SELL + u64(order.amount) + u64(received * 95 // 100)
        tx.call(p.PUMP, accounts, data, name="Sell")
        tx.enter()
        self._ask_fees(tx, sol)
        tx.send(order.source, self.vault, order.user, order.amount, checked=self._is_newer)
        tx.move(self.address, order.user, received)
        tx.move(self.address, p.PUMP_FEE_RECIPIENT, fee)
        tx.move(self.address, self.creator_vault, creator_fee)
        self._tell(tx, order, sol, order.amount, buy=False)
        tx.leave()
        return Fill(self.mint, order.amount, p.WSOL, sol, received)

    @property
    def _is_newer(self) -> bool:
        """Whether the curve is one of those of 2026: a Token-2022 mint, fees asked for."""
        return self.program == p.TOKEN_2022

    def _fee_accounts(self) -> tuple[str, ...]:
        return (p.PUMP_FEE_CONFIG, p.PUMP_FEES) if self._is_newer else ()

    def _ask_fees(self, tx: Transaction, sol: int) -> None:
        if self._is_newer:
            reserve_sol, reserve_tokens = self.reserves(tx)
            cap = reserve_sol * 10**15 // reserve_tokens
            data = GET_FEES + b"\x01" + cap.to_bytes(16, "little") + u64(sol)
            tx.call(p.PUMP_FEES, (p.PUMP_FEE_CONFIG, p.PUMP), data, name="GetFees")

    def _tell(self, tx: Transaction, order: Order, sol: int, tokens: int, *, buy: bool) -> None:
        virtual_sol, virtual_tokens = self.reserves(tx)
        event = b"".join(
            (
                TRADE_EVENT,
                raw(self.mint),
                u64(sol) + u64(tokens) + bytes([buy]),
                raw(order.user),
                u64(order.time),
                u64(virtual_sol) + u64(virtual_tokens),
                u64(virtual_sol - VIRTUAL_SOL) + u64(virtual_tokens - VIRTUAL_TOKENS),
                raw(p.PUMP_FEE_RECIPIENT),
                u64(FEE_BPS) + u64(share(sol, FEE_BPS)),
                raw(self.creator),
                u64(CREATOR_BPS) + u64(share(sol, CREATOR_BPS)),
                bytes(33),
            )
        )
        tx.call(p.PUMP, (p.PUMP_EVENT_AUTHORITY,), p.EVENT + event, event=event)
