"""The clean pass and the comparison with it."""

from typing import Any

import pytest

from local.chaos.reference import clean_pass, comparable, differences
from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import crowd


@pytest.fixture(scope="module")
def chain() -> dict[str, list[Any]]:
    """Three small wallets' bodies, oldest first, as the provider tells them."""
    made = GeneratedChain(seed=9, wallets=crowd(3))
    made.catch_up()
    return {
        address: [
            {**record.load("json"), "transactionIndex": record.tx_index}
            for record in made.history_with_tokens(address, changed_only=False)
        ]
        for address in made.wallets().values()
    }


def test_a_clean_pass_has_every_transaction_and_wallet(chain):
    """Each wallet has a ledger and a summary; each transaction its facts."""
    reference = clean_pass(chain)

    listed = {body["transaction"]["signatures"][0] for found in chain.values() for body in found}
    assert reference.signatures == listed
    assert set(reference.state["transactions"]) == listed
    assert set(reference.state["ledgers"]) == set(reference.state["summaries"]) == set(chain)
    assert all(reference.state["ledgers"].values())


def test_the_same_state_has_no_differences(chain):
    """However the chain is told, the state is one."""
    backwards = dict(reversed(chain.items()))

    told = differences(clean_pass(chain).state, clean_pass(backwards).state)

    assert told == []


def test_a_lost_a_doubled_and_a_changed_row_are_each_told(chain):
    """Each by its part and its key, in one line."""
    expected, found = clean_pass(chain).state, clean_pass(chain).state
    lost, doubled = sorted(found["transactions"])[:2]
    del found["transactions"][lost]
    found["participants"][doubled] = found["participants"][doubled] * 2
    wallet = min(found["summaries"])
    found["summaries"][wallet]["counts"] = [0, 0, 0, 0]
    for figures in found["positions"][wallet]["figures"].values():
        figures["lots"] += "0"

    lines = differences(comparable(expected), comparable(found))

    assert len(lines) == 4
    assert any(line.startswith("transactions: 1 of") and lost in line for line in lines)
    assert any(line.startswith("participants: 1 of") and doubled in line for line in lines)
    assert any(line.startswith("summaries: 1 of") and "counts" in line for line in lines)
    assert any(line.startswith("positions: 1 of") and wallet in line for line in lines)


def test_states_that_only_listings_tell_are_not_compared(chain):
    """A wallet's own state and what depends on coverage are left out on both sides."""
    expected, found = clean_pass(chain).state, clean_pass(chain).state
    for summary in found["summaries"].values():
        summary["state"] = "SEEN_FULL"
        summary["provisional"] = [p for p in summary["provisional"] if p != "history_partial"]

    assert differences(comparable(expected), comparable(found)) == []
