"""The functions of the store path: real events in, partial batch responses out."""

import importlib
from itertools import chain, count
from types import SimpleNamespace
from unittest import mock

import orjson
import pytest

from oof.app.read_view import ViewDeps
from oof.app.verify_bodies import VerifyDeps
from oof.domain.errors import StoreUnavailable
from oof.domain.gate import plan_of
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.doubts import MemoryDoubtStore
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_view import MemoryFactsView
from oof.ports.memory.limiter import MemoryRateLimiter
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.memory.views import MemoryViewStore
from tests.exactly_once.histories import generated_history
from tests.unit.app.test_store_path import ANN, Bench

ARN = "arn:aws:sqs:eu-central-1:123456789012:oof-test-"


class Postponed:
    """Remembers what was postponed."""

    def __init__(self):
        self.calls = []

    def __call__(self, queue_arn):
        """Stand in for the builder of a queue's patience."""
        return SimpleNamespace(
            postpone=lambda handle, *, receives: self.calls.append((queue_arn, handle, receives))
        )


@pytest.fixture
def bench():
    """An empty world, and what the provider is paid."""
    bench = Bench()
    plan = plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=200)
    bench.gate = MemoryRateLimiter(plan, lambda: 0)
    return bench


@pytest.fixture
def postponed():
    """What the handlers postponed."""
    return Postponed()


def record(name, body, *, receives=1, group=None):
    """Return one SQS record as Lambda hands it over."""
    text = body if isinstance(body, str) else orjson.dumps({"schema_version": 1} | body).decode()
    attributes = {
        "ApproximateReceiveCount": str(receives),
        "SentTimestamp": "1767225600000",
        "SenderId": "AIDA",
        "ApproximateFirstReceiveTimestamp": "1767225600001",
    }
    if group is not None:
        attributes["MessageGroupId"] = group
    return {
        "messageId": name,
        "receiptHandle": f"handle-{name}",
        "body": text,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN + ("ingest-apply.fifo" if group else "ingest-store"),
        "awsRegion": "eu-central-1",
    }


def failures(answer):
    """Return the failed messages of a partial batch response."""
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def run_store(bench, postponed, *records):
    """Run the store worker."""
    module = importlib.import_module("functions.worker_store_transactions.handler")
    with mock.patch.multiple(
        module,
        store_deps=lambda: bench.storing,
        patience=postponed,
        gate_reader=lambda: bench.gate,
    ):
        return module.handler({"Records": list(records)}, None)


def run_apply(bench, postponed, *records):
    """Run the apply worker."""
    module = importlib.import_module("functions.worker_apply_wallet.handler")
    with mock.patch.multiple(module, advance_deps=lambda: bench.advancing, patience=postponed):
        return module.handler({"Records": list(records)}, None)


def test_bodies_in_messages_and_in_objects_become_facts(bench, postponed):
    """A small batch travels in its message, a large one as an object that the message names."""
    history = generated_history(5, 4)
    first, second, *_ = history.signatures
    bench.blobs.put("inbox/a.json", history.text([second], rich=True).encode())

    answer = run_store(
        bench,
        postponed,
        record(
            "1", {"source": "webhook", "body": history.text([first], rich=True), "s3_key": None}
        ),
        record("2", {"source": "backfill", "body": None, "s3_key": "inbox/a.json"}),
    )

    assert failures(answer) == []
    assert bench.facts.stored([first, second]) == {first, second}


def test_what_webhooks_deliver_is_counted_as_spent(bench, postponed):
    """The provider bills each entry, repeated ones too; what we fetched was counted when asked."""
    history = generated_history(5, 4)
    text = history.text(history.signatures[:3], rich=True)
    for name, source in enumerate(("webhook", "webhook", "backfill")):
        run_store(bench, postponed, record(str(name), {"source": source, "body": text}))

    assert bench.gate.reading().spend.spent == 6


def test_a_count_that_is_lost_fails_no_store(bench, postponed):
    """What is stored is stored: the message is not delivered again for the sake of a number."""
    history = generated_history(5, 4)
    [signature] = history.signatures[:1]
    bench.gate = mock.Mock(charge=mock.Mock(side_effect=StoreUnavailable("silent")))
    text = history.text([signature], rich=True)

    answer = run_store(bench, postponed, record("1", {"source": "webhook", "body": text}))

    assert failures(answer) == []
    assert bench.facts.stored([signature]) == {signature}


def test_a_false_body_is_told_of(bench, postponed, capsys, caplog):
    """The node's bodies are compared apart; what an alarm listens for is logged, with a count."""
    history = generated_history(5, 4)
    [signature] = history.signatures[:1]
    [body] = orjson.loads(history.text([signature], rich=True))
    body["meta"]["fee"] += 1
    told = orjson.dumps([body]).decode()
    run_store(bench, postponed, record("1", {"source": "webhook", "body": told}))
    doubts = MemoryDoubtStore(bench.facts, MemoryBackfillStore(MemoryFactsView(bench.facts)))
    verifying = VerifyDeps(doubts=doubts, storing=bench.storing)
    module = importlib.import_module("functions.worker_store_transactions.handler")

    with mock.patch.object(module, "verify_deps", return_value=verifying):
        text = history.text([signature], rich=False)
        answer = run_store(bench, postponed, record("2", {"source": "verify", "body": text}))

    false = [each for each in caplog.records if each.message == "body_false"]
    counted = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert failures(answer) == []
    assert [each.signature for each in false] == [signature]
    assert [line["BodiesFalse"] for line in counted if "BodiesFalse" in line] == [[1.0]]


def test_messages_that_come_together_are_one_store_batch(bench, postponed):
    """One pack, one transaction and one wake-up a wallet, however many messages there are."""
    history = generated_history(5, 4)
    wallet, listed = next(iter(history.listings.items()))
    bench.track(wallet)
    bodies = [history.text([signature], rich=True) for signature in listed]

    answer = run_store(
        bench,
        postponed,
        *(record(str(n), {"source": "webhook", "body": body}) for n, body in enumerate(bodies)),
    )

    assert failures(answer) == []
    assert len(listed) > 1
    assert bench.facts.stored(listed) == set(listed)
    assert len(bench.blobs.objects) == 1
    assert [wake.wallet for wake in bench.waker.sent] == [wallet]


def test_a_transient_fault_fails_its_whole_batch_and_later_each_time(bench, postponed):
    """While the database is away messages are kept, each hidden for longer at each receive."""
    history = generated_history(5, 4)
    body = {"source": "webhook", "body": history.text(history.signatures[:1], rich=True)}
    bench.facts.stored = mock.Mock(side_effect=[StoreUnavailable("away"), frozenset()])

    answer = run_store(bench, postponed, record("1", body, receives=7), record("2", body))

    assert failures(answer) == ["1", "2"]
    assert postponed.calls == [
        (ARN + "ingest-store", "handle-1", 7),
        (ARN + "ingest-store", "handle-2", 1),
    ]


def test_one_message_keeps_no_other_from_being_stored(bench, postponed):
    """What cannot be read is recorded or given up, what the store stumbles at fails alone."""
    history = generated_history(5, 4)
    first, second, stumbling, *_ = history.signatures
    stored = bench.facts.stored

    def stumble(signatures):
        if stumbling in signatures:
            raise ValueError("a fault of one message")
        return stored(signatures)

    bench.facts.stored = stumble
    texts = [history.text([signature], rich=True) for signature in (first, stumbling, second)]

    answer = run_store(
        bench,
        postponed,
        record("1", {"source": "webhook", "body": texts[0]}),
        record("2", "no json"),
        record("3", {"source": "webhook", "body": texts[1]}),
        record("4", {"source": "webhook", "body": "not a transaction"}),
        record("5", {"source": "webhook", "body": texts[2]}),
    )

    assert failures(answer) == ["3"]
    assert stored([first, second, stumbling]) == {first, second}
    assert len(bench.facts.tables.unreadable) == 1


def test_a_whole_failed_batch_is_reported_and_not_raised(bench, postponed):
    """Every message failing is an answer like any other: the environment lives on."""
    bench.facts.stored = mock.Mock(side_effect=StoreUnavailable("away"))
    body = {"source": "webhook", "body": "[]"}

    assert failures(run_store(bench, postponed, record("1", body), record("2", body))) == ["1", "2"]


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        '{"schema_version": 2, "source": "webhook", "body": "[]"}',
        {"source": "", "body": "[]"},
        {"source": "webhook", "body": None, "s3_key": None},
        {"source": "webhook", "body": None, "s3_key": "inbox/gone.json"},
    ],
)
def test_a_message_that_can_never_succeed_is_acknowledged(bench, postponed, body):
    """It is logged and given up, not tried a hundred times."""
    answer = run_store(bench, postponed, record("1", body))

    assert failures(answer) == []
    assert postponed.calls == []


def test_wake_ups_of_one_wallet_are_one_turn(bench, postponed):
    """Three messages of a wallet in a batch cost what one does and are all acknowledged."""

    def transactions_of(messages, worked):
        worked.track(ANN)
        worked.queue(ANN, 2)
        worked.facts.transaction = mock.Mock(wraps=worked.facts.transaction)
        wakes = [record(str(n), {"wallet": ANN, "batch": "b"}, group=ANN) for n in range(messages)]
        assert failures(run_apply(worked, postponed, *wakes)) == []
        assert worked.summaries.get(ANN).as_of_seq == 2
        return worked.facts.transaction.call_count

    assert transactions_of(3, bench) == transactions_of(1, Bench())


def test_a_failed_group_keeps_its_order_and_lets_others_pass(bench, postponed):
    """Behind a failed message of a wallet its others fail too; another wallet goes on."""
    bob = "11111111111111111111111111111112"
    bench.track(ANN)
    bench.track(bob)
    real = bench.facts.transaction
    bench.facts.transaction = mock.Mock(
        side_effect=chain([StoreUnavailable("away")], (real() for _ in count()))
    )

    answer = run_apply(
        bench,
        postponed,
        record("a1", {"wallet": ANN, "batch": "1"}, group=ANN),
        record("b1", {"wallet": bob, "batch": "1"}, group=bob),
        record("a2", {"wallet": ANN, "batch": "2"}, group=ANN),
    )

    assert failures(answer) == ["a1", "a2"]
    assert bench.summaries.get(bob) is not None


def test_the_sweep_answers_with_what_it_found(bench, capsys):
    """A plain run sweeps and tells what the provider cost; asked to, it projects everything."""
    bench.track(ANN)
    bench.gate.charge(150)
    views = MemoryViewStore(MemoryFactStore(), MemoryPriceStore())
    module = importlib.import_module("functions.job_sweep_pending.handler")
    with mock.patch.multiple(
        module,
        sweep_deps=lambda: bench.sweeping,
        apply_deps=lambda: bench.applying,
        untrack_deps=mock.DEFAULT,
        untrack_unread=mock.Mock(return_value=2),
        drop_views_deps=lambda: ViewDeps(views=views, clock=bench.clock),
        gate_reader=lambda: bench.gate,
    ):
        plain = module.handler({}, None)
        everything = module.handler({"reproject": "all"}, None)
        module.handler({"unblock": [ANN]}, None)

    assert plain == {"woken": 0, "projected": 0}
    assert everything == {"woken": 1, "projected": 1}
    assert bench.summaries.get(ANN).address == ANN
    assert '"CreditsSpentPercent":[75.0]' in capsys.readouterr().out


def test_the_migration_job_reports_what_it_did(postgres_databases):
    """A first run applies every file, a second none; the epoch is raised only when asked."""
    dsn = postgres_databases.create_empty()
    module = importlib.import_module("functions.job_migrate.handler")
    with mock.patch.object(module, "migration_dsn", return_value=dsn):
        first = module.handler({}, None)
        second = module.handler({"raise_epoch": True}, None)

    assert first["applied"][0] == "0001_facts.sql"
    assert (second["applied"], first["epoch"]) == ([], None)
    assert second["epoch"] > 0
