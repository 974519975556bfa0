"""What `make fuzz` starts from, and every failure it ever found, is replayed by `make check`."""

import random
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from local.fuzz.mutation import cross, mutate
from local.fuzz.soundness import Unsound, check_document, check_result
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize

CORPUS = sorted((Path(__file__).resolve().parents[1] / "fuzz_corpus").glob("*.json"))
SEEDS = [path for path in CORPUS if not path.stem.startswith("spoiled_")]
MAX_SIZE = 65_536


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus_is_sound(path: Path) -> None:
    """Nothing raises, everything is accounted for, and sums are exact."""
    check_document(path.read_bytes())


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_seed_can_be_read(path: Path) -> None:
    """A fuzzer that starts from what is refused at the door sees nothing of the house."""
    assert check_document(path.read_bytes()) == 1


def test_documents_are_spoiled_deterministically() -> None:
    """The same seed spoils the same document in the same way, another one in another."""
    text = SEEDS[0].read_bytes()

    assert mutate(text, MAX_SIZE, 7) == mutate(text, MAX_SIZE, 7)
    assert len({mutate(text, MAX_SIZE, seed) for seed in range(50)}) > 40
    other = SEEDS[-1].read_bytes()
    assert cross(text, other, MAX_SIZE, 7) == cross(text, other, MAX_SIZE, 7) != text


@pytest.mark.parametrize("text", [b"", b"{", b"null", b"3", b"[]", b'"x"', b"\xff"])
def test_anything_can_be_spoiled(text: bytes) -> None:
    """What is no document becomes one, never larger than asked."""
    for seed in range(20):
        assert isinstance(orjson.loads(mutate(text, MAX_SIZE, seed)), object)
        assert len(mutate(text, 3, seed)) <= 3
        cross(text, SEEDS[0].read_bytes(), MAX_SIZE, seed)


def test_spoiled_seeds_stay_sound() -> None:
    """A few hundred documents of the fuzzer's own making hold in every check."""
    source = random.Random(3)
    read = 0
    for _ in range(600):
        text = source.choice(SEEDS).read_bytes()
        read += check_document(mutate(text, MAX_SIZE, source.getrandbits(32)))
    assert read > 150


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda found: found._replace(movements=found.movements[1:]), "balances differ"),
        (lambda found: found._replace(movements=found.movements * 2), "written twice"),
        (lambda found: found._replace(trades=(found.trades[0]._replace(sold_raw=0),)), "nothing"),
        (lambda found: found._replace(movements=(), balances=()), "the body's balances differ"),
    ],
)
def test_an_unsound_result_is_caught(
    fault: Callable[[NormalizedTransaction], NormalizedTransaction], said: str
) -> None:
    """The checks can fail: a lost, a doubled, an empty row, and all rows lost, each break one."""
    body = orjson.loads(next(path for path in SEEDS if path.stem == "swap").read_bytes())
    found = normalize(body)
    assert isinstance(found, NormalizedTransaction)

    check_result(found, body)
    with pytest.raises(Unsound, match=said):
        check_result(fault(found), body)
