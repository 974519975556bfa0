"""Trading terminals and bots: front-ends around venues, told by program or by fee account.

Programs: https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`),
https://github.com/DefiLlama/dimension-adapters (`fees/axiom.ts`, `fees/aveai`),
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`: BonkBot, Ape),
https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`: GMGN),
https://github.com/JulienCouzinie/Grafolana (`config/dex_programs/swap_programs.py`: BullX, Trojan,
Fado, King, Pumpkin), https://github.com/NotArb/Release,
https://docs.solanamevbot.com and https://github.com/pump-fun/pump-public-docs (Mayhem, the agent
that trades a young coin).
"""

from collections.abc import Mapping
from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs import fee_accounts
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
    _terminal("Axioma2rR4DWuvobyz9eQxsg6acNY9shj3u7gnjK3DSV", "axiom"),
    _terminal("4pP8eDKACuV7T2rbFPE8CHxGKDYAzSdRsdMsGvz2k4oc", "bullx"),
    _terminal("AFW9KCZtmtMWuhuLkF5mLY9wsk7SZrpZmuKijzcQ51Ni", "bullx"),
    _terminal("tro46jTMkb56A3wPepo5HT7JcvX9wFWvR8VaJzgdjEf", "trojan"),
    _terminal("FAdo9NCw1ssek6Z6yeWzWjhLVsr8uiCwcWNUnKgzTnHe", "fado"),
    _terminal("King7ki4SKMBPb3iupnQwTyjsq294jaXsgLmJo8cb7T", "king"),
    _terminal("E55ogQGmvvBKtZeGHaNoCASCBAV4rFFedCMzhku2YTqz", "pumpkin"),
    _terminal("minTcHYRLVPubRK8nt6sqe2ZpWrGDLQoNLipDJCGocY", "mintech"),
    _terminal("MaestroAAe9ge5HTc64VbBQZ6fP77pwvrhM8i1XWSAx", "maestro"),
    _terminal("JSW99DKmxNyREQM14SQLDykeBvEUG63TeohrvmofEiw", "ape_pro"),
    _terminal("JSWX3pKDbj2EdCMu4ei7sPYSpdcwZNyjkDSteoHQ4UH", "ape_pro"),
    _terminal("CxvksNjwhdHDLr3qbCXNKVdeYACW8cs93vFqLqtgyFE5", "bonkbot"),
    _terminal("GMgnVFR8Jb39LoXsEVzb3DvBy3ywCmdmJquHUy1Lrkqb", "gmgn"),
    _terminal("AveaiuA1emN71q9mS2QQ9BEWNAAHmp8sHSvwLFHQjufM", "ave"),
    _terminal("MAyhSmzXzV1pTf7LsNkrNwkWKTo4ougAJ1PPg47MD4e", "pump_mayhem"),
    _terminal("MEViEnscUm6tsQRoGd9h6nLQaQspKj7DB2M5FwM3Xvz", "solana_mev_bot"),
    _terminal("BqirtYFXWbEaQr2VxcDKZ7nehZqNtqrLJbpoUaBpPZ6z", "notarb"),
)

FEE_ACCOUNTS: Final[Mapping[str, str]] = fee_accounts.FEE_ACCOUNTS
"""Wallets that terminals collect their fees in, to the terminal's slug."""
