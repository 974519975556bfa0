"""How each table is copied: which of its columns name something that a copy has of its own.

What there is, the catalogue tells. A column whose name no rule knows, though it could hold a key,
and a table without any such column that nobody listed, end in a fault: a crowd that leaves out a
table, or copies rows onto rows, measures nothing.
"""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final, NamedTuple

import psycopg

from local.runtime.faults import LocalRuntimeFault

_COLUMNS: Final = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attidentity <> ''
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY c.relname, a.attnum
"""


class Key(Enum):
    """What a column names."""

    TRANSACTION = auto()
    WALLET = auto()
    ACCOUNT = auto()
    SPAN = auto()
    VIEW = auto()
    MINT = auto()


_KEYS: Final[Mapping[str, Key]] = {
    "tx_id": Key.TRANSACTION,
    "wallet_id": Key.WALLET,
    "owner_id": Key.WALLET,
    "trader_id": Key.WALLET,
    "fee_payer_id": Key.WALLET,
    "counterparty_id": Key.WALLET,
    "account_id": Key.ACCOUNT,
    "span_id": Key.SPAN,
    "view_id": Key.VIEW,
    "mint_id": Key.MINT,
    "sold_mint_id": Key.MINT,
    "bought_mint_id": Key.MINT,
    "price_mint_id": Key.MINT,
}
_HASHED: Final = frozenset({"address", "signature", "before_signature", "id", "view_id"})
"""Bytes that are unique: a copy's are a hash of theirs, of the same length."""
_NUMBERED: Final = frozenset({"run_id"})
"""Texts that are unique: a copy's end with its number."""
_KEPT: Final = frozenset(
    {"pack_id", "dictionary_id", "hook_id", "rivals", "state", "digest", "body_sha256"}
    | {"vector", "neighbour_ids"}
)
"""They look like keys; a copy's are the same."""
_NOT_COPIED: Final = frozenset(
    {
        "database_epoch",
        "deliveries",
        "favourites",
        "leases",
        "outages",
        "packs",
        "price_scan",
        "renormalizations",
        "schema_migrations",
        "unreadable",
        "webhook_registry",
        "webhook_shards",
    }
)
"""Nobody's rows: they do not become more with the wallets that are open, or no reader asks."""


class Table(NamedTuple):
    """A table that is copied."""

    name: str
    driver: str
    """The column that tells which of its rows are copied."""
    columns: Sequence[str]
    identity: str | None
    """The column that numbers its rows."""

    @property
    def key(self) -> Key:
        """What its rows belong to."""
        return _KEYS[self.driver]


def tables_of(connection: psycopg.Connection[Any]) -> list[Table]:
    """Return every table to be copied. Raises LocalRuntimeFault where no rule covers one."""
    columns: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, kind, is_identity in connection.execute(_COLUMNS).fetchall():
        columns.setdefault(table, {})[column] = kind, is_identity
    return [_table(name, theirs) for name, theirs in columns.items() if name not in _NOT_COPIED]


def _table(name: str, columns: Mapping[str, tuple[str, bool]]) -> Table:
    for column, (kind, _) in columns.items():
        is_known = column in _KEYS or column in _HASHED | _NUMBERED | _KEPT
        if not is_known and (column.endswith(("_id", "_ids")) or kind.startswith("bytea")):
            raise LocalRuntimeFault(f"no rule says how {name}.{column} is copied: see {__name__}")
    # The narrowest first: what has a transaction belongs to it, whoever's it is besides.
    found = sorted(
        (key.value, place, column)
        for place, column in enumerate(columns)
        if (key := _KEYS.get(column)) is not None
    )
    if not found:
        raise LocalRuntimeFault(f"no rule says how {name} is copied: see {__name__}")
    identity = next((column for column, (_, is_own) in columns.items() if is_own), None)
    return Table(name, found[0][2], list(columns), identity)


def expression(table: Table, column: str) -> str:
    """Return what stands in `column` of a copy, over `s`, its original, and `k`, its number.

    `g` numbers the copies of mints, of which several wallets trade the same; `known` are the mints
    that everybody has.
    """
    number = "k.g" if table.key is Key.MINT else "k.k"
    if column in _HASHED:
        if table.name == "mints":
            number = "k.g"
        return _hashed(f"s.{column}", number)
    if column in _NUMBERED:
        return f"s.{column} || ':' || {number}"
    key = _KEYS.get(column)
    if key is None:
        return f"s.{column}"
    if key is Key.MINT:
        return (
            f"CASE WHEN s.{column} = ANY(%(known)s) THEN s.{column} "
            f"ELSE s.{column} + k.g * %(mint)s END"
        )
    return f"s.{column} + {number} * %({key.name.lower()})s"


def _hashed(column: str, number: str) -> str:
    digest = f"sha512({column} || int4send({number}))"
    return f"CASE WHEN {number} = 0 THEN {column} ELSE substring({digest}, 1, length({column})) END"
