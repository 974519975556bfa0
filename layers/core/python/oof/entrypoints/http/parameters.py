"""Parameters that several routes share, and the reading of what people type."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from oof.domain.errors import InvalidInput
from oof.domain.units import UnixSeconds
from oof.domain.windows import AskedDays, Window, asked_days, today_of
from oof.ports.system import Clock

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200


class Form(StrEnum):
    """How a list is written."""

    JSON = "json"
    CSV = "csv"


BASE58_SCHEMA: Final = {"pattern": "^[1-9A-HJ-NP-Za-km-z]{32,44}$"}
"""What a schema can say of an address; whether it stands for 32 bytes is looked at besides."""
AddressPath = Annotated[
    str,
    Path(
        description="the wallet's address: base58 of 32 bytes", json_schema_extra={**BASE58_SCHEMA}
    ),
]
LimitQuery = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="items a page")]
CursorQuery = Annotated[
    str | None, Query(description="`next_cursor` of the page before, with the same filters")
]

FormQuery = Annotated[
    Form, Query(alias="format", description="csv: its `Link` header leads to the next page")
]
_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
WindowQuery = Annotated[
    Window | None,
    Query(
        description="whole UTC days that end with today: 7d is today and the six days before; all "
        "by default, unless `from` or `to` is given"
    ),
]
FromDayQuery = Annotated[
    str | None,
    Query(
        alias="from",
        pattern=_DAY,
        description="first UTC day, such as 2025-06-01; not with `window`",
    ),
]
ToDayQuery = Annotated[
    str | None,
    Query(alias="to", pattern=_DAY, description="last UTC day, itself included; today by default"),
]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="within a day, the same key is the same request",
    ),
]


def parse_time(text: str | None, *, field: str) -> UnixSeconds | None:
    """Read an ISO-8601 date or time, UTC unless it says otherwise; part seconds are cut off.

    Raises InvalidInput naming `field`.
    """
    if text is None:
        return None
    try:
        # A `+` of an offset that was not escaped arrives as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise InvalidInput(
            field, "an ISO-8601 date or time, such as 2025-06-01T12:00:00Z"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return UnixSeconds(int(moment.timestamp()))


def parse_days(text: str, *, field: str) -> int:
    """Read a number of days such as `30d`. Raises InvalidInput naming `field`."""
    number = text.removesuffix("d")
    if not (number.isascii() and number.isdecimal()) or not 1 <= int(number) <= 10_000:
        raise InvalidInput(field, "a number of days, such as 30d")
    return int(number)


def parse_asked_days(
    window: Window | None, since: str | None, until: str | None, *, clock: Clock
) -> AskedDays:
    """Read `WindowQuery`, `FromDayQuery` and `ToDayQuery`. Raises InvalidInput naming one."""
    return asked_days(
        window,
        _parse_day(since, field="from"),
        _parse_day(until, field="to"),
        today=today_of(clock.now()),
    )


def _parse_day(text: str | None, *, field: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(field, "a day, such as 2025-06-01") from None
