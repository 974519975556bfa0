"""The pure parts of the benches: statistics, billed units, bills."""

import base64
from decimal import Decimal

import pytest

from local.bench import positions
from local.bench.bill import Usage, make_bill
from local.bench.cost import dollars
from local.bench.counted import log_units
from local.bench.normalize import measure
from local.bench.prices import PRICES, Item
from local.bench.report import duration, latency
from local.bench.samples import median, percentile
from local.bench.units import item_bytes, request_units
from oof.domain.positions.lots import Method
from oof.domain.positions.matching import Unmatched, match_trades
from oof.domain.tokens import USDC_MINT


def test_median_is_the_middle_of_unsorted_samples():
    """Odd counts give the middle sample, even ones the mean of two, none a fault."""
    assert median([9, 1, 5]) == 5
    assert median([4, 1, 3, 2]) == 2.5
    with pytest.raises(ValueError, match="nothing was measured"):
        median([])


def test_percentile_is_a_sample_that_few_exceed():
    """95 of 100 samples are not above the 95th percentile; a single sample is every one."""
    assert percentile(range(100, 0, -1), 0.95) == 95
    assert percentile([7], 0.95) == 7


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.000_25, "250 µs"), (0.0042, "4.2 ms"), (0.2, "200 ms"), (3, "3 s"), (360, "6.0 min")],
)
def test_durations_are_shown_in_fitting_units(seconds: float, shown: str):
    """Each magnitude has its unit."""
    assert duration(seconds) == shown


def test_a_goal_is_met_up_to_its_limit():
    """The limit itself still counts; without a goal there is no verdict."""
    assert latency("read", 0.2, goal_s=0.2).is_met is True
    assert latency("read", 0.201, goal_s=0.2).is_met is False
    assert latency("read", 9).is_met is None


def test_every_item_has_a_price():
    """Nothing can be used that no page prices."""
    assert set(PRICES) == set(Item)
    assert all(price.dollars > 0 and price.source for price in PRICES.values())


def test_a_bill_scales_what_was_measured():
    """Four wallets took 140 transitions: 1,000 take 35,000, at $0.025 a thousand."""
    used = Usage({Item.TRANSITIONS: 140, Item.INVOCATIONS: 40, Item.OBJECT_READS: 0})

    bill = make_bill(used, by=4, scaled_to=1_000)

    assert [line.item for line in bill.lines] == [Item.TRANSITIONS, Item.INVOCATIONS]
    assert bill.lines[0].each == 35
    assert bill.lines[0].dollars == Decimal("0.875")
    assert bill.total == Decimal("0.875") + Decimal("0.002")


def test_nothing_measured_makes_no_bill():
    """A cost by nothing would be a division by zero."""
    with pytest.raises(ValueError, match="nothing was measured"):
        make_bill(Usage(), by=0, scaled_to=1)


def test_compute_is_billed_by_the_gigabyte_second():
    """A second of 1,024 MB is one GB-second."""
    bill = make_bill({Item.COMPUTE: 1024 * 1000}, by=1, scaled_to=1_000_000)
    assert bill.total == Decimal("13.3334")


def test_items_are_sized_by_names_and_values():
    """`pk` with five letters is seven bytes; a number takes half its digits, and one."""
    assert item_bytes({"pk": {"S": "wörd"}}) == 7
    assert item_bytes({"n": {"N": "-1234"}}) == 5
    assert item_bytes({"n": {"N": "123"}}) == 4
    assert item_bytes({"b": {"B": base64.b64encode(b"x" * 100).decode()}}) == 101
    assert item_bytes({"t": {"BOOL": True}, "m": {"M": {"k": {"S": "v"}}}}) == 2 + 1 + 3 + 2


def test_writes_are_billed_by_the_kilobyte():
    """A put of 1,025 bytes takes two units; within a transaction each unit counts twice."""
    large = {"b": {"B": base64.b64encode(b"x" * 1024).decode()}}
    small = {"pk": {"S": "x"}}
    several = {"TransactItems": [{"Put": {"Item": large}}, {"Update": {"Key": small}}]}

    assert request_units("dynamodb", "PutItem", {"Item": small}) == {Item.TABLE_WRITES: 1}
    assert request_units("dynamodb", "PutItem", {"Item": large}) == {Item.TABLE_WRITES: 2}
    assert request_units("dynamodb", "TransactWriteItems", several) == {Item.TABLE_WRITES: 6}


def test_sends_are_billed_by_the_chunk_and_the_kind_of_queue():
    """65 KB are two requests; a batch that fits one chunk is one."""
    url = "http://localhost/000000000000/q"
    large = {"QueueUrl": url, "MessageBody": "x" * 65 * 1024}
    batch = {"QueueUrl": f"{url}.fifo", "Entries": [{"MessageBody": "x"}, {"MessageBody": "y"}]}

    assert request_units("sqs", "SendMessage", large) == {Item.QUEUE_SENDS: 2}
    assert request_units("sqs", "SendMessageBatch", batch) == {Item.FIFO_SENDS: 1}


@pytest.mark.parametrize(("source", "name"), [("states", "StartExecution"), ("s3", "DeleteObject")])
def test_free_requests_are_no_units(source: str, name: str):
    """Starting a run and deleting an object cost nothing by themselves."""
    assert request_units(source, name, {}) == {}


def test_a_report_is_an_invocation():
    """Its time by its memory is compute; a worker's batch was received and deleted too."""
    line = "REPORT RequestId: 7\tDuration: 39.2 ms\tBilled Duration: 40 ms\tMemory Size: 512 MB\t"
    length = len(line) + 26

    assert log_units("worker_apply_wallet", line) == {
        Item.LOG_BYTES: length,
        Item.INVOCATIONS: 1,
        Item.COMPUTE: 40 * 512,
        Item.FIFO_RECEIVES: 2,
    }
    assert log_units("api_serve_wallets", line)[Item.HTTP_REQUESTS] == 1
    assert log_units("api_serve_wallets", "hello") == {Item.LOG_BYTES: 31}


@pytest.mark.parametrize(
    ("amount", "shown"), [("1234.5", "1,234.50"), ("0.1", "0.10"), ("0.0123", "0.0123")]
)
def test_small_amounts_keep_their_digits(amount: str, shown: str):
    """Below ten cents, hundredths of a cent are shown."""
    assert dollars(Decimal(amount)) == shown


def test_normalizing_counts_transactions_alone():
    """A line that holds no transaction is worked on, and counted as none."""
    assert measure([b'{"result": null}', b"[]"], repeats=1).transactions == 0


def test_the_trades_of_the_positions_bench_sell_only_what_was_bought():
    """The peer refuses more; every exit but the very first one is matched."""
    rows = positions.trades()

    unmatched = [r for r in match_trades(rows, method=Method.FIFO) if isinstance(r, Unmatched)]

    assert [found.mint for found in unmatched] == [USDC_MINT]
