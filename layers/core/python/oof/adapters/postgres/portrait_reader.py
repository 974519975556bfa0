"""Stored portraits from Postgres."""

from typing import Final

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.position_reader import positions_head
from oof.domain.behaviour.codec import decode_behaviour
from oof.domain.classification.codec import decode_verdicts
from oof.domain.units import Address, UnixSeconds
from oof.domain.windows import DaySpan, Window
from oof.ports.portraits import Portrait, PortraitDetail, StoredPortrait

# By primary keys.
_PORTRAIT: Final = """
SELECT EXISTS (SELECT FROM portraits_due d WHERE d.wallet_id = %(wallet_id)s AND d.at <= now()),
    b.first_day, b.last_day, b.document, c.document, c.version, b.as_of_slot, b.portrayed_at
FROM (VALUES (1)) AS one (row)
LEFT JOIN wallet_behaviour b ON b.wallet_id = %(wallet_id)s AND b.window_code = %(window)s
LEFT JOIN wallet_classification c USING (wallet_id, window_code)
"""


class PostgresPortraitReader:
    """A `PortraitReader` over the stored portraits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def portrait(self, wallet: Address, window: Window) -> PortraitDetail | None:
        """See `PortraitReader.portrait`."""
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            asked = {"wallet_id": wallet_id, "window": window.value}
            [row] = cursor.execute(_PORTRAIT, asked).fetchall()
        is_looking, first, last, behaviour, verdicts, version, slot, at = row
        if behaviour is None:
            return PortraitDetail(head, is_looking, None)
        portrait = Portrait(
            window,
            DaySpan(first, last),
            decode_behaviour(behaviour),
            decode_verdicts(verdicts),
        )
        stored = StoredPortrait(portrait, version, slot, UnixSeconds(int(at.timestamp())))
        return PortraitDetail(head, is_looking, stored)
