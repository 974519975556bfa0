"""Objects in memory."""

from oof.domain.errors import NotFound


class MemoryBlobs:
    """`Blobs` in a dict."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.cooled: set[str] = set()

    def put(self, key: str, body: bytes) -> None:
        """See `Blobs.put`."""
        self.objects[key] = body

    def get(self, key: str) -> bytes:
        """See `Blobs.get`."""
        if key not in self.objects:
            raise NotFound(f"no object {key}")
        return self.objects[key]

    def get_range(self, key: str, *, offset: int, length: int) -> bytes:
        """See `Blobs.get_range`."""
        return self.get(key)[offset : offset + length]

    def delete(self, key: str) -> None:
        """See `Blobs.delete`."""
        self.objects.pop(key, None)

    def cool(self, key: str) -> None:
        """See `Blobs.cool`."""
        self.get(key)
        self.cooled.add(key)
