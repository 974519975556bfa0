"""The registry of programs."""

import importlib
import pkgutil
import re
from collections import Counter

import pytest

from oof.domain.transactions import programs
from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.programs.helpers import HELPERS
from oof.domain.transactions.programs.program import Program, Role
from oof.domain.transactions.programs.protocol_accounts import PROTOCOL_ACCOUNTS
from oof.domain.transactions.programs.registry import BY_ID, PROGRAMS
from oof.domain.transactions.programs.terminals import FEE_ACCOUNTS

BESIDE = {
    "claims",
    "fee_accounts",
    "helpers",
    "jito",
    "landing",
    "program",
    "protocol_accounts",
    "registry",
}
"""What stands beside the programs: tables that several of them use."""

MODULES = sorted(
    name
    for _finder, name, _is_package in pkgutil.iter_modules(programs.__path__)
    if name not in BESIDE
)


def test_no_two_programs_claim_one_id() -> None:
    """Each program id is registered once."""
    assert [
        key for key, count in Counter(each.program_id for each in PROGRAMS).items() if count > 1
    ] == []
    assert len(BY_ID) == len(PROGRAMS)


def test_ids_are_keys() -> None:
    """Every registered id, helper and fee account is 32 bytes of base58."""
    for address in (*BY_ID, *FEE_ACCOUNTS, *HELPERS, *PROTOCOL_ACCOUNTS):
        assert len(decode_base58(address)) == 32, address


@pytest.mark.parametrize("name", MODULES)
def test_module_is_registered_and_names_its_source(name: str) -> None:
    """Every program file stands in the registry and says where its facts come from."""
    module = importlib.import_module(f"{programs.__name__}.{name}")
    registered = set(PROGRAMS)
    own: tuple[Program, ...] = module.PROGRAMS
    assert own
    assert set(own) <= registered
    assert "http" in (module.__doc__ or "") or "on chain" in (module.__doc__ or "")


def test_helpers_are_no_venues() -> None:
    """A program that acts for whoever calls it is not registered as one that trades."""
    assert set(HELPERS).isdisjoint(BY_ID)


def test_slugs_are_plain_words() -> None:
    """Slugs are lower case words joined by underscores, as they stand in the API."""
    for program in PROGRAMS:
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", program.slug), program


def test_ten_most_frequent_venues_are_known() -> None:
    """The venues that most recorded transactions touch are pools or routers by name."""
    frequent = [
        "serum_v3",
        "raydium_v4",
        "jupiter_v6",
        "humidifi",
        "orca_whirlpool",
        "raydium_clmm",
        "meteora_dlmm",
        "pump_swap",
        "pump_fun",
        "phoenix",
    ]
    known = {each.slug for each in PROGRAMS if each.role in {Role.POOL, Role.ROUTER}}
    assert set(frequent) <= known
