"""PumpSwap, where finished curves trade on: buy and sell as of August 2025, events included."""

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import Addresses, raw
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.generated.transaction import Transaction, u64
from local.upstream.generated.venue import Fill, Order, amount_of, out_given_in, share

BUY = bytes.fromhex("66063d1201daebea")
SELL = bytes.fromhex("33e685a4017f83ad")
BUY_EVENT = bytes.fromhex("67f4521f2cf57777")
SELL_EVENT = bytes.fromhex("3e2f370aa503dc2a")
LP_BPS, PROTOCOL_BPS, CREATOR_BPS = 20, 5, 5
POOL_RENT = 2_978_880


class PumpPool:
    """One PumpSwap pool: a token (base) against wrapped SOL (quote)."""

    venue = "pump_swap"

    def __init__(self, addresses: Addresses, mint: str, creator: str) -> None:
        self.mint, self.creator = mint, creator
        self.address = addresses.derived(p.PUMP_AMM, b"pool", mint)
        self.base = addresses.associated(self.address, mint, p.TOKEN)
        self.quote = addresses.associated(self.address, p.WSOL, p.TOKEN)
        self.authority = addresses.derived(p.PUMP_AMM, b"creator_vault", creator)
        self.creator_quote = addresses.associated(self.authority, p.WSOL, p.TOKEN)
        self.protocol_quote = addresses.associated(p.PUMP_AMM_FEE_RECIPIENT, p.WSOL, p.TOKEN)
        self._addresses = addresses
        self.mints = (p.WSOL, mint)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The pool's own accounts, which look-up tables list."""
        return (self.address, self.base, self.quote, self.creator_quote, self.protocol_quote)

    def found(self, ledger: Ledger, tokens: int, sol: int) -> None:
        """Set the pool up at genesis."""
        ledger.lamports[self.address] = POOL_RENT
        ledger.lamports[self.base] = p.TOKEN_RENT
        ledger.tokens[self.base] = Token(self.mint, self.address, p.TOKEN, 6, tokens)
        for account, owner, amount in (
            (self.quote, self.address, sol),
            (self.creator_quote, self.authority, 0),
            (self.protocol_quote, p.PUMP_AMM_FEE_RECIPIENT, 0),
        ):
            ledger.lamports[account] = p.TOKEN_RENT + amount
            ledger.tokens[account] = Token(p.WSOL, owner, p.TOKEN, 9, amount)

    def reserves(self, ledger: Ledger | Transaction) -> tuple[int, int]:
        """Return SOL and token reserves."""
        return amount_of(ledger, self.quote), amount_of(ledger, self.base)

    def swap(self, tx: Transaction, order: Order) -> Fill:
        """Add a buy (SOL given) or a sell (tokens given)."""
        if order.sold_mint == p.WSOL:
            return self._buy(tx, order)
        return self._sell(tx, order)

    def _buy(self, tx: Transaction, order: Order) -> Fill:
        # each of the three fees is rounded up
        quote = (order.amount - 3) * 10_000 // (10_000 + LP_BPS + PROTOCOL_BPS + CREATOR_BPS)
        lp, protocol, creator = (share(quote, bps) for bps in (LP_BPS, PROTOCOL_BPS, CREATOR_BPS))
        reserve_sol, reserve_tokens = self.reserves(tx)
        base = out_given_in(reserve_sol, reserve_tokens, quote)
        held = (amount_of(tx, order.target), amount_of(tx, order.source))
        volume = self._addresses.derived(p.PUMP_AMM, b"user_volume_accumulator", order.user)
        accounts = (*self._accounts(order.user, order.target, order.source), p.PUMP_AMM_VOLUME)
        data = BUY + u64(base) + u64(order.amount * 105 // 100)
        tx.call(p.PUMP_AMM, (*accounts, volume), data, name="Buy")
        tx.writes(p.PUMP_AMM_VOLUME, volume, self.address)
        tx.enter()
        tx.send(self.base, order.target, self.address, base, checked=True)
        tx.send(order.source, self.quote, order.user, quote + lp, checked=True)
        tx.send(order.source, self.protocol_quote, order.user, protocol, checked=True)
        tx.send(order.source, self.creator_quote, order.user, creator, checked=True)
        amounts = (
            *(order.time, base, order.amount * 105 // 100, *held, reserve_tokens, reserve_sol),
            *(quote, LP_BPS, lp, PROTOCOL_BPS, protocol, quote + lp),
            quote + lp + protocol + creator,
        )
        self._tell(tx, BUY_EVENT, order, amounts, creator, (order.target, order.source))
        tx.leave()
        return Fill(p.WSOL, quote + lp, self.mint, base, base)

    def _sell(self, tx: Transaction, order: Order) -> Fill:
        reserve_sol, reserve_tokens = self.reserves(tx)
        quote = out_given_in(reserve_tokens, reserve_sol, order.amount)
        lp, protocol, creator = (share(quote, bps) for bps in (LP_BPS, PROTOCOL_BPS, CREATOR_BPS))
        received = quote - lp - protocol - creator
        if received <= 0:
            raise ValueError("nothing comes out")
        held = (amount_of(tx, order.source), amount_of(tx, order.target))
        data = SELL + u64(order.amount) + u64(received * 95 // 100)
        accounts = self._accounts(order.user, order.source, order.target)
        tx.call(p.PUMP_AMM, accounts, data, name="Sell")
        tx.writes(self.address)
        tx.enter()
        tx.send(order.source, self.base, order.user, order.amount, checked=True)
        tx.send(self.quote, order.target, self.address, received, checked=True)
        tx.send(self.quote, self.protocol_quote, self.address, protocol, checked=True)
        tx.send(self.quote, self.creator_quote, self.address, creator, checked=True)
        amounts = (
            *(order.time, order.amount, received * 95 // 100, *held, reserve_tokens, reserve_sol),
            *(quote, LP_BPS, lp, PROTOCOL_BPS, protocol, quote - lp, received),
        )
        self._tell(tx, SELL_EVENT, order, amounts, creator, (order.source, order.target))
        tx.leave()
        return Fill(self.mint, order.amount, p.WSOL, quote - lp, received)

    def _accounts(self, user: str, user_base: str, user_quote: str) -> tuple[str, ...]:
        return (
            *(self.address, user, p.PUMP_AMM_CONFIG, self.mint, p.WSOL, user_base, user_quote),
            *(self.base, self.quote, p.PUMP_AMM_FEE_RECIPIENT, self.protocol_quote, p.TOKEN),
            *(p.TOKEN, p.SYSTEM, p.ASSOCIATED, p.PUMP_AMM_EVENT_AUTHORITY, p.PUMP_AMM),
            *(self.creator_quote, self.authority),
        )

    def _tell(
        self,
        tx: Transaction,
        kind: bytes,
        order: Order,
        amounts: tuple[int, ...],
        creator_fee: int,
        user_accounts: tuple[str, str],
    ) -> None:
        recipients = (p.PUMP_AMM_FEE_RECIPIENT, self.protocol_quote, self.creator)
        parties = (self.address, order.user, *user_accounts, *recipients)
        event = b"".join(
            (
                kind,
                *map(u64, amounts),
                *map(raw, parties),
                u64(CREATOR_BPS) + u64(creator_fee),
                bytes(33) if kind == BUY_EVENT else b"",
            )
        )
        tx.call(p.PUMP_AMM, (p.PUMP_AMM_EVENT_AUTHORITY,), p.EVENT + event, event=event)
