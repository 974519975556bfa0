"""Pages of facts as bodies."""

from oof.domain.snapshot.model import provisional_of
from oof.domain.tokens import Amount
from oof.domain.units import Address
from oof.entrypoints.http.bodies import (
    AmountBody,
    AnomalyBody,
    HoldingBody,
    HoldingsBody,
    MovementBody,
    TradeBody,
    TransactionBody,
    TransactionsBody,
    label_body,
    utc_or_none,
)
from oof.ports.history import (
    HoldingPage,
    HoldingRecord,
    MovementRecord,
    TradeRecord,
    TransactionPage,
    TransactionRecord,
)


def holdings_body(wallet: Address, page: HoldingPage, cursor: str | None) -> HoldingsBody:
    """The body of a page of holdings."""
    return HoldingsBody(
        address=wallet,
        state=page.head.state,
        as_of_slot=page.head.as_of_slot,
        items=[_holding(record) for record in page.records],
        next_cursor=cursor,
    )


def transactions_body(
    wallet: Address, page: TransactionPage, cursor: str | None
) -> TransactionsBody:
    """The body of a page of transactions."""
    return TransactionsBody(
        address=wallet,
        state=page.head.state,
        as_of_slot=page.head.as_of_slot,
        items=[_transaction(record) for record in page.records],
        next_cursor=cursor,
    )


def _holding(record: HoldingRecord) -> HoldingBody:
    amount = Amount(record.raw, record.decimals, record.mint, record.symbol)
    return HoldingBody(
        amount=AmountBody.of(amount),
        accounts=record.accounts,
        sig_ref=record.signature,
        slot_ref=record.slot,
        provisional=provisional_of(
            history_partial=record.is_history_partial,
            order_unresolved=record.is_order_unresolved,
            soft=record.is_soft,
        ),
        order_unknown=record.is_order_unknown,
    )


def _transaction(record: TransactionRecord) -> TransactionBody:
    return TransactionBody(
        signature=record.signature,
        slot=record.slot,
        tx_index=record.tx_index,
        block_time=utc_or_none(record.block_time),
        time_estimated=record.is_time_estimated,
        status=record.status,
        fee_payer=record.fee_payer,
        fee_lamports=str(record.fee_lamports),
        trades=[_trade(trade, record) for trade in record.trades],
        movements=[_movement(movement, record) for movement in record.movements],
        anomalies=[AnomalyBody(code=each.code, detail=each.detail) for each in record.anomalies],
        version=record.normalizer_version,
        provisional=provisional_of(
            order_unresolved=record.is_order_unresolved, soft=record.is_soft
        ),
        order_unknown=record.is_order_unknown,
    )


def _trade(trade: TradeRecord, record: TransactionRecord) -> TradeBody:
    sold = Amount(trade.sold_raw, trade.sold_decimals, trade.sold_mint, trade.sold_symbol)
    bought = Amount(trade.bought_raw, trade.bought_decimals, trade.bought_mint, trade.bought_symbol)
    return TradeBody(
        sold=AmountBody.of(sold),
        bought=AmountBody.of(bought),
        venue=trade.venue,
        route=list(trade.route),
        role=trade.role,
        arbitrage=trade.arbitrage,
        terminal=trade.terminal,
        outer_index=trade.outer_index,
        sig_ref=record.signature,
        slot_ref=record.slot,
    )


def _movement(movement: MovementRecord, record: TransactionRecord) -> MovementBody:
    amount = Amount(movement.delta_raw, movement.decimals, movement.mint, movement.symbol)
    return MovementBody(
        kind=movement.kind,
        amount=AmountBody.of(amount),
        counterparty=movement.counterparty,
        label=label_body(movement.counterparty),
        mark=movement.mark,
        sig_ref=record.signature,
        slot_ref=record.slot,
    )
