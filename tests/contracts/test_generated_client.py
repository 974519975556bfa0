"""A Python client made of the description alone can ask for everything that is described."""

import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import orjson
import pytest

from local.crowd.requests import Case, cases_of
from local.runtime.settings import LocalSettings
from local.runtime.toolchain import Toolchain
from tests.contracts.conftest import Crowded
from tests.support.gateway import wsgi

GENERATOR = ("openapi-python-client", "0.29.1")
"""In an environment of its own: it takes older packages than the command line stands on."""
PACKAGE = "generated_client"
pytestmark = pytest.mark.xdist_group("crowd")


class Generated:
    """The client as a user has it."""

    def __init__(self, document: Mapping[str, Any], folder: Path) -> None:
        described = folder / "openapi.json"
        described.write_bytes(orjson.dumps(document))
        toolchain = Toolchain(LocalSettings.from_env())
        with toolchain.alone():
            interpreter = toolchain.pypi_package(*GENERATOR)
        done = subprocess.run(
            [
                *(interpreter, "-m", "openapi_python_client", "generate"),
                *("--path", str(described), "--output-path", str(folder / PACKAGE)),
                *("--meta", "none", "--fail-on-warning"),
            ],
            # it formats what it made
            env={"PATH": f"{interpreter.parent}:{Path(sys.executable).parent}"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.told = done.stdout + done.stderr
        assert done.returncode == 0, self.told
        self.operations = {
            operation["operationId"]: (path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    def call(self, client: Any, name: str, case: Case) -> Any:
        """Ask by the function of an operation, with the path, body and needed filters of a case."""
        path, _, operation = self.operations[name]
        module = import_module(
            f"{PACKAGE}.api.{_identifier(operation['tags'][0])}.{_identifier(name)}"
        )
        arguments = _path_arguments(path, case.target) | _needed(operation, case.target)
        if case.asked is not None:
            body = signature(module.sync_detailed).parameters["body"].annotation
            arguments["body"] = getattr(
                import_module(f"{PACKAGE}.models"), body.__name__
            ).from_dict(case.asked)
        return module.sync_detailed(client=client, **arguments)


def _identifier(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|-", "_", name).lower()


def _path_arguments(template: str, target: str) -> dict[str, str]:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/?]+)", re.escape(template))
    found = re.match(pattern, target)
    assert found is not None, (template, target)
    return found.groupdict()


def _needed(operation: Mapping[str, Any], target: str) -> dict[str, str]:
    given = dict(parse_qsl(target.partition("?")[2]))
    return {
        _identifier(each["name"]): given[each["name"]]
        for each in operation.get("parameters", ())
        if each["in"] == "query" and each.get("required")
    }


def test_a_generated_client_can_ask_for_everything(
    crowded: Crowded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is skipped when it is made, and each answer is parsed into its model."""
    crowd = crowded.crowd
    generated = Generated(crowd.inside.api.describe(), tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    transport = httpx.WSGITransport(wsgi(crowd.inside))
    made = import_module(f"{PACKAGE}.client").Client(
        base_url="http://inside.example", httpx_args={"transport": transport}
    )

    parsed = {}
    for name, cases in cases_of(crowd).items():
        answer = generated.call(made, name, cases[0])
        assert answer.status_code in {200, 202}, (name, answer.content)
        parsed[name] = type(answer.parsed).__name__
        assert answer.parsed is not None, name
        told = orjson.loads(answer.content)
        assert set(answer.parsed.to_dict()) == set(told), name

    assert set(parsed) == set(generated.operations)
    assert "Problem" not in parsed.values()
