"""The third-party layer of production: for Lambda's processor, whole, and small enough."""

import re
import struct
from pathlib import Path

from stacks.build_deps import MAX_UNZIPPED_BYTES, REQUIREMENTS, build_deps, unzipped_bytes
from stacks.settings import ROOT

ELF_MAGIC = b"\x7fELF"
AARCH64 = 183


def _machine(path: Path) -> int:
    """The processor of a shared object, from its ELF header."""
    header = path.read_bytes()[:20]
    assert header[:4] == ELF_MAGIC, path
    [machine] = struct.unpack_from("<H", header, 18)
    return int(machine)


def test_every_shared_object_is_for_arm64(prod_layer: Path, science_layer: Path) -> None:
    """None was taken from this machine."""
    for layer in (prod_layer, science_layer):
        objects = [path for path in layer.rglob("*.so*") if path.is_file()]

        assert len(objects) > 5
        assert {_machine(path) for path in objects} == {AARCH64}


def test_every_requirement_is_in_it_at_its_pin(prod_layer: Path) -> None:
    """What the list names is what Lambda gets, and no other version of it."""
    pins = re.findall(
        r"^([\w-]+)(?:\[\w+\])?==(\S+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert pins
    for name, version in pins:
        info = f"{name.lower().replace('-', '_')}-{version}.dist-info"
        assert (prod_layer / "python" / info).is_dir(), info


def test_the_sdk_of_the_runtime_is_left_out(prod_layer: Path) -> None:
    """Two halves of the SDK of different versions do not work together."""
    for name in ("boto3", "botocore", "s3transfer"):
        assert not (prod_layer / "python" / name).exists()


def test_a_function_fits_with_all_layers(prod_layer: Path, science_layer: Path) -> None:
    """Lambda takes less than 250 MB of a function and its layers, unzipped."""
    ours = unzipped_bytes(ROOT / "layers" / "core") + unzipped_bytes(ROOT / "functions")
    theirs = unzipped_bytes(prod_layer) + unzipped_bytes(science_layer)

    assert ours + theirs < MAX_UNZIPPED_BYTES


def test_an_unchanged_layer_is_not_built_again(prod_layer: Path) -> None:
    """A second build looks at the pins, and is done."""
    assert build_deps(prod_layer) is False
