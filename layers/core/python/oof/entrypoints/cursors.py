"""Opaque cursors: the last key of a page, signed over where it may be used.

The signature covers path, filters and order, which the cursor itself does not carry: used
elsewhere, or altered in one bit, it is refused. Two keys are valid at once, so that one can be
replaced while pages are being read.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from oof.bootstrap.serve_deps import CursorKeys
from oof.entrypoints.problems import InvalidCursor

_MAC_BYTES: Final = 16
_MAX_CHARS: Final = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorScope:
    """The one query that a cursor belongs to."""

    path: str
    filters: Mapping[str, str | None]
    order: str

    def canonical(self) -> bytes:
        """The same bytes for the same query."""
        given = {name: value for name, value in self.filters.items() if value is not None}
        return orjson.dumps([self.path, given, self.order], option=orjson.OPT_SORT_KEYS)


def sign_cursor(keys: CursorKeys, scope: CursorScope, last: Any) -> str:
    """Make the cursor after `last`, any JSON value."""
    payload = orjson.dumps(last)
    mac = _mac(keys.current, scope, payload)
    return base64.urlsafe_b64encode(mac + payload).rstrip(b"=").decode()


def read_cursor(keys: CursorKeys, scope: CursorScope, cursor: str) -> Any:
    """Return what `sign_cursor` was given. Raises InvalidCursor."""
    refused = InvalidCursor("cursor: altered, expired, or made for another query")
    if len(cursor) > _MAX_CHARS:
        raise refused
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise refused from None
    # base64 has spare bits at its end: of all spellings only our own is taken.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != cursor:
        raise refused
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    valid = [key for key in keys if key is not None]
    if not any(hmac.compare_digest(mac, _mac(key, scope, payload)) for key in valid):
        raise refused
    return orjson.loads(payload)


@dataclass(frozen=True, slots=True)
class Pages:
    """The cursors of one query: of the one that came what it says, and the one that follows."""

    keys: CursorKeys
    scope: CursorScope

    def last(self, cursor: str | None) -> Any:
        """Return the key the page before ended with; None of the first. Raises InvalidCursor."""
        return None if cursor is None else read_cursor(self.keys, self.scope, cursor)

    def following(self, last: Any) -> str | None:
        """Return the cursor after a page's last key, a tuple or a JSON value; None after none."""
        if last is None:
            return None
        return sign_cursor(self.keys, self.scope, list(last) if isinstance(last, tuple) else last)


def _mac(key: bytes, scope: CursorScope, payload: bytes) -> bytes:
    signed = scope.canonical() + b"\x00" + payload
    return hmac.new(key, signed, hashlib.sha256).digest()[:_MAC_BYTES]
