"""How fast one core turns bytes into normalized transactions, beside a peer on the same bytes."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson
import zstandard

from local.accuracy.peer import NAME, VERSION, run_peer
from local.bench.report import Figure, print_figures, rate
from local.bench.samples import median, timed_cpu
from local.bench.session import Session
from local.upstream.chain import GeneratedChain, WalletSpec
from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.model import Unreadable
from oof.domain.transactions.normalize import normalize

_REPEATS = 5
_PEER_SCRIPT = Path(__file__).with_name("peer_speed.mjs")
_GENERATED = WalletSpec(name="trader", transactions=400, days=60)


class Corpus(NamedTuple):
    """Documents as they arrive, one transaction or batch each."""

    name: str
    lines: Sequence[bytes]


class Speed(NamedTuple):
    """Medians over repeats of one corpus; both were measured in turns, in one run."""

    transactions: int
    size: int
    """Bytes of all documents."""
    normalize_s: float
    decode_s: float
    """orjson alone: the floor."""
    peer_s: float
    """The peer's main thread, parsing JSON included."""


def run(session: Session) -> None:
    """Print transactions a second over the recorded mix, its singles, and generated ones."""
    corpora = [*_recorded(session.chain_dir()), _generated()]
    if len(corpora) == 1:
        session.console.print("No recorded chain: set OOF_CHAIN_DIR to measure over it.")
    figures = [row for corpus in corpora for row in _figures(corpus, measure(corpus.lines))]
    print_figures(
        session.console, "Normalization, bytes to result, by processor time of one core", figures
    )


def measure(lines: Sequence[bytes], *, repeats: int = _REPEATS) -> Speed:
    """Decode and normalize all lines, `repeats` times each, in turns."""
    transactions = _normalize_all(lines)
    normalizing, decoding = [], []
    for _ in range(repeats):
        decoding.append(timed_cpu(lambda: _decode_all(lines))[0])
        normalizing.append(timed_cpu(lambda: _normalize_all(lines))[0])
    size = sum(map(len, lines))
    return Speed(
        transactions, size, median(normalizing), median(decoding), _peer_seconds(lines, repeats)
    )


def _peer_seconds(lines: Sequence[bytes], repeats: int) -> float:
    told = orjson.loads(run_peer(_PEER_SCRIPT, lines, str(repeats)))
    return median([float(seconds) for seconds in told["seconds"]])


def _decode_all(lines: Iterable[bytes]) -> None:
    loads: Callable[[bytes], object] = orjson.loads
    for line in lines:
        loads(line)


def _normalize_all(lines: Iterable[bytes]) -> int:
    """Return how many transactions came out; unreadable ones are none."""
    normalized = 0
    for line in lines:
        for body in read_bodies(line):
            if isinstance(body, Unreadable) or isinstance(normalize(body), Unreadable):
                continue
            normalized += 1
    return normalized


def _figures(corpus: Corpus, speed: Speed) -> tuple[Figure, Figure, Figure]:
    mean = speed.size / speed.transactions / 1024
    ratio = speed.normalize_s / speed.decode_s
    return (
        Figure(
            corpus.name,
            rate(speed.transactions / speed.normalize_s, "tx"),
            note=f"{speed.transactions:,} of {mean:.1f} KB; {ratio:.1f} times the floor",
        ),
        Figure(
            "  floor: orjson alone",
            rate(speed.transactions / speed.decode_s, "tx"),
            note=f"{speed.size / speed.decode_s / 1e6:,.0f} MB/s",
        ),
        Figure(
            f"  {NAME} {VERSION}",
            rate(speed.transactions / speed.peer_s, "tx"),
            note=f"ours is {speed.peer_s / speed.normalize_s:.1f} times as fast; aim 4, at least 2",
        ),
    )


def _recorded(chain_dir: Path | None) -> list[Corpus]:
    if chain_dir is None:
        return []
    singles = chain_dir / "rpc" / "singles.jsonl.zst"
    votes = set(chain_dir.rglob("*.votes.jsonl.zst"))
    files = {*chain_dir.glob("rpc/**/*.zst"), *chain_dir.glob("wallet_histories/*.zst")}
    mix = [line for path in sorted(files - votes) for line in _lines(path)]
    return [Corpus("recorded mix", mix), Corpus("recorded singles", _lines(singles))]


def _lines(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    return [line for line in text.splitlines() if line.strip()]


def _generated() -> Corpus:
    chain = GeneratedChain(seed=7, wallets=[_GENERATED])
    records = chain.history(chain.wallets()[_GENERATED.name])
    bodies = [chain.transaction(record.signature) for record in records]
    return Corpus("generated chain", [orjson.dumps(body) for body in bodies])
