"""What a listing showed as final before a body was asked for needs no question of its own."""

import orjson
import pytest

from oof.app.read_batch import Arrived, read_batch, read_together
from oof.domain.backfill import Mode
from oof.ports.workflow import Run


def document(finalized_slot, bodies=()) -> str:
    """Return what a fetch hands to the store path."""
    return orjson.dumps({"finalizedSlot": finalized_slot, "data": list(bodies)}).decode()


@pytest.mark.parametrize("source", ["backfill", "tail", "fetch"])
def test_our_own_fetch_is_believed(source):
    """The slot that stood in the listing comes along with the bodies."""
    assert read_batch(Arrived(document(7), source)).finalized_slot == 7


def test_a_webhook_is_not_believed():
    """Whoever posts to us says nothing about finality, whatever the body claims."""
    assert read_batch(Arrived(document(7), "webhook")).finalized_slot is None


def test_documents_together_know_what_all_of_them_know():
    """The lowest slot counts; one document that knows nothing leaves nothing known."""
    known = [Arrived(document(slot), "backfill") for slot in (9, 7)]
    unknown = Arrived("[]", "backfill")

    assert read_together(known).finalized_slot == 7
    assert read_together([*known, unknown]).finalized_slot is None
    assert read_together([]).finalized_slot is None


def test_a_backfill_tells_what_its_listing_showed_as_final(world):
    """Every document of bodies names the newest slot that its page showed as final."""
    world.pass_(60)
    wallet = world.wallet("friend")
    world.execute(Run(run_id="open_wallet-1-1", wallet=wallet, mode=Mode.OPEN))

    found = [orjson.loads(body) for key, body in world.blobs.objects.items() if "/bodies-" in key]
    edge = world.chain.tip_slot() - 32
    slots = [row["slot"] for each in found for row in each["data"]]
    assert found
    assert all(each["finalizedSlot"] <= edge for each in found)
    assert max(each["finalizedSlot"] for each in found) >= max(slots)
