"""The only place that turns files into CDK assets.

Function code is found through the installed packages, so a checkout and a wheel give the same
zips. A zip holds one handler and the modules it imports, nothing else: no caches, no package
metadata, and no code whose change would publish a new version of a function that doesn't use it.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets

from ground_truth_cdk import libraries

if TYPE_CHECKING:
    from constructs import Construct

    from ground_truth_cdk.libraries import Platform

PACKAGES = ("ground_truth", "ground_truth_functions")
# Import statements by their shape: parsing all modules would be a tenth of a synth. A sentence
# that looks like one only adds a file to a zip.
_IMPORTS = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)|import[ \t]+([^\n#]+))",
    re.MULTILINE,
)
_NAMES = re.compile(r"(?<![.\w])[A-Za-z_][\w.]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold; equal content, equal bytes


class FunctionCodeError(Exception):
    """A function's code can't be put together."""


@contextmanager
def function_code(module: str, *, platform: Platform) -> Iterator[lambda_.Code]:
    """Give the code of a handler module, e.g. `ground_truth_functions.consolidation`.

    The code must be bound to its function inside the `with`. Raises FunctionCodeError when the
    module isn't installed, LibrariesError when it needs libraries that were not fetched.
    """
    files = module_files(module)
    if module in libraries.MODULES:
        yield _code_with_libraries(files, platform)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{module.rpartition('.')[2]}.zip")
        path.write_bytes(zipped(files))
        yield lambda_.Code.from_asset(
            str(path), asset_hash=content_hash(files), asset_hash_type=AssetHashType.CUSTOM
        )


def _code_with_libraries(files: Mapping[str, bytes], platform: Platform) -> lambda_.Code:
    """Zip a module with its libraries, once for all synths: that takes seconds."""
    theirs = libraries.library_files(platform)
    # Their fingerprint has the hashes of the wheels, so nobody has to read 60 MB to hash them.
    pinned = {"libraries": libraries.fingerprint(platform).encode()}
    name = content_hash({**files, **pinned})
    path = libraries.CACHE / f"{name}.zip"
    if not path.is_file():
        with TemporaryDirectory(dir=libraries.CACHE) as folder:
            part = Path(folder, "part.zip")
            every = {each: place.read_bytes() for each, place in theirs.items()}
            part.write_bytes(zipped({**every, **files}))
            part.replace(path)
    return lambda_.Code.from_asset(str(path), asset_hash=name, asset_hash_type=AssetHashType.CUSTOM)


def file_asset(
    scope: Construct, construct_id: str, *, name: str, content: bytes
) -> s3_assets.Asset:
    """Make an asset of one file's content; `name` gives the object key its extension."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        return s3_assets.Asset(
            scope,
            construct_id,
            path=str(path),
            asset_hash=content_hash({name: content}),
            asset_hash_type=AssetHashType.CUSTOM,
        )


def location(asset: s3_assets.Asset) -> dict[str, str]:
    """Return where the asset lies, as the functions' properties name it."""
    return {"Bucket": asset.s3_bucket_name, "Key": asset.s3_object_key}


def module_files(module: str) -> Mapping[str, bytes]:
    """The module, what it imports of our packages and their parents: archive path to source."""
    found: dict[str, bytes] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        source = _source(name)
        if source is None:
            if name == module:
                raise FunctionCodeError(
                    f"function module {module!r} not found; install ./lambdas or correct the name"
                )
            continue
        path, content = source
        if path not in found:
            found[path] = content
            waiting += _imported(name)
    return dict(sorted(found.items()))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Zip files reproducibly."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def content_hash(files: Mapping[str, bytes]) -> str:
    """Hash what is in the files, not the archive: compressors differ between machines."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def _root(package: str) -> Path | None:
    spec = find_spec(package)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


@cache
def _source(name: str) -> tuple[str, bytes] | None:
    package, _, rest = name.partition(".")
    root = _root(package) if package in PACKAGES else None
    if root is None:
        return None
    base = root.joinpath(*rest.split(".")) if rest else root
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path.relative_to(root.parent).as_posix(), path.read_bytes()
    return None


@cache
def _imported(name: str) -> list[str]:
    """Every name that may be a module of ours: imports anywhere in the file, and all parents."""
    path, content = _source(name) or ("", b"")
    is_package = path.endswith("/__init__.py")
    package = name if is_package else name.rpartition(".")[0]
    names = {name}
    for base, members, plain in _IMPORTS.findall(content.decode()):
        names.update(_NAMES.findall(plain))
        if base:
            parent = _absolute(base, package)
            names.add(parent)
            names.update(f"{parent}.{member}" for member in _NAMES.findall(members))
    ours = [each for each in names if each.partition(".")[0] in PACKAGES]
    return sorted({parent for each in ours for parent in _with_parents(each)} - {name})


def _absolute(base: str, package: str) -> str:
    module = base.lstrip(".")
    level = len(base) - len(module)
    if not level:
        return module
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - level + 1], *filter(None, [module])])


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]
