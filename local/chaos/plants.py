"""Faults put in on purpose, below the product: a proof that cannot fail proves nothing."""

from collections.abc import Mapping, Sequence
from typing import Final

from local.chaos.machinery import Machinery
from local.chaos.provider import Provider
from local.chaos.setting import Plant

_FORGET: Final = """
CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.wallet_id = {wallet} AND NEW.tx_id % 3 = 0 THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER planted BEFORE INSERT ON pending FOR EACH ROW EXECUTE FUNCTION planted();
"""
_COUNT_AGAIN: Final = """
CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE wallet_counters SET value = value + 1 WHERE wallet_id = NEW.wallet_id AND name = 'tx';
    RETURN NULL;
END $$;
CREATE TRIGGER planted AFTER INSERT ON ledger FOR EACH ROW WHEN (NEW.wallet_id = {wallet})
EXECUTE FUNCTION planted();
"""


def plant_in_database(plant: Plant | None, machinery: Machinery, wallet: bytes) -> None:
    """Put in a fault that the database stands for; the wallet must be known already."""
    text: Mapping[Plant, str] = {Plant.LOSE_A_DELIVERY: _FORGET, Plant.DOUBLE_APPLY: _COUNT_AGAIN}
    if plant is not None and plant in text:
        machinery.execute(text[plant].replace("{wallet}", _wallet_id(machinery, wallet)))


def uproot(plant: Plant | None, machinery: Machinery) -> None:
    """Take a fault out of the database again."""
    if plant in {Plant.LOSE_A_DELIVERY, Plant.DOUBLE_APPLY}:
        machinery.execute("DROP FUNCTION IF EXISTS planted() CASCADE")


def plant_afterwards(plant: Plant | None, provider: Provider, signatures: Sequence[str]) -> None:
    """Put in a fault that shows once all is at rest."""
    if plant is Plant.ASK_TWICE:
        for _ in range(2):
            provider.ask(signatures[0])


def _wallet_id(machinery: Machinery, wallet: bytes) -> str:
    ((wallet_id,),) = machinery.query("SELECT wallet_id FROM wallets WHERE address = %s", (wallet,))
    return str(wallet_id)
