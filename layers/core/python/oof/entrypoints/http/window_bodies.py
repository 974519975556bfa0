"""The days an answer is about, as a body."""

from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field

from oof.domain.windows import AskedDays, DaySpan, Window, day_date
from oof.entrypoints.http.bodies import Body, shown_by

WINDOW: Final[dict[str, Any]] = {"code": "30d", "from": "2025-05-03", "to": "2025-06-01"}


class WindowBody(Body):
    """Whole UTC days, both ends included."""

    model_config = shown_by(WINDOW)

    code: Annotated[Window | None, Field(description="null for days from one to another")]
    first: Annotated[
        date | None,
        Field(
            alias="from",
            description="null without a first day: then trades whose time nobody knows count too",
        ),
    ]
    last: Annotated[date, Field(alias="to", description="the last day that is counted")]


def window_body(asked: AskedDays, *, covered: DaySpan | None = None) -> WindowBody:
    """The days that were asked for, or those that the answer really covers."""
    span = covered or asked.span
    first = None if span.first is None else day_date(span.first)
    return WindowBody.model_validate(
        {"code": asked.window, "from": first, "to": day_date(span.last)}
    )
