"""What must hold after any storm: each promise, and one line for each that is broken."""

from collections.abc import Iterator, Sequence
from typing import Final

from local.chaos.machinery import Machinery
from local.chaos.provider import Provider
from local.chaos.reference import Reference, comparable, differences, placed_as
from local.chaos.tally import Tally
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.base58 import encode_base58
from tests.support.canonical import postgres_facts

IN_HAND_S: Final = 20.0
"""How long after an answer of the provider somebody may still hold its only copy: whoever is killed
within has to ask again."""

_VERIFIED: Final = """
SELECT t.signature FROM body_checks b JOIN transactions t USING (tx_id)
WHERE b.asked_at IS NOT NULL
"""


def broken_promises(
    machinery: Machinery,
    provider: Provider,
    tally: Tally,
    reference: Reference,
    wallets: Sequence[str],
) -> list[str]:
    """Return one line for each promise that does not hold."""
    return [
        *_same_state(machinery, reference, wallets),
        *_served_whole(machinery, wallets),
        *_acknowledged(tally),
        *_asked_once(machinery, provider, tally),
        *_nothing_left(machinery),
    ]


def _same_state(machinery: Machinery, reference: Reference, wallets: Sequence[str]) -> list[str]:
    """Facts, ledgers, summaries and positions are those of a clean pass."""
    summaries = [s for wallet in wallets if (s := machinery.summary(wallet)) is not None]
    try:
        found = reference.narrowed(postgres_facts(machinery.stack.database_dsn), summaries)
    except AssertionError as fault:
        return [f"the ledgers are whole: {fault}"]
    expected = placed_as(comparable(reference.state), found)
    lines = differences(expected, comparable(found))
    return [f"the state is that of a clean pass: {line}" for line in lines]


def _served_whole(machinery: Machinery, wallets: Sequence[str]) -> Iterator[str]:
    """Every wallet is open, whole and not blocked."""
    for wallet in wallets:
        summary = machinery.summary(wallet)
        if summary is None or summary.state is not WalletState.SEEN_FULL:
            state = "not projected" if summary is None else summary.state
            yield f"every wallet is served whole: {wallet} is {state}"
        elif summary.provisional:
            why = ", ".join(sorted(summary.provisional))
            yield f"every number is final: {wallet} is provisional: {why}"


def _acknowledged(tally: Tally) -> Iterator[str]:
    """Every post was answered 2xx while the webhook was there to answer, the database or not."""
    refused = tally.unacknowledged
    if refused:
        first = refused[0]
        yield (
            f"every delivery is acknowledged: {len(refused)} were not, the first one of "
            f"{first.name} with {first.outcome.status} after {first.outcome.attempts} tries, "
            f"{first.span.begun - tally.begun:.0f} s after the beginning"
        )


def _asked_once(machinery: Machinery, provider: Provider, tally: Tally) -> Iterator[str]:
    """No body was answered whole twice, unless the first answer's holder was killed.

    Bodies that were asked for to verify a webhook's, or as those of another landing, are counted
    apart.
    """
    verified = {encode_base58(bytes(row[0])) for row in machinery.query(_VERIFIED)}
    repeats = provider.counters()["repeats"]
    counted_apart = verified | tally.moved
    again = {name: times for name, times in repeats.items() if name not in counted_apart}
    tally.verified = len(verified)
    tally.asked_again = len(again)
    unexplained = {name: times for name, times in again.items() if not _explained(times, tally)}
    if unexplained:
        name, times = next(iter(unexplained.items()))
        yield (
            f"a body is asked for once: {len(unexplained)} were asked for again though nothing "
            f"was killed, the first one is {name}, at "
            f"{' and '.join(f'{time - tally.begun:.0f} s' for time in times)}"
        )


def _explained(times: Sequence[float], tally: Tally) -> bool:
    return all(
        any(time - 1 <= killed <= time + IN_HAND_S for killed in tally.killed)
        for time in times[:-1]
    )


def _nothing_left(machinery: Machinery) -> Iterator[str]:
    """Queues and outbox are empty, dead letters too, and nothing was set aside as unreadable."""
    for name, url in machinery.dead_letters.items():
        if held := machinery.held(url):
            yield f"no dead letters are left: {held} of {name}"
    for table in ("pending", "unreadable", "unavailable_bodies"):
        ((count,),) = machinery.query(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
        if count:
            yield f"nothing is left over: {count} rows in {table}"
