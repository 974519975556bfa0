"""Train the first dictionary of raw bodies, from the generated chain: `python -m local.dictionary`.

Its table of keys is what is publicly known: programs, system variables and tokens.

Writes `<id>.zdict` beside the ones that were shipped before, which stay readable for ever, and
names it in `current`. The chain is deterministic, so the same code trains the same dictionary.
"""

from pathlib import Path

from local.upstream.chain import GeneratedChain, WalletSpec
from oof.domain.packs import PackDictionary, train_dictionary
from oof.domain.tokens import SYMBOLS
from oof.domain.transactions import addresses
from oof.domain.transactions.programs.registry import BY_ID
from oof.domain.units import Address

MAX_BYTES = 32 * 1024
SEED = 7
WALLETS = (
    WalletSpec(name="long", transactions=1_000, days=300, failure_rate=0.1),
    WalletSpec(name="bot", transactions=500, days=100, bot_fee=True),
    WalletSpec(name="sponsored", transactions=300, days=30, sponsored=True),
)
_SYSTEM = (
    addresses.SYSTEM,
    addresses.TOKEN,
    addresses.TOKEN_2022,
    addresses.ASSOCIATED_TOKEN,
    addresses.COMPUTE_BUDGET,
    addresses.STAKE,
    addresses.VOTE,
    *addresses.PRECOMPILES,
    "AddressLookupTab1e1111111111111111111111111",
    "BPFLoader2111111111111111111111111111111111",
    "BPFLoaderUpgradeab1e11111111111111111111111",
    "Config1111111111111111111111111111111111111",
    "StakeConfig11111111111111111111111111111111",
    "Sysvar1nstructions1111111111111111111111111",
    "SysvarC1ock11111111111111111111111111111111",
    "SysvarEpochSchedu1e111111111111111111111111",
    "SysvarFees111111111111111111111111111111111",
    "SysvarRecentB1ockHashes11111111111111111111",
    "SysvarRent111111111111111111111111111111111",
    "SysvarS1otHashes111111111111111111111111111",
    "SysvarS1otHistory11111111111111111111111111",
    "SysvarStakeHistory1111111111111111111111111",
)
_FOLDER = Path(__file__).parent.parent / "layers/core/python/oof/bootstrap/dictionaries"


def generated_dictionary() -> PackDictionary:
    """Return a dictionary trained on a generated chain of some 2,500 transactions."""
    chain = GeneratedChain(seed=SEED, wallets=WALLETS)
    chain.catch_up()
    found = (chain.transaction(record.signature) for record in chain.since(None))
    bodies = [body for body in found if body is not None]
    return train_dictionary(bodies, max_bytes=MAX_BYTES, keys=well_known())


def well_known() -> frozenset[Address]:
    """Return keys that many real transactions name."""
    return frozenset(map(Address, (*_SYSTEM, *BY_ID, *SYMBOLS)))


def main() -> None:
    """Train, write, and make it the current one."""
    dictionary = generated_dictionary()
    _FOLDER.mkdir(exist_ok=True)
    (_FOLDER / f"{dictionary.dictionary_id}.zdict").write_bytes(dictionary.content)
    (_FOLDER / "current").write_text(f"{dictionary.dictionary_id}\n")
    print(f"{dictionary.dictionary_id}: {len(dictionary.content)} bytes")


if __name__ == "__main__":
    main()
