"""How far back history and prices go, by stage."""

from tests.infrastructure.assembly import Assembly


def reach_of(assembly: Assembly) -> dict[str, str]:
    """What those functions are told that decide how far back anything goes."""
    functions = assembly.functions()
    found = {
        f"{name}.{variable}": assembly.environment(functions[name])[f"OOF_{variable}"]
        for name, variable in (
            ("api_serve_wallets", "HISTORY_CEILING_DAYS"),
            ("job_backfill_favourites", "HISTORY_CEILING_DAYS"),
            ("step_settle_prices", "CANDLES_KEPT_DAYS"),
        )
    }
    return {key: str(value) for key, value in found.items()}


def test_two_years_are_the_ceiling_where_somebody_pays(prod: Assembly) -> None:
    """No plan goes further than 730 days, and no candle is kept for longer."""
    assert set(reach_of(prod).values()) == {"730"}


def test_the_local_stage_goes_back_four_years(local: Assembly) -> None:
    """The golden wallet's whole history can be opened, at prices of its time."""
    assert all(int(days) >= 1_461 for days in reach_of(local).values())
