"""Only processes that are ours are ever signalled."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.runtime import process
from local.runtime.process import ProcessRef


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[ProcessRef]:
    """A server that does nothing, and names the test's folder on its command line."""
    argv = [sys.executable, "-X", f"instance={tmp_path}", "-c", "import time; time.sleep(60)"]
    server = process.spawn(argv, {}, tmp_path / "sleeper.log")
    yield server
    process.kill(server)


def test_a_spawned_server_is_known_by_its_id_and_start(sleeper: ProcessRef):
    """What spawn returns is what a later look at the same process returns."""
    assert process.ref(sleeper.pid) == sleeper
    assert process.alive(sleeper)


def test_stop_ends_a_server(sleeper: ProcessRef):
    """An orderly stop ends the process, and says that it went by itself."""
    assert process.stop(sleeper, 5)
    assert not process.alive(sleeper)


def test_a_number_given_to_another_process_is_left_alone(sleeper: ProcessRef):
    """A remembered id whose start differs belongs to somebody else: neither stop nor kill acts."""
    stranger = replace(sleeper, started="0")

    process.stop(stranger, 1)
    process.kill(stranger)

    assert process.alive(sleeper)


def test_a_server_that_ignores_us_is_killed(tmp_path: Path):
    """A process deaf to the polite signal is gone after its grace, and that is said."""
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN)"
    program = f"{deaf}; print(1, flush=True); time.sleep(60)"
    log = tmp_path / "deaf.log"
    server = process.spawn([sys.executable, "-c", program], {}, log)
    while not log.read_text():
        time.sleep(0.01)

    assert not process.stop(server, 0.2)
    assert not process.alive(server)


def test_servers_are_found_by_their_folder_alone(sleeper: ProcessRef, tmp_path: Path):
    """A lost server is found by the folder it names; a neighbour with a longer name is not."""
    assert process.mentioning(tmp_path) == [sleeper]
    assert process.mentioning(tmp_path.with_name(tmp_path.name[:-1])) == []


def test_a_person_reading_our_files_is_no_server(tmp_path: Path):
    """A pager on a log of ours is not taken for a server."""
    log = tmp_path / "server.log"
    log.write_text("")
    pager = process.spawn(["/usr/bin/tail", "-f", str(log)], {}, tmp_path / "out.log")

    found = process.mentioning(tmp_path)

    process.kill(pager)
    assert found == []


def test_the_log_of_the_run_before_is_kept_beside(tmp_path: Path):
    """A fault's log shows this run alone, and the last run's is still there."""
    log = tmp_path / "server.log"
    for line in ("one", "two"):
        server = process.spawn([sys.executable, "-c", f"print({line!r})"], {}, log)
        assert process.wait_gone(server, 10)

    assert log.read_text() == "two\n"
    assert log.with_suffix(".previous.log").read_text() == "one\n"
