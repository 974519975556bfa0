"""Small normalized transactions, made to measure."""

import hashlib

from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.model import (
    AccountBalance,
    Kind,
    Movement,
    NormalizedTransaction,
    Role,
    Status,
    Trade,
)
from oof.domain.units import (
    SOL_MINT,
    Address,
    Lamports,
    Mint,
    RawAmount,
    Signature,
    Slot,
    UnixSeconds,
)

GENESIS = 1_750_000_000
SLOTS_PER_S = 2


def address(name: str) -> Address:
    """Return an address, the same for the same name."""
    return Address(encode_base58(hashlib.sha256(name.encode()).digest()))


def signature(name: str) -> Signature:
    """Return a signature, the same for the same name."""
    return Signature(encode_base58(hashlib.sha512(name.encode()).digest()))


def movement(
    owner: Address | None,
    raw: int,
    *,
    kind: Kind = Kind.TRANSFER,
    mint: Mint = SOL_MINT,
    to: Address | None = None,
) -> Movement:
    """Return one movement of `raw` base units."""
    return Movement(owner, mint, RawAmount(raw), kind, to)


def balance(
    owner: Address, pre: int, post: int, *, mint: Mint = SOL_MINT, account: Address | None = None
) -> AccountBalance:
    """Return one account's balances; its own lamports by default."""
    return AccountBalance(account or owner, owner, mint, RawAmount(pre), RawAmount(post))


def trade(trader: Address, venue: str = "pump_fun", bought: Mint | None = None) -> Trade:
    """Return one trade of SOL for `bought`."""
    return Trade(
        trader=trader,
        sold_mint=SOL_MINT,
        sold_raw=RawAmount(1_000),
        bought_mint=bought or Mint(address("mint")),
        bought_raw=RawAmount(2**70),
        venue=venue,
        route=(venue, "raydium_cpmm"),
        outer_index=2,
        role=Role.TAKER,
        arbitrage=False,
        terminal=None,
    )


def transaction(
    name: str,
    *,
    payer: Address,
    slot: int = 1_000,
    index: int | None = 0,
    time: int | None = GENESIS,
    failed: bool = False,
    movements: tuple[Movement, ...] = (),
    balances: tuple[AccountBalance, ...] = (),
    trades: tuple[Trade, ...] = (),
) -> NormalizedTransaction:
    """Return a transaction that costs its payer 5,000 lamports beside what is given."""
    fee = movement(payer, -5_000, kind=Kind.NETWORK_FEE)
    return NormalizedTransaction(
        signature=signature(name),
        slot=Slot(slot),
        tx_index=index,
        block_time=UnixSeconds(time) if time is not None else None,
        status=Status.FAILED if failed else Status.OK,
        fee_payer=payer,
        fee_lamports=Lamports(5_000),
        signers=(payer,),
        trades=trades,
        movements=(fee, *movements),
        balances=balances,
        decimals={SOL_MINT: 9},
        anomalies=(),
    )
