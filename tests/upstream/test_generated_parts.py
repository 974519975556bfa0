import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.upstream.chain import GeneratedChain
from local.upstream.generated import base58 as ours
from local.upstream.generated.addresses import Addresses
from local.upstream.generated.programs import METEORA, PROGRAMS, TOKEN
from local.upstream.prices import Prices
from local.upstream.recorded import RecordedChain
from tests.upstream.test_generated_chain import SMALL

SOL = "So11111111111111111111111111111111111111112"


@given(st.binary(max_size=400))
def test_base58_is_the_standard_one(data: bytes) -> None:
    """Our fast encoder writes what the reference writes, leading zeros included."""
    assert ours.encode(data) == base58.b58encode(data).decode()


def test_associated_accounts_are_mainnet_ones() -> None:
    """Derivation gives the account that a recorded wallet really has for a mint."""
    owner = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
    mint = "DeLrL6opoyoanVgXFqkMiqH8ifmPLAru4GE5SZcwCNDL"
    account = Addresses(1).associated(owner, mint, TOKEN)
    assert account == "HXhtGBM3QXjtVejYqJtuDQijdh2a51n8hBUxSkpmkSKm"


@pytest.mark.chain
def test_every_program_was_seen_on_mainnet(recording: RecordedChain) -> None:
    """Program ids are copied right: each is invoked somewhere in the recording."""
    assert METEORA in recording.executables
    assert set(PROGRAMS) <= recording.executables


def test_prices_tell_the_chain_own_story() -> None:
    """SOL's quote is on its bars; whole bars are inside the asked range; strangers are omitted."""
    chain = GeneratedChain(seed=7, wallets=SMALL)
    prices = Prices(chain.quote, chain.candles)
    now = int(chain.now())
    quotes = prices.jupiter([SOL, "1" * 32])
    bars = prices.history("Crypto.SOL/USD", "60", now - 86_400, now)
    assert set(quotes) == {SOL}
    assert len(bars["t"]) in (24, 25)
    assert min(bars["l"]) * 0.9 < quotes[SOL]["usdPrice"] < max(bars["h"]) * 1.1
    assert prices.history("Crypto.XYZ/USD", "60", 0, now)["t"] == []
