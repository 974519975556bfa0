"""What routes answer with: on-chain amounts exact and as strings, times in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from oof.domain.jobs import WorkKind, WorkStatus
from oof.domain.labels import LabelKind, label_of
from oof.domain.prices.candles import Source
from oof.domain.snapshot.model import (
    Provisional,
    UnseenCode,
    WalletState,
    WatchedBy,
)
from oof.domain.tokens import Amount
from oof.domain.tokens_facts import TokenAnomaly, TokenSource
from oof.domain.transactions.model import Kind, Mark, Role, Status
from oof.domain.units import UnixSeconds
from oof.entrypoints.http import examples


def utc(moment: UnixSeconds) -> datetime:
    """Unix seconds as an aware UTC time."""
    return datetime.fromtimestamp(moment, UTC)


def utc_or_none(moment: UnixSeconds | None) -> datetime | None:
    """The same, where there is one."""
    return None if moment is None else utc(moment)


class Body(BaseModel):
    """A body; fields are as documented and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def shown_by(example: dict[str, Any], **told: str) -> ConfigDict:
    """A body's configuration with its example, and what else its schema tells."""
    shown: dict[str, Any] = {"examples": [example], **told}
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra=shown)


LamportsText = Annotated[str, Field(pattern="^-?[0-9]+$", description="lamports, exact")]
MaybeTime = Annotated[datetime | None, Field(description="UTC; null where unknown")]


SymbolText = Annotated[
    str | None,
    Field(
        description="what the token is called, at most 32 characters: its maker's word, as "
        "providers tell it, so it proves nothing and two tokens may share one; null where nobody "
        "told, and where it poses as a token that everybody knows"
    ),
]


@dataclass(slots=True, kw_only=True)
class AmountBody:
    """An on-chain amount, exact.

    A plain class: a page has hundreds, and making a model of each took a fifth of its time.
    """

    __pydantic_config__: ClassVar[ConfigDict] = shown_by(
        examples.AMOUNT, description="An on-chain amount, exact."
    )

    raw: Annotated[str, Field(pattern="^-?[0-9]+$", description="base units; signed for deltas")]
    decimals: Annotated[int | None, Field(description="null where the mint's are unknown")]
    ui: Annotated[str | None, Field(description="raw shifted by decimals; null without them")]
    mint: str
    symbol: SymbolText

    @classmethod
    def of(cls, amount: Amount) -> "AmountBody":
        """The body of an amount."""
        return cls(
            raw=str(amount.raw),
            decimals=amount.decimals,
            ui=amount.ui,
            mint=amount.mint,
            symbol=amount.symbol,
        )


class CountsBody(Body):
    """Transactions in which the wallet is fee payer, signer, or an owner with a change."""

    last_1d: Annotated[int, Field(alias="1d", description="24 whole hours and the running one")]
    last_7d: Annotated[int, Field(alias="7d", description="7 whole UTC days and today")]
    last_30d: Annotated[int, Field(alias="30d", description="30 whole UTC days and today")]
    all: Annotated[int, Field(description="all that are stored")]
    failed: Annotated[int, Field(description="of all, those that failed")]


class BalanceBody(Body):
    """The newest post-balance of one mint, as the chain stated it."""

    amount: AmountBody
    slot_ref: int
    provisional: list[Provisional]
    order_unknown: Annotated[
        bool, Field(description="the order within its slot could not be learnt: by signature")
    ] = False


class VenueBody(Body):
    """How often the wallet traded at a venue."""

    venue: str
    trades: int


class PaidBody(Body):
    """SOL paid, by kind."""

    network_fee_lamports: LamportsText
    priority_fee_lamports: LamportsText
    tip_lamports: LamportsText
    other_fees_lamports: Annotated[
        dict[str, LamportsText], Field(description="platform, protocol, bot fees … by kind")
    ]
    total_lamports: LamportsText


class UnseenBody(Body):
    """What may have happened without being shown, until it is looked for again."""

    code: Annotated[
        UnseenCode,
        Field(
            description="`token_accounts`: a change of a known token account that left the "
            "wallet's lamports alone; `unlisted_token_accounts`: a transfer into a token account "
            "that no list names yet, or changes that undid each other"
        ),
    ]
    since: Annotated[datetime, Field(description="when it was last ruled out")]
    every_sec: Annotated[int, Field(description="how often it is ruled out, in seconds")]


class CoverageBody(Body):
    """Which part of the history is stored, proven by listings."""

    addresses: Annotated[int, Field(description="listed: the wallet and its token accounts")]
    complete: bool
    oldest_time: MaybeTime
    newest_time: MaybeTime
    stopped_by: Annotated[str | None, Field(description="the ceiling that ended the last run")]
    unseen: Annotated[
        list[UnseenBody], Field(description="what looks between two listings cannot see")
    ]
    watch: Annotated[
        WatchedBy,
        Field(
            description="`webhook`: reported as it happens; `polling`: looked at or listed at "
            "intervals, because no webhook names it yet or it moves too much"
        ),
    ]
    live_since: Annotated[
        datetime | None,
        Field(description="since when nothing is between what was listed and what is reported"),
    ]


class LastErrorBody(Body):
    """The last failure since the last success."""

    model_config = shown_by(examples.LAST_ERROR)

    code: str
    at: datetime
    retry_at: MaybeTime


class JobLinkBody(Body):
    """Where to watch work under way."""

    model_config = shown_by(examples.JOB_LINK)

    id: str
    href: str


class HoldingBody(Body):
    """One mint over all the wallet's accounts."""

    amount: AmountBody
    accounts: Annotated[int, Field(description="token accounts it is spread over")]
    sig_ref: Annotated[str, Field(description="the transaction of the newest change")]
    slot_ref: int
    provisional: list[Provisional]
    order_unknown: Annotated[
        bool, Field(description="the order within its slot could not be learnt: by signature")
    ] = False


class HoldingsBody(Body):
    """A page of holdings, latest met mint first."""

    model_config = shown_by(examples.HOLDINGS)

    address: str
    state: WalletState
    as_of_slot: int | None
    items: list[HoldingBody]
    next_cursor: str | None


UsdText = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$", description="USD, exact")]


class CandleBody(Body):
    """What one whole token was worth within a bucket of time, and on whose word."""

    time: Annotated[datetime, Field(description="start of the bucket, UTC")]
    open: UsdText
    high: UsdText
    low: UsdText
    close: UsdText
    volume_usd: Annotated[str | None, Field(description="null where the source does not say")]
    price_source: Annotated[Source, Field(description="of several, the one to believe least")]
    confidence: Annotated[int, Field(ge=0, le=100, description="percent")]


class PricesBody(Body):
    """A page of prices, oldest first; a bucket that nobody told of is not there."""

    model_config = shown_by(examples.PRICES)

    mint: str
    tf: str
    pending: Annotated[bool, Field(description="days that a trade touched are still to be asked")]
    items: list[CandleBody]
    next_cursor: str | None


class TokenBody(Body):
    """What a token is called, and on whose word; what nobody told is null, never guessed."""

    model_config = shown_by(examples.TOKEN)

    mint: str
    symbol: SymbolText
    name: Annotated[
        str | None, Field(description="at most 128 characters; as little proof as a symbol is")
    ]
    decimals: Annotated[
        int | None, Field(description="the chain's; as told where no stored transaction says")
    ]
    logo: Annotated[
        str | None,
        Field(description="an https link as told; nobody here has ever followed it"),
    ]
    verified: Annotated[
        bool | None,
        Field(description="whether `source` reviewed the token; null where it does not say"),
    ]
    source: Annotated[
        TokenSource | None,
        Field(description="who told; `list`: our own of tokens everybody knows; null: nobody yet"),
    ]
    as_of: Annotated[datetime | None, Field(description="when it was told last, UTC")]
    asked_at: Annotated[
        datetime | None,
        Field(
            description="when somebody was asked last, UTC; null: not yet. What is told is asked "
            "again after 6 hours, what nobody knows after 15 minutes, then ever later, up to a week"
        ),
    ]
    anomalies: Annotated[
        list[TokenAnomaly],
        Field(
            description="`decimals_differ`: others than the chain's were told; `poses_as_known`: "
            "it bears the symbol of a token everybody knows, and is shown without"
        ),
    ]


class TradeBody(Body):
    """One intent to trade: what its route took and gave."""

    sold: AmountBody
    bought: AmountBody
    venue: str
    route: list[str]
    role: Role
    arbitrage: bool
    terminal: str | None
    outer_index: int
    sig_ref: str
    slot_ref: int


class LabelBody(Body):
    """What an address is known to be, from lists in this API's repository; none is fetched."""

    model_config = shown_by(examples.LABEL)

    kind: Annotated[
        LabelKind,
        Field(
            description="`exchange`: a wallet that an exchange said is its own; `program`; "
            "`terminal`: a program of a trading terminal or bot; `tip`: takes tips for a place in "
            "a block; `terminal_fee`, `protocol_fee`: takes such fees; `burn`: nobody has its key"
        ),
    ]
    name: Annotated[str, Field(description="in lower case, as `venue` and `terminal` are named")]
    source: Annotated[
        str, Field(description="a page, or a file of the repository whose head names its pages")
    ]
    version: Annotated[int, Field(description="of the list; raised with each of its changes")]


def label_body(address: str | None) -> LabelBody | None:
    """The label of an address as a body; None where it has none."""
    label = None if address is None else label_of(address)
    if label is None:
        return None
    return LabelBody(kind=label.kind, name=label.name, source=label.source, version=label.version)


class MovementBody(Body):
    """One signed amount on the wallet's side, and why it moved.

    `mark` tells what arrived unasked: to be hidden at first, never left out of a sum.
    """

    kind: Kind
    amount: AmountBody
    counterparty: str | None
    label: Annotated[
        LabelBody | None, Field(description="of the counterparty; null of what is not known")
    ]
    mark: Mark | None
    sig_ref: str
    slot_ref: int


class AnomalyBody(Body):
    """Something odd in the chain's data."""

    model_config = shown_by(examples.ANOMALY)

    code: str
    detail: str


class TransactionBody(Body):
    """A transaction, as it concerns the wallet."""

    signature: str
    slot: int
    tx_index: Annotated[int | None, Field(description="position in its block, once known")]
    block_time: MaybeTime
    time_estimated: Annotated[
        bool, Field(description="the chain's time is missing; interpolated between slots")
    ]
    status: Status
    fee_payer: str
    fee_lamports: Annotated[LamportsText, Field(description="base and priority fee together")]
    trades: list[TradeBody]
    movements: list[MovementBody]
    anomalies: list[AnomalyBody]
    version: Annotated[int, Field(description="of the normalizer that read it")]
    provisional: Annotated[list[Provisional], Field(description="why it may still change")] = []
    order_unknown: Annotated[
        bool, Field(description="the order within its slot could not be learnt: by signature")
    ] = False


class TransactionsBody(Body):
    """A page of transactions in chain order, newest first."""

    model_config = shown_by(examples.TRANSACTIONS)

    address: str
    state: WalletState
    as_of_slot: int | None
    items: Annotated[
        list[TransactionBody],
        Field(description="under a narrow filter a page may come short and still have a next one"),
    ]
    next_cursor: str | None


class ProgressBody(Body):
    """How much is done."""

    done: int
    total: Annotated[int | None, Field(description="once the listing tells; null until then")]
    expected: Annotated[
        int | None,
        Field(
            description="until the total is known: as many in the rest of the time asked for as in "
            "what is stored of it"
        ),
    ]
    unit: str
    eta_s: Annotated[
        int | None, Field(description="at the pace measured so far; null where there is no telling")
    ]


class JobBody(Body):
    """One caller's view of work under way."""

    model_config = shown_by(examples.JOB)

    id: str
    kind: WorkKind
    wallet: Annotated[str, Field(description="of a group: the first by address")]
    status: WorkStatus
    progress: ProgressBody
    cancel_requested: Annotated[
        bool, Field(description="it stops before its next chunk; what is stored stays")
    ]
    reason: Annotated[
        str | None, Field(description="a stable code: why it ended partial, failed or cancelled")
    ]
    result: Annotated[
        str | None, Field(description="where the result is, once there is one of its own to read")
    ]
    created_at: datetime
    started_at: MaybeTime
    updated_at: datetime
    finished_at: MaybeTime


class ProblemFieldBody(Body):
    """What is wrong with one field."""

    field: str
    expected: str


class ProblemBody(Body):
    """An RFC 9457 problem."""

    model_config = shown_by(examples.PROBLEM)

    type: Annotated[str, Field(description="leads to the problem's description")]
    title: str
    status: int
    detail: str
    instance: str
    code: Annotated[str, Field(description="stable; what programs should look at")]
    request_id: str
    errors: Annotated[
        list[ProblemFieldBody], Field(description="by field, where any is wrong")
    ] = []
