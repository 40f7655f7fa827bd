"""A certificate authority for one run, and the gateway's certificate from it."""

from __future__ import annotations

import os
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

import botocore
import trustme  # type: ignore[import-not-found]  # of local AWS's own environment


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: `authority` for AWS clients, `bundle` with the system's roots for others."""

    certificate: Path
    key: Path
    authority: Path
    bundle: Path


def tls_files(folder: Path) -> TlsFiles:
    """The files of this folder; made when it isn't there."""
    if not folder.exists():
        staged = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(staged, ignore_errors=True)
        make_tls_files(staged)
        staged.rename(folder)
    return _files(folder)


def _files(folder: Path) -> TlsFiles:
    return TlsFiles(
        certificate=folder / "gateway.pem",
        key=folder / "gateway.key",
        authority=folder / "authority.pem",
        bundle=folder / "bundle.pem",
    )


def make_tls_files(folder: Path) -> TlsFiles:
    """Issue a certificate for 127.0.0.1 and localhost; the authority's key is never written."""
    folder.mkdir(mode=0o700)
    files = _files(folder)
    authority = trustme.CA(organization_name="Local AWS", organization_unit_name="one run")
    issued = authority.issue_cert("127.0.0.1", "localhost")
    files.key.touch(mode=0o600)
    issued.private_key_pem.write_to_path(files.key)
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(files.certificate, append=number > 0)
    authority.cert_pem.write_to_path(files.authority)
    files.bundle.write_bytes(_system_roots() + b"\n" + files.authority.read_bytes())
    return files


def _system_roots() -> bytes:
    """The roots this Python trusts; a Python without any takes those that botocore brings."""
    paths = ssl.get_default_verify_paths()
    for candidate in (paths.cafile, paths.openssl_cafile):
        if candidate and Path(candidate).is_file():
            return Path(candidate).read_bytes()
    return (Path(botocore.__file__).parent / "cacert.pem").read_bytes()
