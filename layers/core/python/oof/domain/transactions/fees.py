"""The fee of a transaction: a base per signature, the rest bought priority."""

from typing import Final

from oof.domain.transactions.addresses import PRECOMPILES
from oof.domain.transactions.base58 import decode_base58, decode_base64
from oof.domain.transactions.body import Body
from oof.domain.transactions.flows import NOBODY, Flow
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT

LAMPORTS_PER_SIGNATURE: Final = 5_000


def fee_flows(body: Body) -> list[Flow]:
    """Split `meta.fee` into what its payer gave for signatures and for priority."""
    signatures = body.signature_count
    for instruction in body.instructions:
        if instruction.program in PRECOMPILES and instruction.inner < 0:
            signatures += _precompile_signatures(instruction.data, instruction.is_base64)
    base = min(body.fee, signatures * LAMPORTS_PER_SIGNATURE)
    payer = body.keys[0]
    flows = [Flow(-1, SOL_MINT, base, payer, NOBODY, Kind.NETWORK_FEE)]
    if body.fee > base:
        flows.append(Flow(-1, SOL_MINT, body.fee - base, payer, NOBODY, Kind.PRIORITY_FEE))
    return flows


def _precompile_signatures(data: str, is_base64: bool) -> int:
    try:
        decoded = decode_base64(data) if is_base64 else decode_base58(data)
    except ValueError:
        return 0
    return decoded[0] if decoded else 0
