"""Projected summaries in DynamoDB: one item a wallet, one read to serve it."""

from collections.abc import Collection, Mapping

from pynamodb.exceptions import PutError

from oof.adapters.dynamo.items import CONDITION_FAILED, HotTable, faults_named
from oof.domain.snapshot.codec import decode_summary, encode_summary
from oof.domain.snapshot.model import WalletSummary
from oof.domain.units import Address


class DynamoSummaryStore:
    """A `SummaryStore` over the hot table."""

    def __init__(self, table: HotTable) -> None:
        self._table = table

    def get(self, wallet: Address) -> WalletSummary | None:
        """See `SummaryStore`; reads what was last written, wherever it was written."""
        items = self._table.summaries
        with faults_named():
            try:
                item = items.get(_pk(wallet), "SUMMARY", consistent_read=True)
            except items.DoesNotExist:
                return None
        return decode_summary(item.body)

    def get_many(self, wallets: Collection[Address]) -> Mapping[Address, WalletSummary]:
        """See `SummaryStore`; what the table puts off is asked for again."""
        keys = [(_pk(wallet), "SUMMARY") for wallet in dict.fromkeys(wallets)]
        with faults_named():
            items = list(self._table.summaries.batch_get(keys, consistent_read=True))
        found = map(decode_summary, (item.body for item in items))
        return {summary.address: summary for summary in found}

    def put_if_newer(self, summary: WalletSummary) -> bool:
        """See `SummaryStore`."""
        items = self._table.summaries
        item = items(
            pk=_pk(summary.address),
            epoch=summary.epoch,
            revision=summary.revision,
            body=encode_summary(summary),
        )
        is_newer = (
            items.pk.does_not_exist()
            | (items.epoch < summary.epoch)
            | ((items.epoch == summary.epoch) & (items.revision < summary.revision))
        )
        with faults_named():
            try:
                item.save(condition=is_newer)
            except PutError as fault:
                if fault.cause_response_code == CONDITION_FAILED:
                    return False
                raise
        return True


def _pk(wallet: Address) -> str:
    return f"WALLET#{wallet}"
