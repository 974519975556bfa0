"""Train the first dictionary of raw bodies, from the generated chain: `python -m local.dictionary`.

Writes `<id>.zdict` beside the ones that were shipped before, which stay readable for ever, and
names it in `current`. The chain is deterministic, so the same code trains the same dictionary.
"""

from pathlib import Path

from local.upstream.chain import GeneratedChain, WalletSpec
from oof.domain.packs import PackDictionary, train_dictionary

MAX_BYTES = 32 * 1024
SEED = 7
WALLETS = (
    WalletSpec(name="long", transactions=1_000, days=300, failure_rate=0.1),
    WalletSpec(name="bot", transactions=500, days=100, bot_fee=True),
    WalletSpec(name="sponsored", transactions=300, days=30, sponsored=True),
)
_FOLDER = Path(__file__).parent.parent / "layers/core/python/oof/bootstrap/dictionaries"


def generated_dictionary() -> PackDictionary:
    """Return a dictionary trained on a generated chain of some 2,500 transactions."""
    chain = GeneratedChain(seed=SEED, wallets=WALLETS)
    chain.catch_up()
    bodies = (chain.transaction(record.signature) for record in chain.since(None))
    return train_dictionary((body for body in bodies if body is not None), max_bytes=MAX_BYTES)


def main() -> None:
    """Train, write, and make it the current one."""
    dictionary = generated_dictionary()
    _FOLDER.mkdir(exist_ok=True)
    (_FOLDER / f"{dictionary.dictionary_id}.zdict").write_bytes(dictionary.content)
    (_FOLDER / "current").write_text(f"{dictionary.dictionary_id}\n")
    print(f"{dictionary.dictionary_id}: {len(dictionary.content)} bytes")


if __name__ == "__main__":
    main()
