"""An API in this process behind a WSGI server's interface, as an HTTP API is before a Lambda."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from local.crowd.inside import Inside

type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def wsgi(inside: Inside) -> Wsgi:
    """An application that hands each request to the API."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        # WSGI has a path's bytes as Latin-1 and decoded, as the gateway has them decoded as UTF-8.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        query = environ.get("QUERY_STRING", "")
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        answer = inside.call(
            environ["REQUEST_METHOD"],
            f"{path.replace('?', '%3F')}?{query}" if query else path.replace("?", "%3F"),
            body=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
            headers=headers,
        )
        start(f"{answer.status} {HTTPStatus(answer.status).phrase}", [*answer.headers.items()])
        return [answer.text.encode()]

    return application
