"""What a function loads before its first event: a first open waits for seven of them in a row."""

import subprocess
import sys

import pytest

from stacks.functions import FUNCTIONS, WITH_SCIENCE

NORMALIZER = "oof.domain.transactions.normalize"
DRIVER = "psycopg"
LOADS = {
    "step_plan_backfill": {DRIVER},
    "step_check_account": set(),
    "step_list_signatures": set(),
    "step_lease_signatures": {DRIVER},
    "step_fetch_transactions": set(),
    "step_store_transactions": {DRIVER, NORMALIZER},
    "step_finish_chunk": {DRIVER},
    "worker_store_transactions": {DRIVER, NORMALIZER},
    "worker_apply_wallet": {DRIVER},
}


@pytest.mark.parametrize("function", LOADS)
def test_a_function_loads_no_heavy_part_it_does_not_use(function):
    """The normalizer is loaded where bodies are read, the driver where the database is reached."""
    program = (
        f"import sys, functions.{function}.handler\n"
        f"print(*({{'{DRIVER}', '{NORMALIZER}'}} & sys.modules.keys()))"
    )
    path = [each for each in sys.path if each]
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert set(loaded) == LOADS[function]


def test_numpy_is_loaded_by_those_alone_that_carry_it():
    """Every other function runs without its layer, so importing it there would fail."""
    names = sorted(FUNCTIONS.keys() - WITH_SCIENCE)
    program = (
        "import importlib, sys\n"
        f"for names in {[names, sorted(WITH_SCIENCE)]}:\n"
        "    for name in names: importlib.import_module(f'functions.{name}.handler')\n"
        "    print(*sorted({'numpy', 'scipy'} & sys.modules.keys()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(each for each in sys.path if each)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert told == ["", "numpy scipy"]
