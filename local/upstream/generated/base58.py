"""Base58 of instruction data, ten digits at a time: long events are written thousands a second."""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_CHUNK = 58**10


def encode(data: bytes) -> str:
    """Return the base58 text of `data`, leading zero bytes as ones."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data)
    chunks: list[str] = []
    while number:
        number, rest = divmod(number, _CHUNK)
        digits = ""
        for _ in range(5):
            rest, pair = divmod(rest, 3364)
            digits = _PAIRS[pair] + digits
        chunks.append(digits)
    text = "".join(reversed(chunks)).lstrip("1")
    return "1" * zeros + text
