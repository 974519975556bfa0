"""The API's description explains itself: whatever lacks a meaning or an example is named here."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from oof.entrypoints.http import vocabulary
from oof.entrypoints.problems import PROBLEM_JSON
from tests.support.serving import Serving, caller

SCHEMA = "#/components/schemas/"


@pytest.fixture(scope="module")
def document() -> Any:
    """The description as served."""
    return caller(Serving().api())("GET", "/v1/openapi.json").json


def operations(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation by method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document):
    """A generated client makes a function of each."""
    named = [(where, each.get("operationId", "")) for where, each in operations(document)]
    assert [where for where, name in named if not re.fullmatch("[a-z][A-Za-z]+", name)] == []
    counts = Counter(name for _, name in named)
    assert [name for name, count in counts.items() if count > 1] == []
    for part in ("summary", "description", "tags"):
        assert [where for where, each in operations(document) if not each.get(part)] == []


def test_every_parameter_has_a_meaning_and_an_example(document):
    """Which is one that the route would take."""
    silent, bare = [], []
    for _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            where = f"{operation['operationId']}.{parameter['name']}"
            if not parameter.get("description"):
                silent.append(where)
            if parameter.get("example") is None:
                bare.append(where)
    assert silent == []
    assert bare == []


def test_every_field_has_a_meaning(document):
    """Its own, or that of its name in `vocabulary.py`; every schema says what it is."""
    schemas = document["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
        if not told.get("description")
    ]
    assert silent == []


def test_every_field_is_shown_in_some_example(document):
    """Of every body that is sent or answered, somewhere."""
    shown: set[str] = set()
    lacking = []
    for where, schema in _bodies(document):
        examples = _resolved(document, schema).get("examples", [])
        if not examples:
            lacking.append(where)
        for example in examples:
            _walk(document, schema, example, shown)
    assert lacking == []
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for example in schema.get("examples", []):
            _walk(document, {"$ref": f"{SCHEMA}{name}"}, example, shown)
    hidden = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field in schema.get("properties", {})
        if f"{name}.{field}" not in shown and not name.startswith("Problem")
    ]
    assert hidden == []


def test_every_operation_tells_its_problems(document):
    """Each with an example, and what to quote; successes and problems carry a request id."""
    silent = []
    for where, operation in operations(document):
        responses = operation["responses"]
        problems = [each for each in responses.values() if PROBLEM_JSON in each.get("content", {})]
        codes = {status[0] for status in responses}
        if not problems or not {"2", "4", "5"} <= codes:
            silent.append(where)
        for status, response in responses.items():
            if not response.get("description"):
                silent.append(f"{where} {status}")
            if status != "304" and "X-Request-Id" not in response.get("headers", {}):
                silent.append(f"{where} {status} X-Request-Id")
        for problem in problems:
            assert problem["content"][PROBLEM_JSON]["examples"]
    assert silent == []


def test_headers_have_a_meaning(document):
    """Every header of every response."""
    silent = {
        name
        for _, operation in operations(document)
        for response in operation["responses"].values()
        for name, header in response.get("headers", {}).items()
        if not header.get("description")
    }
    assert silent == set()


def test_no_word_of_the_vocabulary_is_idle(document):
    """What no schema has any more is taken out; what a field says itself is not said twice."""
    schemas = document["components"]["schemas"]
    told = {f for schema in schemas.values() for f in schema.get("properties", {})}
    told |= {f"{n}.{f}" for n, schema in schemas.items() for f in schema.get("properties", {})}
    assert sorted(vocabulary.FIELDS.keys() - told) == []
    named = {p["name"] for _, each in operations(document) for p in each.get("parameters", [])}
    assert sorted(vocabulary.PARAMETERS.keys() - named) == []


def _bodies(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a request or of a success in JSON."""
    for where, operation in operations(document):
        sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if sent is not None:
            yield f"{where} sent", sent["schema"]
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if status.startswith("2") and content is not None and "$ref" in content["schema"]:
                yield f"{where} {status}", content["schema"]


def _resolved(document: Any, schema: Mapping[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix(SCHEMA)
    return dict(document["components"]["schemas"][name] if name else schema)


def _walk(document: Any, schema: Mapping[str, Any], value: Any, shown: set[str]) -> None:
    """Note which fields of which schemas a value shows."""
    name = schema.get("$ref", "").removeprefix(SCHEMA)
    told = _resolved(document, schema)
    for each in (*told.get("anyOf", ()), *told.get("oneOf", ()), *told.get("allOf", ())):
        _walk(document, each, value, shown)
    if isinstance(value, list):
        for item in value:
            _walk(document, told.get("items", {}), item, shown)
    elif isinstance(value, dict):
        for field, inner in told.get("properties", {}).items():
            if field in value:
                shown.add(f"{name}.{field}")
                _walk(document, inner, value[field], shown)
        other = told.get("additionalProperties")
        if isinstance(other, dict):
            for item in value.values():
                _walk(document, other, item, shown)
