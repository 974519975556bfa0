"""Addresses derived from the seed: wallets on the curve, program accounts off it."""

import hashlib

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from local.upstream.generated.programs import ASSOCIATED

_ASSOCIATED = Pubkey.from_string(ASSOCIATED)


class Addresses:
    """Names → addresses of one seed; associated accounts by their real derivation."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._associated: dict[tuple[str, str], str] = {}
        self._wallets: dict[str, str] = {}
        self._derived: dict[tuple[str, bytes, str], str] = {}

    def digest(self, name: str) -> bytes:
        """Return 32 bytes of a name."""
        return hashlib.sha256(f"{self._seed}:{name}".encode()).digest()

    def wallet(self, name: str) -> str:
        """Return an address that somebody holds the key of."""
        known = self._wallets.get(name)
        if known is None:
            known = str(Keypair.from_seed(self.digest(name)).pubkey())
            self._wallets[name] = known
        return known

    def program_account(self, program: str, name: str) -> str:
        """Return an address that only `program` can sign for."""
        known = self._derived.get((program, b"", name))
        if known is None:
            seeds = [self.digest(name)]
            known = str(Pubkey.find_program_address(seeds, Pubkey.from_string(program))[0])
            self._derived[program, b"", name] = known
        return known

    def derived(self, program: str, tag: bytes, owner: str) -> str:
        """Return the program address of `[tag, owner]`, as programs themselves derive it."""
        known = self._derived.get((program, tag, owner))
        if known is None:
            seeds = [tag, bytes(Pubkey.from_string(owner))]
            known = str(Pubkey.find_program_address(seeds, Pubkey.from_string(program))[0])
            self._derived[program, tag, owner] = known
        return known

    def associated(self, owner: str, mint: str, program: str) -> str:
        """Return `owner`'s associated token account of `mint`."""
        known = self._associated.get((owner, mint))
        if known is None:
            seeds = [
                bytes(Pubkey.from_string(owner)),
                bytes(Pubkey.from_string(program)),
                bytes(Pubkey.from_string(mint)),
            ]
            known = str(Pubkey.find_program_address(seeds, _ASSOCIATED)[0])
            self._associated[owner, mint] = known
        return known

    def with_seed(self, base: str, seed: str, program: str) -> str:
        """Return the address of System's `createAccountWithSeed`."""
        key, owner = Pubkey.from_string(base), Pubkey.from_string(program)
        return str(Pubkey.create_with_seed(key, seed, owner))

    def signature(self, name: str) -> str:
        """Return a 64-byte signature."""
        return str(Signature(hashlib.sha512(f"{self._seed}:{name}".encode()).digest()))


def raw(address: str) -> bytes:
    """Return an address's 32 bytes."""
    return bytes(Pubkey.from_string(address))
