"""Builds the third-party layers as Lambda runs them: `python -m stacks.build_deps`.

Wheels for the target alone are taken, none is compiled here, so any machine can build it. The AWS
SDK is left out, because the runtime brings its own, and so are packages' own tests. A folder whose
stamp matches what would be built is left as it is.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from stacks.settings import ROOT, SMALL, StageSettings

REQUIREMENTS = ROOT / "layers" / "deps" / "requirements.txt"
SCIENCE_REQUIREMENTS = ROOT / "layers" / "science" / "requirements.txt"
PYTHON_VERSION = "3.13"
# Lambda's Python 3.13 runs on glibc 2.34; psycopg has no arm64 wheel for the older 2.17.
PLATFORM = "aarch64-manylinux_2_28"
# pynamodb and the tracer ask for botocore; the rest is what botocore and boto3 bring along.
BROUGHT_BY_RUNTIME = ("boto3", "botocore", "s3transfer")
MAX_UNZIPPED_BYTES = 250 * 1024 * 1024


def build_deps(folder: Path, *, requirements: Path = REQUIREMENTS) -> bool:
    """Build a layer into `folder/python`; False if it was there already.

    Raises:
        subprocess.CalledProcessError: a package has no wheel for the target, or none could be had.
        ValueError: the result is larger than Lambda takes.
    """
    stamp = folder / "stamp"
    fingerprint = _fingerprint(requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    target = folder / "python"
    target.mkdir(parents=True)
    subprocess.run(_install_command(target, requirements), check=True)
    _strip(target)
    size = unzipped_bytes(folder)
    if size >= MAX_UNZIPPED_BYTES:
        msg = f"the layer is {size} bytes unzipped; Lambda takes less than {MAX_UNZIPPED_BYTES}"
        raise ValueError(msg)
    stamp.write_text(fingerprint, encoding="utf-8")
    return True


def unzipped_bytes(folder: Path) -> int:
    """What the files of a folder take, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _fingerprint(requirements: Path) -> str:
    """What decides the layer's content: its pins and this program."""
    digest = hashlib.sha256()
    for path in (requirements, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _install_command(target: Path, requirements: Path) -> list[str]:
    """The installer's arguments: wheels alone, for the target's platform and Python."""
    beside = Path(sys.executable).parent / "uv"
    installer = str(beside) if beside.is_file() else "uv"
    return [
        *(installer, "pip", "install", "--quiet"),
        *("--only-binary", ":all:"),
        *("--python-platform", PLATFORM),
        *("--python-version", PYTHON_VERSION),
        *("--target", str(target)),
        *("--requirement", str(requirements)),
    ]


def _strip(target: Path) -> None:
    """Remove what no function loads: the SDK, scripts, tests, bytecode of this machine."""
    sdk = [
        path
        for name in BROUGHT_BY_RUNTIME
        for path in (target / name, *target.glob(f"{name}-*.dist-info"))
    ]
    tests = [path for path in target.rglob("tests") if path.is_dir()]
    for path in (*sdk, target / "bin", *tests, *target.rglob("__pycache__")):
        shutil.rmtree(path, ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)


def build_all(stage: StageSettings) -> Mapping[Path, bool]:
    """Build both layers where a stage looks for them; False of those that were there already.

    Raises as `build_deps` does, and ValueError where a function could not carry both.
    """
    layers = {
        stage.deps_layer_dir: REQUIREMENTS,
        stage.science_layer_dir: SCIENCE_REQUIREMENTS,
    }
    built = {
        folder: build_deps(folder, requirements=requirements)
        for folder, requirements in layers.items()
    }
    size = sum(map(unzipped_bytes, (*layers, ROOT / "layers" / "core")))
    if size >= MAX_UNZIPPED_BYTES:
        msg = f"all layers are {size} bytes unzipped; Lambda takes less than {MAX_UNZIPPED_BYTES}"
        raise ValueError(msg)
    return built


def main() -> int:
    """Build where production stages look for them."""
    for folder, is_new in build_all(SMALL).items():
        state = "built" if is_new else "up to date"
        sys.stdout.write(f"{folder}: {state}, {unzipped_bytes(folder) / 1e6:.0f} MB unzipped\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
