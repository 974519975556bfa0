"""One run from a deployed stack to a verdict."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from local.chaos.machinery import Machinery
from local.chaos.plants import plant_afterwards, plant_in_database, uproot
from local.chaos.promises import broken_promises
from local.chaos.provider import Provider
from local.chaos.recovery import NeverRests, Recovery
from local.chaos.reference import Reference, clean_pass
from local.chaos.schedule import draw
from local.chaos.setting import Setting
from local.chaos.storm import Storm, untold
from local.chaos.tally import Tally
from local.runtime import RunningStack
from oof.domain.transactions.base58 import decode_base58

HIDDEN_S: Final = 20
"""For how long a message that was taken stays hidden during the storm: what a killed worker held
comes back within it, and what is merely slow comes back too, while it is still worked on."""
ASKING_HIDDEN_S: Final = 65
"""The same of messages that ask the provider: longer than their function may run, as on AWS, since
two at once would ask twice."""
_ASKING: Final = "ingest-fetch"
_OPENS: Final = ("api_serve_wallets", "OOF_OPENS_PER_CALLER_PER_DAY")


class Verdict(NamedTuple):
    """What a run came to."""

    broken: list[str]
    """One line for each broken promise."""
    tally: Tally
    counters: dict[str, Any]
    """The stand-in's."""
    transactions: int
    """How many the wallets have in the end."""


def storm_over(stack: RunningStack, setting: Setting, tell: Callable[[str], None]) -> Verdict:
    """Let a storm of this setting pass over a stack whose chain has a crowd of its size."""
    provider, tally = Provider(stack), Tally()
    machinery = Machinery(stack)
    try:
        with _impatient(machinery):
            return _run(machinery, provider, setting, tally, tell)
    finally:
        provider.close()


def _run(
    machinery: Machinery,
    provider: Provider,
    setting: Setting,
    tally: Tally,
    tell: Callable[[str], None],
) -> Verdict:
    wallets = provider.crowd(setting.wallets)
    deadline = time.monotonic() + setting.minutes * 60
    recovery = Recovery(machinery, provider, tally, deadline=deadline, tell=tell)
    provider.control("reset")
    machinery.set_variable(*_OPENS, str(10 * setting.wallets + 100))
    broken: list[str] = []
    schedule = draw(setting)
    reference: Reference | None = None
    signatures: list[str] = []
    try:
        with _timed(tally, "opening"):
            recovery.open(wallets[::2])
        plant_in_database(setting.plant, machinery, decode_base58(wallets[0]))
        with _timed(tally, "storm"):
            storm = Storm(machinery, provider, wallets, setting, tally)
            signatures = storm.rage(schedule, tell)
        missed = untold(schedule, signatures, tally)
        tally.untold = len(missed)
        with _timed(tally, "recovery"):
            _recover(recovery, wallets, missed)
        plant_afterwards(setting.plant, provider, signatures)
        tell("the clean pass")
        counters = provider.counters()
        reference = clean_pass({wallet: provider.bodies(wallet) for wallet in wallets})
        broken += broken_promises(machinery, provider, tally, reference, wallets)
    except NeverRests as fault:
        broken.append(f"everything comes to rest: {fault}")
        counters = provider.counters()
    finally:
        uproot(setting.plant, machinery)
    return Verdict(broken, tally, counters, len(reference.signatures) if reference else 0)


def _recover(recovery: Recovery, wallets: list[str], missed: set[str]) -> None:
    recovery.calm()
    recovery.rest("what was delivered")
    recovery.open(wallets)
    recovery.rest("what was opened")
    recovery.count_found("before repair", missed)
    recovery.repair_tails(audit=False)
    recovery.count_found("by evidence", missed)
    recovery.repair_tails(audit=True)
    recovery.count_found("by the audit", missed)
    recovery.settle()
    recovery.redrive_dead_letters()


@contextmanager
def _timed(tally: Tally, part: str) -> Iterator[None]:
    begun = time.monotonic()
    try:
        yield
    finally:
        tally.seconds[part] = time.monotonic() - begun


@contextmanager
def _impatient(machinery: Machinery) -> Iterator[None]:
    """Let messages come back soon while the storm lasts."""
    before = {url: machinery.visibility(url) for url in machinery.queues.values()}
    for name, url in machinery.queues.items():
        machinery.set_visibility(url, ASKING_HIDDEN_S if name == _ASKING else HIDDEN_S)
    try:
        yield
    finally:
        for url, seconds in before.items():
            machinery.set_visibility(url, seconds)
