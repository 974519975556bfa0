"""Accounts told by name: tips of those who land a transaction, fees of those who offer it."""

from typing import Any

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.fee_accounts import FEE_ACCOUNTS
from oof.domain.transactions.programs.jito import JITO_TIP_ACCOUNTS, TIP_ACCOUNTS
from oof.domain.transactions.programs.landing import LANDING_TIP_ACCOUNTS
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import FEE, SYSTEM_PROGRAM, Draft, key, send

USER = key("user")

SERVICES = {slug: account for account, slug in LANDING_TIP_ACCOUNTS.items()}
TERMINALS = {slug: account for account, slug in FEE_ACCOUNTS.items()}


def pay(account: str) -> NormalizedTransaction:
    """Normalize a plain transfer of 1,000 lamports to an account."""
    body = Draft(USER).lamports(USER, 10**9, 10**9 - FEE - 1_000).lamports(account, 0, 1_000)
    found = normalize(body.call(SYSTEM_PROGRAM, [USER, account], send(1_000)).body())
    assert isinstance(found, NormalizedTransaction)
    return found


def kind_of(found: NormalizedTransaction, account: str) -> Kind:
    """Give why an account received lamports."""
    (kind,) = {
        each.kind for each in found.movements if each.owner == account and each.mint == SOL_MINT
    }
    return kind


@pytest.mark.parametrize("slug", sorted(SERVICES))
def test_landing_services_are_tipped(slug: str) -> None:
    """What reaches a service that lands transactions is a tip."""
    assert kind_of(pay(SERVICES[slug]), SERVICES[slug]) is Kind.TIP


@pytest.mark.parametrize("slug", sorted(TERMINALS))
def test_terminals_collect_fees(slug: str) -> None:
    """What reaches a terminal's fee account is its fee."""
    assert kind_of(pay(TERMINALS[slug]), TERMINALS[slug]) is Kind.BOT_FEE


def test_no_account_is_both() -> None:
    """No account takes tips and fees, and Jito's are Jito's alone."""
    assert TIP_ACCOUNTS.isdisjoint(FEE_ACCOUNTS)
    assert JITO_TIP_ACCOUNTS.isdisjoint(LANDING_TIP_ACCOUNTS)


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "account"),
    [
        ("KHh2YqBZ", "nozWCyTPppJjRuw2fpzDhhWbW355fzosWSzrrMYB1Qk"),
        ("3XAnhzL2", "TEMPaMeCRFAS9EKF53Jd6KpHxgL47uWLcpFArU1Fanq"),
        ("2wkECde7", "NexTBLockJYZ7QD7p2byrUa6df8ndV2WSd8GkbWqfbb"),
        ("3tJczs8y", "HWEoBxYs7ssKuudEjzjmpfJVX7Dvi7wescFsVx2L5yoY"),
        ("4SSXjiK9", "4HiwLEP2Bzqj3hM2ENxJuzhcPCdsafwiet3oGkMkuQY4"),
        ("44pxrtZz", "AsTRADtvb6tTmrsqULQ9Wji9PigDMjhfEMza6zkynEvV"),
        ("JaVG5S6g", "4TQLFNWK8AovT1gFvda5jfw2oJeRMKEmw7aH6MGBJ3or"),
    ],
)
def test_recorded_tips_are_told(
    recorded: dict[str, list[dict[str, Any]]], prefix: str, account: str
) -> None:
    """Traders paid these services to be landed."""
    signature = next(each for each in recorded if each.startswith(prefix))
    found = normalize(recorded[signature][0])
    assert isinstance(found, NormalizedTransaction)
    assert kind_of(found, account) is Kind.TIP
