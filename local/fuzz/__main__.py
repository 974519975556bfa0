"""`make fuzz`: spoil bodies for a minute, guided by the branches of the normalizer they reach.

Where atheris has no wheel (it is for Linux on x86-64) the same documents are spoiled in the same
ways, unguided.
"""

import argparse
import importlib.util
import io
import random
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import zstandard

from local.runtime.settings import LocalSettings

_ROOT = Path(__file__).resolve().parents[2]
_CORPUS = _ROOT / "tests" / "fuzz_corpus"
_WORK = _ROOT / ".build" / "fuzz"
_MAX_SIZE = 65_536
_SECONDS_EACH = 5
_MEGABYTES = 2_048
_RECORDED = 120
"""Recorded bodies taken as seeds, where a recorded chain is at hand. They are never kept."""


def main() -> int:
    """Fuzz for as long as asked; the exit code tells whether everything held."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0 is another one each time")
    parser.add_argument("--unguided", action="store_true", help="do without atheris")
    asked = parser.parse_args()
    seeds = _seeds()
    print(
        f"{len(seeds)} seeds, {asked.seconds} s. What fails is written to .build/fuzz; once mended "
        "it belongs into tests/fuzz_corpus, made anew if its seed was recorded.",
        flush=True,
    )
    if asked.unguided or importlib.util.find_spec("atheris") is None:
        return _fuzz_unguided(seeds, asked.seconds, asked.seed)
    return _fuzz_guided(seeds, asked.seconds, asked.seed)


def _seeds() -> list[bytes]:
    constructed = [path.read_bytes() for path in sorted(_CORPUS.glob("*.json"))]
    return constructed + list(_recorded())


def _recorded() -> Iterator[bytes]:
    folder = LocalSettings.from_env().chain_dir or _ROOT.parent / "shared" / "chain"
    for path in sorted((folder / "rpc").glob("*.jsonl.zst")):
        with path.open("rb") as source:
            lines = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(source))
            small = [line for line in lines if len(line) < _MAX_SIZE // 4]
        yield from small[:: max(1, 3 * len(small) // _RECORDED)]


def _fuzz_guided(seeds: list[bytes], seconds: int, seed: int) -> int:
    """Let libFuzzer choose by coverage; it ends the process itself."""
    import atheris  # type: ignore[import-untyped]  # noqa: PLC0415 - has no wheel on every machine

    with atheris.instrument_imports(include=["oof.domain.transactions"]):
        from local.fuzz import mutation, soundness  # noqa: PLC0415 - is instrumented here

    corpus = _WORK / "corpus"
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    for number, text in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(text)
    arguments = [
        "make fuzz",
        f"-max_total_time={seconds}",
        f"-timeout={_SECONDS_EACH}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-max_len={_MAX_SIZE}",
        f"-seed={seed}",
        f"-artifact_prefix={_WORK}/",
        "-verbosity=0",
        "-print_final_stats=1",
        str(corpus),
    ]

    def try_one(text: bytes) -> None:
        soundness.check_document(text)

    atheris.Setup(
        arguments, try_one, custom_mutator=mutation.mutate, custom_crossover=mutation.cross
    )
    atheris.Fuzz()
    return 0


def _fuzz_unguided(seeds: list[bytes], seconds: int, seed: int) -> int:
    """Spoil seeds over and over; each may take its time and no more."""
    from local.fuzz import mutation, soundness  # noqa: PLC0415 - imported instrumented elsewhere

    chosen = seed or random.SystemRandom().getrandbits(32)
    source = random.Random(chosen)
    ends = time.monotonic() + seconds
    tried = read = 0
    while time.monotonic() < ends:
        text = source.choice(seeds)
        for _ in range(source.randint(1, 4)):
            text = mutation.mutate(text, _MAX_SIZE, source.getrandbits(32))
        started = time.monotonic()
        try:
            read += soundness.check_document(text)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is what we look for
            return _failed(text, f"{type(fault).__name__}: {fault}")
        if time.monotonic() - started > _SECONDS_EACH:
            return _failed(text, f"took more than {_SECONDS_EACH} s")
        tried += 1
    print(f"{tried:,} documents, {read:,} bodies read, seed {chosen}: everything held")
    return 0


def _failed(text: bytes, why: str) -> int:
    _WORK.mkdir(parents=True, exist_ok=True)
    path = _WORK / "failed.json"
    path.write_bytes(text)
    print(f"{why}\nwritten to {path}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
