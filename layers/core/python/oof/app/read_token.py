"""What a token is called, from what is stored; nobody is asked for it."""

from oof.domain.errors import NotFound
from oof.domain.tokens_facts import TokenFacts, with_known
from oof.domain.tokens_known import KNOWN
from oof.domain.units import Mint
from oof.ports.tokens import TokenFactsReader


def read_token(tokens: TokenFactsReader, mint: Mint) -> TokenFacts:
    """Return a mint's facts, our own list's before all others; one round trip to the database.

    Raises NotFound for a mint that no stored transaction has and that is on no list.
    """
    facts = tokens.facts(mint)
    if facts is None and mint not in KNOWN:
        raise NotFound(f"no stored transaction has the mint {mint}")
    return with_known(TokenFacts(mint=mint) if facts is None else facts)
