"""The nightly job over packs: all parts or one, within the time that an invocation has."""

import importlib
from types import SimpleNamespace
from unittest import mock

import pytest

from tests.exactly_once.histories import generated_history
from tests.unit.app.test_keep_packs import World

MINUTE_MS = 60_000


@pytest.fixture
def world():
    """A store of twenty packs, a day old."""
    world = World(generated_history(8, 20))
    world.store_each(list(world.bodies)[:20])
    world.pass_days(1)
    return world


def run(world, event, *, left_ms=15 * MINUTE_MS, log=None):
    """Run the job with so much time left; return its report."""
    module = importlib.import_module("functions.job_keep_packs.handler")

    def deps_within(has_time):
        world.has_time = has_time
        return world.deps

    context = SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms)
    with mock.patch.multiple(
        module, keep_deps=deps_within, logger=lambda: log if log is not None else mock.Mock()
    ):
        return module.handler(event, context)


def test_a_night_does_every_part(world):
    """Each reports what it did."""
    report = run(world, {})

    assert list(report) == ["merge", "cool", "train", "check"]
    assert report["merge"]["merged"] == 20
    assert report["check"]["broken"] == 0


def test_one_part_alone_may_be_asked_for(world):
    """By hand, after an alarm."""
    report = run(world, {"only": "check"})

    assert list(report) == ["check"]
    assert report["check"]["packs"] == 20


def test_nothing_is_begun_that_could_be_cut_off(world):
    """With a minute left the night is over."""
    report = run(world, {}, left_ms=MINUTE_MS)

    assert report["merge"]["merged"] == 0
    assert report["check"]["packs"] == 0


def test_damage_is_said_aloud(world):
    """The line that the alarm counts names the object."""
    key = next(iter(world.blobs.objects))
    world.blobs.delete(key)
    log = mock.Mock()

    run(world, {"only": "check"}, log=log)

    [call] = log.error.call_args_list
    assert call.args == ("packs_broken",)
    assert call.kwargs["broken"] == 1
    assert call.kwargs["faults"] == (f"{key}: the object is missing",)
