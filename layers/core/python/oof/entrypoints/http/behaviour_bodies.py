"""Portraits as bodies. Metrics are described by the docstrings of their one definition."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, PlainSerializer

from oof.domain.behaviour import model
from oof.domain.behaviour.codec import encode_behaviour
from oof.domain.behaviour.model import Behaviour, Reason
from oof.domain.classification.codec import StoredVerdict
from oof.domain.classification.model import VerdictKind
from oof.domain.snapshot.model import Provisional, WalletState, provisional_of
from oof.domain.units import Address
from oof.domain.windows import AskedDays
from oof.entrypoints.http.behaviour_examples import example_portrait
from oof.entrypoints.http.bodies import Body, MaybeTime, shown_by, utc_or_none
from oof.entrypoints.http.examples import WALLET
from oof.entrypoints.http.window_bodies import WINDOW, WindowBody, window_body
from oof.ports.portraits import PortraitDetail

BLOCKS: Final = (
    model.Spread,
    model.MoneySpread,
    model.Sample,
    model.Rhythm,
    model.Pace,
    model.Sessions,
    model.Holding,
    model.Sizing,
    model.Leaving,
    model.Reentry,
    model.Launches,
    model.NamedShare,
    model.Mix,
    model.Costs,
    model.Results,
    model.Behaviour,
)
"""What the domain defines metrics in; their descriptions are read off it."""
for _block in BLOCKS:
    setattr(_block, "__pydantic_config__", ConfigDict(use_attribute_docstrings=True))  # noqa: B010

_HEAD: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "window": WINDOW,
    "as_of_slot": 343_000_123,
    "portrayed_at": "2025-06-01T12:30:00Z",
    "updating": False,
    "provisional": [],
}


def _example_behaviour() -> dict[str, Any]:
    return {**_HEAD, "behaviour": example_portrait()[0]}


def _example_classification() -> dict[str, Any]:
    _, verdicts = example_portrait()
    axes = [_untyped(each) for each in verdicts if each["kind"] == VerdictKind.AXIS]
    badges = [_untyped(each) for each in verdicts if each["kind"] == VerdictKind.BADGE]
    return {**_HEAD, "version": 1, "axes": axes, "badges": badges}


def _untyped(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "kind"}


BEHAVIOUR_EXAMPLE: Final = _example_behaviour()
CLASSIFICATION_EXAMPLE: Final = _example_classification()


class PortraitBody(Body):
    """What a portrait is of, and how sure it is."""

    address: str
    state: WalletState
    window: Annotated[
        WindowBody,
        Field(description="the days that are counted; they end when the portrait was made"),
    ]
    as_of_slot: Annotated[int | None, Field(description="everything up to it is counted")]
    portrayed_at: Annotated[MaybeTime, Field(description="null before the first portrait")]
    updating: Annotated[bool, Field(description="something changed that is not counted yet")]
    provisional: Annotated[
        list[Provisional], Field(description="why it may change without a new transaction")
    ]


class BehaviourBody(PortraitBody):
    """How a wallet trades within a window: every metric, null where its sample is too small."""

    model_config = shown_by(BEHAVIOUR_EXAMPLE)

    behaviour: Annotated[
        Behaviour | None,
        # decimals in plain notation
        PlainSerializer(lambda told: None if told is None else encode_behaviour(told)),
        Field(description="null before the first portrait"),
    ]


class VerdictBody(Body):
    """What one rule says."""

    name: str
    value: Annotated[
        str | None,
        Field(description="of axes one of several, of badges `yes` or `no`; null: nothing is said"),
    ]
    rule: Annotated[str, Field(description="in words, with its thresholds")]
    sample: Annotated[int, Field(description="how many it rests on")]
    least: Annotated[int, Field(description="below so many nothing is said")]
    evidence: Annotated[
        dict[str, str | int | None],
        Field(description="the metrics it rests on, by their path in `behaviour`"),
    ]
    signatures: Annotated[
        list[str], Field(description="up to three transactions that show it", max_length=3)
    ]
    confidence: Annotated[
        str | None,
        Field(
            description="0 to 1: how far the rule can be trusted * sample / (sample + least); "
            "null where nothing is said"
        ),
    ]
    missing: Annotated[Reason | None, Field(description="why nothing is said")]


class ClassificationBody(PortraitBody):
    """What a wallet is classed as within a window."""

    model_config = shown_by(CLASSIFICATION_EXAMPLE)

    version: Annotated[int | None, Field(description="of the rules; null before the first")]
    axes: Annotated[list[VerdictBody], Field(description="one value of several each")]
    badges: Annotated[list[VerdictBody], Field(description="`yes` or `no` each")]


def behaviour_body(wallet: Address, asked: AskedDays, found: PortraitDetail) -> BehaviourBody:
    """The body of a wallet's behaviour."""
    behaviour = None if found.stored is None else found.stored.portrait.behaviour
    return BehaviourBody(**_head(wallet, asked, found), behaviour=behaviour)


def classification_body(
    wallet: Address, asked: AskedDays, found: PortraitDetail
) -> ClassificationBody:
    """The body of what a wallet is classed as."""
    stored = found.stored
    verdicts = () if stored is None else stored.portrait.verdicts
    return ClassificationBody(
        **_head(wallet, asked, found),
        version=None if stored is None else stored.version,
        axes=[_verdict(each) for each in verdicts if each.kind is VerdictKind.AXIS],
        badges=[_verdict(each) for each in verdicts if each.kind is VerdictKind.BADGE],
    )


def _head(wallet: Address, asked: AskedDays, found: PortraitDetail) -> dict[str, Any]:
    head, stored = found.head, found.stored
    return {
        "address": wallet,
        "state": head.wallet.state,
        "window": window_body(asked, covered=None if stored is None else stored.portrait.span),
        "as_of_slot": None if stored is None else stored.as_of_slot,
        "portrayed_at": None if stored is None else utc_or_none(stored.portrayed_at),
        "updating": found.is_looking or head.is_folding,
        "provisional": provisional_of(
            history_partial=head.is_history_partial,
            order_unresolved=head.is_order_unresolved,
            soft=head.is_soft,
        ),
    }


def _verdict(told: StoredVerdict) -> VerdictBody:
    return VerdictBody(
        name=told.name,
        value=told.value,
        rule=told.rule,
        sample=told.sample,
        least=told.least,
        evidence=dict(told.evidence),
        signatures=list(told.signatures),
        confidence=None if told.confidence is None else f"{told.confidence:f}",
        missing=told.missing,
    )
