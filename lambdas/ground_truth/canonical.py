"""One JSON spelling per value, so that hashes and content-addressed keys mean something."""

import hashlib
import json


def canonical_json(value: object) -> bytes:
    """Return ``value`` as ASCII JSON with sorted keys and no spaces.

    ASCII because the bytes also travel through CloudFormation properties and Lambda environment
    variables, where other characters have been known to be replaced. ``NaN`` and infinities are
    refused with ``ValueError``: they are not JSON.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode("ascii")


def sha256_hex(content: bytes) -> str:
    """Return the 64 lower-case hexadecimal digits that name ``content``."""
    return hashlib.sha256(content).hexdigest()
