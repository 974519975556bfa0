"""Trading terminals and bots: front-ends around venues, told by program or by fee account.

Fee accounts as published by dashboards that count their users on chain
(https://github.com/DefiLlama/dimension-adapters, https://github.com/duneanalytics/spellbook).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _terminal(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.TERMINAL, kind=Kind.TRANSFER)


PROGRAMS: Final = (
    _terminal("AxiomfHaWDemCFBLBayqnEnNwE6b7B2Qz3UmzMpgbMG6", "axiom"),
    _terminal("AxiomxSitiyXyPjKgJ9XSrdhsydtZsskZTEDam3PxKcC", "axiom"),
    _terminal("FLASHX8DrLbgeR8FcfNV1F5krxYcYMUdBkrP1EPBtxB9", "axiom"),
    _terminal("BSfD6SHZigAfDWSjzD5Q41jw8LmKwtmjskPH9XW1mrRW", "photon"),
    _terminal("BANANAjs7FJiPQqJTGFzkZJndT9o7UmKiYYGaJz6frGu", "banana_gun"),
    _terminal("NoVA1TmDUqksaj2hB1nayFkPysjJbFiU76dT4qPw2wm", "nova"),
    _terminal("b1oomGGqPKGD6errbyfbVMBuzSC8WtAAYo8MwNafWW1", "bloom"),
)

_FEE_ACCOUNTS_OF: Final = {
    "axiom": (
        "7LCZckF6XXGQ1hDY6HFXBKWAtiUgL9QY5vj1C4Bn1Qjj",
        "4V65jvcDG9DSQioUVqVPiUcUY9v6sb6HKtMnsxSKEz5S",
        "CeA3sPZfWWToFEBmw5n1Y93tnV66Vmp8LacLzsVprgxZ",
        "AaG6of1gbj1pbDumvbSiTuJhRCRkkUNaWVxijSbWvTJW",
        "7oi1L8U9MRu5zDz5syFahsiLUric47LzvJBQX6r827ws",
        "9kPrgLggBJ69tx1czYAbp7fezuUmL337BsqQTKETUEhP",
        "DKyUs1xXMDy8Z11zNsLnUg3dy9HZf6hYZidB6WodcaGy",
        "4FobGn5ZWYquoJkxMzh2VUAWvV36xMgxQ3M7uG1pGGhd",
        "76sxKrPtgoJHDJvxwFHqb3cAXWfRHFLe3VpKcLCAHSEf",
        "H2cDR3EkJjtTKDQKk8SJS48du9mhsdzQhy8xJx5UMqQK",
        "8m5GkL7nVy95G4YVUbs79z873oVKqg2afgKRmqxsiiRm",
        "4kuG6NsAFJNwqEkac8GFDMMheCGKUPEbaRVHHyFHSwWz",
        "8vFGAKdwpn4hk7kc1cBgfWZzpyW3MEMDATDzVZhddeQb",
        "86Vh4XGLW2b6nvWbRyDs4ScgMXbuvRCHT7WbUT3RFxKG",
        "DZfEurFKFtSbdWZsKSDTqpqsQgvXxmESpvRtXkAdgLwM",
        "5L2QKqDn5ukJSWGyqR4RPvFvwnBabKWqAqMzH4heaQNB",
        "DYVeNgXGLAhZdeLMMYnCw1nPnMxkBN7fJnNpHmizTrrF",
        "Hbj6XdxX6eV4nfbYTseysibp4zZJtVRRPn2J3BhGRuK9",
        "846ah7iBSu9ApuCyEhA5xpnjHHX7d4QJKetWLbwzmJZ8",
        "5BqYhuD4q1YD3DMAYkc1FeTu9vqQVYYdfBAmkZjamyZg",
    ),
    "bonkbot": ("ZG98FUCjb8mJ824Gbs6RsgVmr1FhXb2oNiJHa2dwmPd",),
    "bullx": ("F4hJ3Ee3c5UuaorKAMfELBjYCjiiLH75haZTKqTywRP3",),
    "fomo": ("HrTf9CzXR1dRH4Sof5QrpmGWwpwAf3qZzwCsEjQpXcSq",),
    "gmgn": (
        "BB5dnY55FXS1e1NXqZDwCzgdYJdMCj3B92PU6Q5Fb6DT",
        "7sHXjs1j7sDJGVSMSPjD1b4v3FD6uRSvRWfhRdfv5BiA",
        "HeZVpHj9jLwTVtMMbzQRf6mLtFPkWNSg11o68qrbUBa3",
        "ByRRgnZenY6W2sddo1VJzX9o4sMU4gPDUkcmgrpGBxRy",
        "DXfkEGoo6WFsdL7x6gLZ7r6Hw2S6HrtrAQVPWYx2A1s9",
        "3t9EKmRiAUcQUYzTZpNojzeGP1KBAVEEbDNmy6wECQpK",
        "DymeoWc5WLNiQBaoLuxrxDnDRvLgGZ1QGsEoCAM7Jsrx",
        "dBhdrmwBkRa66XxBuAK4WZeZnsZ6bHeHCCLXa3a8bTJ",
        "6TxjC5wJzuuZgTtnTMipwwULEbMPx5JPW3QwWkdTGnrn",
    ),
    "maestro": (
        "MaestroUL88UBnZr3wfoN7hqmNWFi3ZYCGqZoJJHE36",
        "FRMxAnZgkW58zbYcE7Bxqsg99VWpJh6sMP5xLzAWNabN",
    ),
    "pepeboost": ("G9PhF9C9H83mAjjkdJz4MDqkufiTPMJkx7TnKE1kFyCp",),
    "photon": ("AVUCZyuT35YSuj4RH7fwiyPu82Djn2Hfg7y2ND2XcnZH",),
    "sol_trading_bot": ("HEPL5rTb6n1Ax6jt9z2XMPFJcDe9bSWvWQpsK7AMcbZg",),
    "trojan": (
        "9yMwSPk9mrXSN7yDHUuZurAh1sjbJsfpUqjZ7SvVtdco",
        "BBYXdwhqbCxVRVtnuMTTxh8biNisz3ZxsnHfr44jXytR",
        "92Med3qeK7duC5iiYsHX38H2f2twJfRsSx93oNrza2VH",
        "2jwHNxavSoMZMEDbT1eV9PcPt5dDcayCqM6MkgaPpmWQ",
        "65gDv7pZQCZELsNpNYSFEBtNFpWZAbxmRFB6BGMqFkHH",
        "BWgb8wR1FEGiu1jCDSKuHKf752W27b4iN6SvoNCiK4qp",
        "8jgg7moFJkHyTtAv9M6RBSPMp2oXeXhuiUMKW8YbYCWn",
    ),
}

FEE_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {account: slug for slug, accounts in _FEE_ACCOUNTS_OF.items() for account in accounts}
)
"""Wallets that terminals collect their fees in, to the terminal's slug."""
