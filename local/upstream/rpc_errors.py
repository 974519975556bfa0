"""The one exception of the JSON-RPC methods."""


class RpcError(Exception):
    """A JSON-RPC error object, with the HTTP status it travels with."""

    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
