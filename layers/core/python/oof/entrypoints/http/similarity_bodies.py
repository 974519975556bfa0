"""How alike wallets are, as bodies. Scores are plain numbers from 0 to 1: none of them is money."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from oof.app.compare_wallets import MAX_WALLETS, MIN_WALLETS, AskedWallet, Compared
from oof.app.read_neighbours import NeighbourReading
from oof.domain.similarity.features import MIN_PURCHASES, VERSION
from oof.domain.similarity.model import (
    LEAST_LIKENESS,
    WEIGHTS,
    Component,
    FirstPurchase,
    Holder,
    NoVector,
    Pair,
    Scores,
    SharedMint,
    SharedToken,
    ShareUnit,
)
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.entrypoints.http import similarity_examples as examples
from oof.entrypoints.http.bodies import Body, MaybeTime, SymbolText, shown_by, utc, utc_or_none

_REASON: Final = (
    "why there is no vector: `never_opened` (reading its summary opens it), `refused` (it is no "
    "wallet, or too active), `not_yet` (on its way), `too_few_purchases` (fewer than "
    f"{MIN_PURCHASES} of tokens within its year)"
)
_SCORES: Final = {
    "overall": "the mean of those that are known, weighed by `weights`; needs allocation or "
    "cotrading, and one more",
    "allocation": "of shares of capital by token: sum of the smaller of two shares / sum of the "
    "larger; of tokens that each put most into",
    "timing": "half: days on which both were active / days on which either was; half: how alike "
    "their hours of the week are (Bhattacharyya coefficient)",
    "cotrading": "sum over tokens that both bought of 1 / (1 + seconds between first purchases / "
    "60), / root of the product of how many each bought",
    "behaviour": "exp(-(d / 0.25)^2), d being the root mean square of differences of traits",
}
MaybeScore = Annotated[float | None, Field(ge=0, le=1)]
Matrix = list[list[MaybeScore]]


class SimilarityAskBody(Body):
    """Which wallets are compared."""

    model_config = shown_by(examples.ASK)

    wallets: Annotated[
        list[str],
        Field(
            min_length=MIN_WALLETS,
            max_length=MAX_WALLETS,
            description="addresses; order and repetition do not matter",
        ),
    ]


class ScoresBody(Body):
    """How alike two wallets are: 1 is the same, null is not known."""

    overall: Annotated[MaybeScore, Field(description=_SCORES["overall"])]
    allocation: Annotated[MaybeScore, Field(description=_SCORES["allocation"])]
    timing: Annotated[MaybeScore, Field(description=_SCORES["timing"])]
    cotrading: Annotated[MaybeScore, Field(description=_SCORES["cotrading"])]
    behaviour: Annotated[MaybeScore, Field(description=_SCORES["behaviour"])]


class MatrixBody(Body):
    """Scores of everybody with everybody: rows and columns are as `order` says."""

    overall: Annotated[Matrix, Field(description=_SCORES["overall"])]
    allocation: Annotated[Matrix, Field(description=_SCORES["allocation"])]
    timing: Annotated[Matrix, Field(description=_SCORES["timing"])]
    cotrading: Annotated[Matrix, Field(description=_SCORES["cotrading"])]
    behaviour: Annotated[Matrix, Field(description=_SCORES["behaviour"])]


class ComparedWalletBody(Body):
    """A wallet that was asked for, and what its scores rest on."""

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="its newest transaction that is counted")]
    has_vector: bool
    reason: Annotated[NoVector | None, Field(description=_REASON)]
    computed_at: Annotated[
        datetime | None, Field(description="when its vector last changed; null before the first")
    ]
    purchases: Annotated[
        int | None, Field(description="of tokens, in the 365 days that end with its newest day")
    ]
    tokens: Annotated[int | None, Field(description="that it bought within them")]
    share_unit: Annotated[
        ShareUnit | None,
        Field(description="what shares of capital are counted in: `sol` where SOL has no price"),
    ]
    active_days: int | None
    too_small: Annotated[
        list[Component],
        Field(description="components its own sample is too small for: null in all its scores"),
    ]


class PurchaseBody(Body):
    """A wallet's first purchase of a token within its year."""

    slot: int
    at: MaybeTime
    signature: str


class SharedPurchaseBody(Body):
    """A token that both of a pair bought."""

    mint: str
    symbol: SymbolText
    lag_sec: Annotated[
        float, Field(description="from the first wallet's to the second's; negative if earlier")
    ]
    first: PurchaseBody
    second: PurchaseBody


class PairBody(Body):
    """Who of two wallets bought the tokens they share first, and how soon the other followed."""

    first: str
    second: str
    scores: ScoresBody
    shared_tokens: Annotated[
        int,
        Field(
            description="that both bought; of a wallet with more than 256 tokens, of those in a "
            "fixed sample that is the same for every wallet"
        ),
    ]
    first_led: Annotated[int, Field(description="bought by `first` in an earlier slot")]
    second_led: int
    same_slot: int
    within_10s: int
    within_60s: int
    within_10m: int
    within_2_slots: int
    median_lag_sec: Annotated[
        float | None,
        Field(description="positive where `second` came later; null below 3 shared tokens"),
    ]
    median_gap_sec: Annotated[
        float | None, Field(description="whoever was first; null below 3 shared tokens")
    ]
    leader: Annotated[
        str | None,
        Field(
            description="whom the other follows: of at least 5 shared tokens earlier in 80 %, with "
            "a median gap of a minute at most; null where that is not so"
        ),
    ]
    closest: Annotated[list[SharedPurchaseBody], Field(description="the five smallest gaps")]


class HolderBody(PurchaseBody):
    """A wallet's part in a shared token."""

    address: str
    share: Annotated[
        float | None,
        Field(description="of its capital; null where the token is not among its 64 largest"),
    ]


class SharedTokenBody(Body):
    """A token that several of the wallets bought."""

    mint: str
    symbol: SymbolText
    wallets: Annotated[list[HolderBody], Field(description="the earliest first")]


class ClusterBody(Body):
    """Wallets that are alike."""

    wallets: list[str]
    cohesion: Annotated[float, Field(description="the mean overall score of its pairs")]


class WeightsBody(Body):
    """What each component is worth in the overall score."""

    allocation: float
    timing: float
    cotrading: float
    behaviour: float


class SimilarityBody(Body):
    """How alike some wallets are, by what is stored of them."""

    model_config = shown_by(examples.SIMILARITY)

    version: Annotated[int, Field(description="of the vectors and formulas")]
    wallets: Annotated[
        list[ComparedWalletBody], Field(description="all that were asked for, in that order")
    ]
    order: Annotated[list[str], Field(description="those compared: rows and columns of `matrix`")]
    matrix: MatrixBody
    weights: WeightsBody
    pairs: Annotated[
        list[PairBody],
        Field(description="that share a token, the most alike first; a hundred at most"),
    ]
    pairs_count: Annotated[int, Field(description="how many pairs share a token")]
    tokens: Annotated[
        list[SharedTokenBody],
        Field(description="that most wallets share first, then by share of capital; fifty at most"),
    ]
    tokens_count: int
    clusters: Annotated[
        list[ClusterBody],
        Field(description="by average linkage of overall scores; the largest first"),
    ]
    cluster_threshold: Annotated[
        float, Field(description="groups are joined while the mean score between them is this")
    ]


class NeighbourBody(Body):
    """A wallet that is like the one asked about."""

    address: str
    scores: ScoresBody


class SimilarBody(Body):
    """Whom a wallet is most like."""

    model_config = shown_by(examples.SIMILAR)

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="its newest transaction that is counted")]
    has_vector: bool
    reason: Annotated[NoVector | None, Field(description=_REASON)]
    vector_computed_at: Annotated[datetime | None, Field(description="when it last changed")]
    as_of: Annotated[
        datetime | None,
        Field(description="when neighbours were looked for; null before the first time"),
    ]
    compared_with: Annotated[int | None, Field(description="wallets that were looked at then")]
    items: Annotated[list[NeighbourBody], Field(description="the most alike first")]


def similarity_body(compared: Compared) -> SimilarityBody:
    """The body of a comparison."""
    places = {wallet: place for place, wallet in enumerate(compared.members)}
    order = [each.wallet for each in compared.asked if each.reason is None]
    comparison = compared.comparison

    def part(of: Callable[[Scores], float | None]) -> Matrix:
        return [
            [of(comparison.scores[places[one]][places[other]]) for other in order] for one in order
        ]

    return SimilarityBody(
        version=VERSION,
        wallets=[_wallet(each, compared, places) for each in compared.asked],
        order=[*order],
        matrix=MatrixBody(
            overall=part(lambda scores: scores.overall),
            allocation=part(lambda scores: scores.allocation),
            timing=part(lambda scores: scores.timing),
            cotrading=part(lambda scores: scores.cotrading),
            behaviour=part(lambda scores: scores.behaviour),
        ),
        weights=WeightsBody(**{component.value: WEIGHTS[component] for component in Component}),
        pairs=[_pair(each, compared) for each in comparison.pairs],
        pairs_count=comparison.pairs_count,
        tokens=[_token(each, compared) for each in comparison.tokens],
        tokens_count=comparison.tokens_count,
        clusters=[
            ClusterBody(
                wallets=[compared.members[place] for place in each.members],
                cohesion=each.cohesion,
            )
            for each in comparison.clusters
        ],
        cluster_threshold=LEAST_LIKENESS,
    )


def similar_body(wallet: Address, reading: NeighbourReading, *, limit: int) -> SimilarBody:
    """The body of a wallet's neighbours."""
    stored, found = reading.stored, reading.neighbourhood
    neighbours = () if found is None else found.neighbours[:limit]
    return SimilarBody(
        address=wallet,
        state=WalletState.UNSEEN if stored is None else stored.state,
        as_of_slot=None if stored is None else stored.as_of_slot,
        has_vector=reading.reason is None,
        reason=reading.reason,
        vector_computed_at=None if stored is None else utc_or_none(stored.computed_at),
        as_of=None if found is None else utc(found.computed_at),
        compared_with=None if found is None else found.compared,
        items=[NeighbourBody(address=n.wallet, scores=_scores(n.scores)) for n in neighbours],
    )


def _wallet(
    asked: AskedWallet, compared: Compared, places: dict[Address, int]
) -> ComparedWalletBody:
    stored = asked.stored
    vector = None if stored is None else stored.vector
    place = places.get(asked.wallet)
    sample = None if place is None else compared.comparison.samples[place]
    return ComparedWalletBody(
        address=asked.wallet,
        state=WalletState.UNSEEN if stored is None else stored.state,
        as_of_slot=None if stored is None else stored.as_of_slot,
        has_vector=vector is not None,
        reason=asked.reason,
        computed_at=None if stored is None else utc_or_none(stored.computed_at),
        purchases=None if stored is None else stored.purchases,
        tokens=None if vector is None else vector.mints,
        share_unit=None if vector is None else vector.unit,
        active_days=None if sample is None else sample.active_days,
        too_small=[] if sample is None else [*sample.too_small],
    )


def _pair(pair: Pair, compared: Compared) -> PairBody:
    entering = pair.entering
    return PairBody(
        first=compared.members[pair.first],
        second=compared.members[pair.second],
        scores=_scores(pair.scores),
        shared_tokens=entering.shared,
        first_led=entering.first_led,
        second_led=entering.second_led,
        same_slot=entering.same_slot,
        within_10s=entering.within_10s,
        within_60s=entering.within_60s,
        within_10m=entering.within_10m,
        within_2_slots=entering.within_2_slots,
        median_lag_sec=entering.median_lag_s,
        median_gap_sec=entering.median_gap_s,
        leader=None if pair.leader is None else compared.members[pair.leader],
        closest=[_shared(each, compared) for each in entering.closest],
    )


def _shared(each: SharedMint, compared: Compared) -> SharedPurchaseBody:
    return SharedPurchaseBody(
        **compared.names.mints[each.mint_number]._asdict(),
        lag_sec=each.lag_s,
        first=_purchase(each.first, compared),
        second=_purchase(each.second, compared),
    )


def _purchase(purchase: FirstPurchase, compared: Compared) -> PurchaseBody:
    return PurchaseBody(
        slot=purchase.slot,
        at=utc_or_none(purchase.at),
        signature=compared.names.signatures[purchase.tx_number],
    )


def _token(token: SharedToken, compared: Compared) -> SharedTokenBody:
    return SharedTokenBody(
        **compared.names.mints[token.mint_number]._asdict(),
        wallets=[_holder(holder, compared) for holder in token.holders],
    )


def _holder(holder: Holder, compared: Compared) -> HolderBody:
    return HolderBody(
        **dict(_purchase(holder.purchase, compared)),
        address=compared.members[holder.place],
        share=None if holder.share is None else round(holder.share, 6),
    )


def _scores(scores: Scores) -> ScoresBody:
    return ScoresBody(**scores._asdict())
