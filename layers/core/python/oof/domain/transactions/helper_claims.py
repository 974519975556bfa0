"""Claims at programs that act for whoever calls them, and so neither begin nor end anything.

What such a claim pays is known by its two ends alone, wherever the recording puts it: as a transfer
below the claim, or as lamports that no instruction moved.
"""

from oof.domain.transactions.body import Body
from oof.domain.transactions.flows import Flow
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.claims import LENGTH
from oof.domain.transactions.programs.helpers import HELPER_CLAIMS


def tell_helper_claims(body: Body, flows: list[Flow]) -> None:
    """Book as income what the account that a claim empties pays to who claims."""
    if HELPER_CLAIMS.keys().isdisjoint(body.keys):
        return
    paid: set[tuple[str | None, str | None]] = set()
    for instruction in body.instructions:
        claims = HELPER_CLAIMS.get(instruction.program)
        if claims is None:
            continue
        try:
            is_claim = instruction.read_data()[:LENGTH] in claims
        except ValueError:
            continue
        if is_claim and len(instruction.accounts) > 1:
            paid.add((instruction.accounts[1], instruction.accounts[0]))
    if paid:
        for flow in flows:
            if flow.kind is None and (flow.source, flow.target) in paid:
                flow.kind = Kind.INCOME
