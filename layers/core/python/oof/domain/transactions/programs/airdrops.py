"""Distributors of airdrops and rewards: a claim is income.

As named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _airdrop(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.INCOME)


PROGRAMS: Final = (
    _airdrop("ARDPkhymCbfdan375FCgPnBJQvUfHeb7nHVdBfwWSxrp", "solayer_airdrop"),
    _airdrop("mERKcfxMC5SqJn4Ld4BUris3WKZZ1ojjWJ3A3J5CKxv", "jito_airdrop"),
    _airdrop("DiS3nNjFVMieMgmiQFm6wgJL7nevk4NrhXKLbtEH1Z2R", "jupiter_airdrop"),
    _airdrop("DiSLRwcSFvtwvMWSs7ubBMvYRaYNYupa76ZSuYLe6D7j", "jupiter_launchpad"),
    _airdrop("Dis2TfkFnXFkrtvAktEkw37sdb7qwJgY6H7YZJwk51wK", "jupiter_rewards"),
    _airdrop("5tu3xkmLfud5BAwSuQke4WSjoHcQ52SbrPwX9es8j6Ve", "parcl_airdrop"),
    _airdrop("CUEB3rQGVrvCRTmyjLrPnsd6bBBsGbz1Sr49vxNLJkGR", "pengu_airdrop"),
    _airdrop("fdropWhSi5xVKa9z26qKXveXoHDePDXfb5zxt3RKvKx", "fragmetric_airdrop"),
    _airdrop("indiXdKbsC4QSLQQnn6ngZvkqfywn6KgEeQbkGSpk1V", "marinade_airdrop"),
    _airdrop("Eohp5jrnGQgP74oD7ij9EuCSYnQDLLHgsuAmtSTuxABk", "grass_airdrop"),
    _airdrop("DBrLFG4dco1xNC5Aarbt3KEaKaJ5rBYHwysqZoeqsSFE", "debridge_airdrop"),
    _airdrop("MErKy6nZVoVAkryxAejJz2juifQ4ArgLgHmaJCQkU7N", "streamflow_airdrop"),
    _airdrop("aSTRM2NKoKxNnkmLWk9sz3k74gKBk9t7bpPrTGxMszH", "streamflow_airdrop"),
    _airdrop("disGCfSiJKFigEphfou4PGHn1rukMfbs9cg9GpTM6oe", "magic_eden_airdrop"),
    _airdrop("Distcc8stwHiwnxxj5BWkP9Re7MWRhH3JqRaRxfQC6Zr", "huma_airdrop"),
    _airdrop("9R2CZDyVjBBK2bxx6NfKdnYMYfh8TQEphUUgZ4861XqJ", "sanctum_rewards"),
    _airdrop("mrksLcZ6rMs9xkmJgw6oKiR3GECw44Gb5NeDqu64kiw", "save_rewards"),
    _airdrop("3zK38YBP6u3BpLUpaa6QhRHh4VXdv3J8cmD24fFpuyqy", "magna_airdrop"),
)
