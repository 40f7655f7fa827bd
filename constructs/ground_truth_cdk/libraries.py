"""Libraries a function carries in its zip: fetched once per runtime and machine, not at synth.

Wheels of exactly the hashes in `libraries.txt` are unpacked into `.cache/libraries/`, without what
no function needs. Nothing is built, so neither Docker nor a compiler is needed.

    python -m ground_truth_cdk.libraries python3.14/arm64 environments/local.toml
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

MODULES = frozenset({"ground_truth_functions.mask_consolidation"})
"""The functions that carry libraries."""

CACHE = Path(".cache", "libraries")  # of the folder that synthesizes


class Platform(NamedTuple):
    """A Lambda runtime such as "python3.14", and "arm64" or "x86_64"."""

    runtime: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture}"


HOST = Platform("host", "host")
"""This machine and this interpreter."""
_USUAL = Platform("python3.14", "arm64")  # of an environment file that doesn't say

# Amazon Linux 2023 has glibc 2.34; python3.11 runs on Amazon Linux 2 with 2.26, for which there
# are no wheels any more.
_PLATFORMS = {
    "arm64": ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64"),
    "x86_64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"),
}
_OLDEST_MINOR = 12
_LARGEST_BYTES = 80_000_000
_NEEDLESS_FOLDERS = {"tests", "include", "__pycache__", "bin", "f2py", "_pyinstaller"}
_NEEDLESS_SUFFIXES = {".pyi", ".a", ".h", ".pxd", ".pyc"}


class LibrariesError(Exception):
    """Libraries are missing, or there are none for a runtime."""


def library_files(platform: Platform, *, root: Path | None = None) -> Mapping[str, Path]:
    """Return the files of the libraries by their path in a zip.

    Raises:
        LibrariesError: they were not fetched, or there are none for the runtime.
    """
    folder = _folder(platform, root or CACHE)
    if not folder.is_dir():
        raise LibrariesError(
            f"libraries of functions for masks are missing for {platform}: "
            f"nothing at {folder}; fetch them with `make libraries`"
        )
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def fingerprint(platform: Platform) -> str:
    """Return what tells libraries apart: their pinned hashes and what they run on."""
    name = f"{platform.runtime}-{platform.architecture}"
    if platform == HOST:
        # The same interpreter and machine get the same wheels.
        name = f"host-{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    return f"{name}-{hashlib.sha256(_requirements()).hexdigest()[:16]}"


def fetch(platform: Platform, *, root: Path | None = None) -> Path:
    """Fetch the libraries unless they are there, and return their folder.

    Raises:
        LibrariesError: there are none for the runtime, pip can't get them, or they are too large.
    """
    folder = _folder(platform, root or CACHE)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as place:
        target = Path(place, "files")
        requirements = Path(place, "libraries.txt")
        requirements.write_bytes(_requirements())
        _install(requirements, target, _wheels(platform))
        _prune(target)
        size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        if size > _LARGEST_BYTES:
            raise LibrariesError(
                f"libraries are too large: got {size} bytes, allowed {_LARGEST_BYTES}"
            )
        target.replace(folder)
    return folder


def main(arguments: Sequence[str]) -> int:
    """Fetch the libraries of every `runtime/architecture` or environment file named.

    An environment whose runtime has none is told of and left to synth, which refuses it only where
    a campaign asks for masks. Returns 1 when pip can't get what there is.
    """
    wanted: dict[Platform, None] = {}
    for each in arguments:
        platform = _platform_named(each)
        try:
            _wheels(platform)
        except LibrariesError as error:
            sys.stderr.write(f"{each}: {error}\n")
            continue
        wanted[platform] = None
    for platform in wanted:
        try:
            sys.stdout.write(f"{fetch(platform)}\n")
        except LibrariesError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _platform_named(name: str) -> Platform:
    """Return a platform by `runtime/architecture`, or by what an environment file says of it."""
    runtime, _, architecture = name.partition("/")
    if name.endswith(".toml"):
        functions = tomllib.loads(Path(name).read_text(encoding="utf-8")).get("functions", {})
        runtime = functions.get("runtime", _USUAL.runtime)
        architecture = functions.get("architecture", _USUAL.architecture)
    return HOST if HOST.runtime in (runtime, architecture) else Platform(runtime, architecture)


def _folder(platform: Platform, root: Path) -> Path:
    return root / fingerprint(platform)


@cache
def _requirements() -> bytes:
    return files("ground_truth_cdk").joinpath("libraries.txt").read_bytes()


def _wheels(platform: Platform) -> list[str]:
    """Return what tells pip which wheels to take; nothing for those of this interpreter."""
    if platform == HOST:
        return []
    version = platform.runtime.removeprefix("python")
    minor = version.partition(".")[2]
    known = _PLATFORMS.get(platform.architecture)
    if not minor.isdigit() or int(minor) < _OLDEST_MINOR or not known:
        raise LibrariesError(
            f"no libraries for masks: got {platform}, allowed python3.{_OLDEST_MINOR} or newer on "
            f"{' or '.join(_PLATFORMS)}; change functions.runtime of the environment"
        )
    platforms = [f"--platform={name}" for name in known]
    return [*platforms, f"--python-version={version}", "--implementation=cp"]


def _install(requirements: Path, target: Path, wheels: Sequence[str]) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"),
        *wheels,
        f"--target={target}",
        f"--requirement={requirements}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise LibrariesError(f"libraries can't be fetched: {done.stderr.strip()}")


def _prune(folder: Path) -> None:
    """Remove what is for developers: tests, headers, types; licences stay."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and path.name in _NEEDLESS_FOLDERS:
            shutil.rmtree(path)
        elif path.is_file() and path.suffix in _NEEDLESS_SUFFIXES:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
