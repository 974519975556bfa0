"""How fast one core turns bytes into normalized transactions, beside a peer on the same bytes."""

import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

import orjson
import zstandard

from local.accuracy.peer import NAME, VERSION, peer_command
from local.bench.report import Figure, print_figures, rate
from local.bench.samples import median, timed_cpu
from local.bench.session import Session
from local.runtime.faults import LocalRuntimeFault
from local.upstream.chain import GeneratedChain, WalletSpec
from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render

_REPEATS = 5
_PEER_SCRIPT = Path(__file__).with_name("peer_speed.mjs")
_GENERATED = WalletSpec(name="trader", transactions=400, days=60)


class Corpus(NamedTuple):
    """Documents as they arrive, one transaction or batch each."""

    name: str
    lines: Sequence[bytes]


class Round(NamedTuple):
    """Seconds of one pass over a corpus, each kind of work in its turn."""

    decode: float
    """orjson alone: the floor."""
    normalize: float
    peer: float
    """The peer's main thread, parsing JSON included."""


class Speed(NamedTuple):
    """Rounds over one corpus, all in one run."""

    transactions: int
    size: int
    """Bytes of all documents."""
    rounds: Sequence[Round]
    write_s: float
    """The results as JSON: apart, as results that are kept would slow the rounds down."""

    def seconds(self, work: Callable[[Round], float]) -> float:
        """The median of one kind of work."""
        return median([work(each) for each in self.rounds])

    @property
    def ratio(self) -> float:
        """How many times as fast as the peer: the median over rounds, whose noise both share."""
        return median([each.peer / each.normalize for each in self.rounds])


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
    """Decode, normalize and write all lines, `repeats` times, in turns with the peer."""
    with _peer_passes(lines) as peer_seconds:
        deque(_normalize_all(lines), maxlen=0)
        rounds = [
            Round(
                timed_cpu(lambda: _decode_all(lines))[0],
                timed_cpu(lambda: deque(_normalize_all(lines), maxlen=0))[0],
                peer_seconds(),
            )
            for _ in range(repeats)
        ]
    results = list(_normalize_all(lines))
    writing = median([timed_cpu(lambda: _write_all(results))[0] for _ in range(repeats)])
    return Speed(len(results), sum(map(len, lines)), rounds, writing)


@contextmanager
def _peer_passes(lines: Sequence[bytes]) -> Iterator[Callable[[], float]]:
    """Start the peer over the same bytes; give what makes it pass over them once."""
    with NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(b"\n".join(lines))
        file.flush()
        command, env = peer_command(_PEER_SCRIPT, file.name)
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=env
        ) as peer:
            yield lambda: _one_pass(peer)


def _one_pass(peer: subprocess.Popen[str]) -> float:
    if peer.stdin is None or peer.stdout is None:
        raise LocalRuntimeFault(f"{NAME} was started without pipes")
    peer.stdin.write("\n")
    answer = peer.stdout.readline()
    if not answer:
        raise LocalRuntimeFault(f"{NAME} ended with {peer.wait()}")
    return float(answer)


def _decode_all(lines: Iterable[bytes]) -> None:
    loads: Callable[[bytes], object] = orjson.loads
    for line in lines:
        loads(line)


def _normalize_all(lines: Iterable[bytes]) -> Iterator[NormalizedTransaction]:
    for line in lines:
        for body in read_bodies(line):
            result = body if isinstance(body, Unreadable) else normalize(body)
            if not isinstance(result, Unreadable):
                yield result


def _write_all(results: Iterable[NormalizedTransaction]) -> None:
    for result in results:
        orjson.dumps(render(result))


def _figures(corpus: Corpus, speed: Speed) -> Iterator[Figure]:
    mean = speed.size / speed.transactions / 1024
    decoding = speed.seconds(lambda each: each.decode)
    normalizing = speed.seconds(lambda each: each.normalize)
    yield Figure(
        corpus.name,
        rate(speed.transactions / normalizing, "tx"),
        note=f"{speed.transactions:,} of {mean:.1f} KB; decoding JSON is"
        f" {decoding / normalizing:.0%} of it",
    )
    yield Figure(
        "  floor: orjson alone",
        rate(speed.transactions / decoding, "tx"),
        note=f"{speed.size / decoding / 1e6:,.0f} MB/s",
    )
    yield Figure(
        "  apart: writing JSON",
        rate(speed.transactions / speed.write_s, "tx"),
    )
    yield Figure(
        f"  {NAME} {VERSION}",
        rate(speed.transactions / speed.seconds(lambda each: each.peer), "tx"),
        note=f"ours is {speed.ratio:.1f} times as fast; aim 4, at least 2",
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
