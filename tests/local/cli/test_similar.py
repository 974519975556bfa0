"""Wallets compared on a console."""

import io
import json
from typing import Any, Literal

import httpx
import pytest
from rich.console import Console

from local.cli.api import WalletApi
from local.cli.faults import CliFault
from local.cli.similar import show_similarity
from oof.entrypoints.http.similarity_bodies import SimilarityBody
from oof.entrypoints.http.similarity_examples import ASK, SIMILARITY


def printed(body: dict[str, Any], *, width: int = 100, styled: bool = False) -> str:
    """What is printed on a console of that width."""
    SimilarityBody.model_validate(body)
    out = io.StringIO()
    color: Literal["truecolor"] | None = "truecolor" if styled else None
    show_similarity(Console(file=out, width=width, force_terminal=styled, color_system=color), body)
    return out.getvalue().replace("\N{NO-BREAK SPACE}", " ")


def many(count: int) -> dict[str, Any]:
    """A comparison of so many wallets, none of which shares anything."""
    names = [f"{place:02}{'x' * 42}" for place in range(count)]
    known = SIMILARITY["wallets"][0]
    square = [[None if one != other else 1.0 for other in names] for one in names]
    return SIMILARITY | {
        "wallets": [known | {"address": name} for name in names],
        "order": names,
        "matrix": dict.fromkeys(SIMILARITY["matrix"], square),
        "pairs": [],
        "pairs_count": 0,
        "tokens": [],
        "tokens_count": 0,
        "clusters": [],
    }


@pytest.mark.parametrize("width", [80, 100, 140])
def test_who_follows_whom_is_said(width):
    """With the group they are, and the gap; nothing is wider than the console."""
    text = printed(SIMILARITY, width=width)

    assert "2 follows 1" in text
    assert "Group  1, 2" in text
    assert "0.72" in text
    assert "2 +4 s" in text
    assert "1 (12 %)" in text
    assert "never opened" in text
    assert "too little to tell behaviour" in text
    assert "and 30 more" in text
    assert all(len(line) <= width for line in text.splitlines())


def test_components_stand_beside_where_there_is_room():
    """And what is not known is a question mark, never 0."""
    assert "cotrading" in printed(SIMILARITY, width=140)
    row = next(line for line in printed(SIMILARITY, width=140).splitlines() if "1 and 2" in line)
    assert row.split()[3:8] == ["0.72", "0.55", "0.81", "0.81", "?"]


def test_the_more_alike_the_more_blue():
    """And the number says the same."""
    assert "\x1b[38;2;255;255;255;48;2;58;143;208m0.72" in printed(SIMILARITY, styled=True)


def test_fifty_wallets_fit_as_far_as_there_is_room():
    """The rest is told of."""
    text = printed(many(50), width=100)

    assert "34 more columns need a wider terminal" in text
    assert "No group of them is alike" in text
    assert "No two of them bought the same token." in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_one_wallet_alone_is_not_compared():
    """It says why the others are not."""
    body = many(1) | {"wallets": [*many(1)["wallets"], SIMILARITY["wallets"][2]]}
    text = printed(body)

    assert "Fewer than two of them can be compared." in text
    assert "never opened" in text


def test_wallets_are_asked_for_in_one_request():
    """A problem is told in its own words."""
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.method, request.url.path, json.loads(request.content)))
        if len(sent) > 1:
            problem = {"code": "invalid_input", "detail": "wallets[1]: expected an address"}
            return httpx.Response(400, json=problem)
        return httpx.Response(200, json=SIMILARITY)

    api = WalletApi("http://api", httpx.MockTransport(answer))

    assert api.similarity(ASK["wallets"]) == SIMILARITY
    assert sent == [("POST", "/v1/analyses/similarity", ASK)]
    with pytest.raises(CliFault, match=r"wallets\[1\].*invalid_input"):
        api.similarity(["a", "b"])
