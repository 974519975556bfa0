"""Objects by key: packs, inboxes, and the state that steps hand on."""

from typing import Protocol


class Blobs(Protocol):
    """An object store. Keys are written once; a repeated put of the same key is harmless."""

    def put(self, key: str, body: bytes) -> None:
        """Store `body` under `key`. Raises `StoreUnavailable`."""
        ...

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises `NotFound`, `StoreUnavailable`."""
        ...

    def get_range(self, key: str, *, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`. Raises `NotFound`, `StoreUnavailable`."""
        ...

    def delete(self, key: str) -> None:
        """Delete the object; deleting none is harmless. Raises `StoreUnavailable`."""
        ...

    def cool(self, key: str) -> None:
        """Let the store move the object to colder storage, still read at once.

        Raises `NotFound`, `StoreUnavailable`.
        """
        ...
