"""Programs that act for whoever calls them: never a venue, never the end of a pool's leg.

Ids: https://github.com/solana-foundation/explorer (`app/utils/programs.ts`),
https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`: vaults, fees),
https://dev.jup.ag/docs/lend (oracle, flash loans), https://github.com/metaplex-foundation,
https://github.com/bloXroute-Labs/solana-trader-client-go (memo),
https://github.com/drift-labs/jit-proxy, https://github.com/JulienCouzinie/Grafolana
(sequence enforcer), https://github.com/jac0xb/lighthouse.
Where claims stand: https://github.com/pump-fun/pump-public-docs
(`idl/pump_fees.json`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from oof.domain.transactions.programs.meteora import DYNAMIC_VAULT

PUMP_FEES: Final = "pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ"

HELPERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        DYNAMIC_VAULT: "meteora_vault",
        "vo1tWgqZMjG61Z2T9qUaMYKqZ75CYzMuaZ2LZP1n7HV": "stabble_vault",
        PUMP_FEES: "pump_fees",
        "HEvSKofvBgfaexv23kMabbYqxasxU3mQ4ibBMEmJWHny": "chainlink_store",
        "cjg3oHmg9uuPsP8D6g29NWvhySJkdYdAo9D25PRbKXJ": "chainlink",
        "FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH": "pyth",
        "DtmE9D2CSB4L5D6A15mraeEjrGMm6auWVzgaD8hK2tZM": "switchboard",
        "SW1TCH7qEPTdLsDHRgPuMQjbQxKdH2aBStViMFnt64f": "switchboard_v2",
        "jupnw4B6Eqs7ft6rxpzYLJZYSnrpRgPcr589n5Kv4oc": "jupiter_lend_oracle",
        "jupgfSgfuAXv4B6R2Uxu85Z1qdzgju79s6MfZekN6XS": "jupiter_lend_flash_loan",
        "J1TnP8zvVxbtF5KFp5xRmWuvG9McnhzmBd9XGfCyuxFP": "drift_jit_proxy",
        "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s": "metaplex_metadata",
        "cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK": "account_compression",
        "noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV": "noop",
        "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr": "memo",
        "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo": "memo",
        "GDDMwNyyx8uB6zrqwBFHjLLG3TBYk2F8Az4yrQC5RzMp": "sequence_enforcer",
        "HQ2UUt18uJqKaQFJhgV9zaTdQxUZjNrsKFgoEDquBkcx": "bloxroute_memo",
        "L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95": "lighthouse",
        "namesLPneVptA9Z5rqUDD9tMTWEJwofgaYwp8cawRkX": "name_service",
        "KeccakSecp256k11111111111111111111111111111": "secp256k1",
        "Ed25519SigVerify111111111111111111111111111": "ed25519",
        "AddressLookupTab1e1111111111111111111111111": "address_lookup_table",
    }
)
"""Each id with its name. None of them is a `Program`: they never name a trader or a kind."""

HELPER_CLAIMS: Final[Mapping[str, frozenset[bytes]]] = MappingProxyType(
    {
        PUMP_FEES: frozenset(
            {
                bytes.fromhex("e115fb85a11ec7e2"),  # claim_social_fee_pda
                bytes.fromhex("114df0863abc3595"),  # claim_social_fee_pda_v2
            }
        )
    }
)
"""Discriminators of what claims all the same, by program: the second account pays the first."""
