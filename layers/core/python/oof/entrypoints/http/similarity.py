"""`/v1/analyses/similarity` and `/v1/wallets/{address}/similar`: how alike wallets are.

Comparing needs NumPy, which the function of the other routes does not carry: the gateway sends that
route to a function of its own, and the others' function describes it.
"""

from http import HTTPStatus
from typing import Annotated, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body as FromBody
from aws_lambda_powertools.event_handler.openapi.params import Query

from oof.app.compare_wallets import CompareDeps, compare_wallets
from oof.app.read_neighbours import read_neighbours
from oof.domain.addresses import parse_address
from oof.domain.snapshot.model import WalletState
from oof.entrypoints.http.caching import NO_STORE, caching_headers
from oof.entrypoints.http.parameters import AddressPath
from oof.entrypoints.http.similarity_bodies import (
    SimilarBody,
    SimilarityAskBody,
    SimilarityBody,
    similar_body,
    similarity_body,
)
from oof.entrypoints.problems import RouteNotFound
from oof.ports.vectors import VectorReader

_JSON: Final = "application/json"
MOST_NEIGHBOURS: Final = 20
NeighboursQuery = Annotated[
    int, Query(alias="limit", ge=1, le=MOST_NEIGHBOURS, description="wallets to tell of")
]


def register_compare(app: APIGatewayHttpResolver, deps: CompareDeps | None) -> None:
    """Add the route that compares; without `deps` it is described, and answered elsewhere."""

    @app.post(
        "/v1/analyses/similarity",
        summary="How alike wallets are",
        description="2 to 50 wallets, by what is stored of each: a matrix for each component and "
        "for the whole, who bought shared tokens first and how soon the others followed, with "
        "signatures, and clusters. Nothing is fetched, and nothing is read but vectors. Two round "
        "trips to the database: the vectors, then names of what is shown.",
        tags=["analyses"],
        operation_id="compareWallets",
    )
    def post_similarity(
        asked: Annotated[SimilarityAskBody, FromBody(description="which wallets")],
    ) -> Response[SimilarityBody]:
        if deps is None:
            raise RouteNotFound("a function of its own answers this route")
        wallets = [
            parse_address(each, field=f"wallets[{index}]")
            for index, each in enumerate(asked.wallets)
        ]
        return Response(
            status_code=HTTPStatus.OK,
            content_type=_JSON,
            headers=NO_STORE,
            body=similarity_body(compare_wallets(deps, wallets)),
        )


def register_similar(app: APIGatewayHttpResolver, vectors: VectorReader) -> None:
    """Add the route that reads neighbours."""

    @app.get(
        "/v1/wallets/<address>/similar",
        summary="Wallets that a wallet is most like",
        description="As an hourly run over all wallets found them: `as_of` says when. Wallets "
        "whose vectors have changed since are looked at by the next one. One round trip to the "
        "database.",
        tags=["wallets"],
        operation_id="listSimilar",
    )
    def get_similar(
        address: AddressPath, limit: NeighboursQuery = MOST_NEIGHBOURS
    ) -> Response[SimilarBody]:
        wallet = parse_address(address, field="address")
        reading = read_neighbours(vectors, wallet)
        body = similar_body(wallet, reading, limit=limit)
        state = WalletState.UNSEEN if reading.stored is None else reading.stored.state
        return Response(
            status_code=HTTPStatus.OK,
            content_type=_JSON,
            headers=caching_headers(state, body, tag=(limit,)),
            body=body,
        )
