"""The variables of the server, and so of the functions it runs; and those of its clients."""

from __future__ import annotations

import os
import secrets
import shlex
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ground_truth_local.platform.certificate import TlsFiles

ACCOUNT_ID = "0" * 12

# What a process needs to run at all. Everything else a user's shell holds (profiles, proxies,
# PYTHONPATH) would reach the functions, which inherit the server's environment.
_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    # a mark by which whoever started us finds what we left behind
    "GROUND_TRUTH_LOCAL_RUN",
)
# Settings of the server that a function on AWS would not see either.
SERVER_ONLY = frozenset(
    {
        "AUTH",
        "USE_SSL",
        "GATEWAY_PORT",
        "MINISTACK_HOST",
        "BIND_HOST",
        "MINISTACK_REGION",
        "MINISTACK_ACCOUNT_ID",
        "MINISTACK_WORKER_THREADS",
        "MINISTACK_AUTOCREATE_AWS_MANAGED",
        "MINISTACK_SSL_CERT",
        "MINISTACK_SSL_KEY",
        "LAMBDA_EXECUTOR",
        "SFTP_ENABLED",
        "IOT_MTLS_ENABLED",
        "LOG_LEVEL",
        "STATE_DIR",
        "PERSIST_STATE",
        "S3_PERSIST",
        "S3_DATA_DIR",
    }
)
# What a user's shell may hold that beats the exported values; a file of exports cannot unset it.
OVERRIDES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """The account's root key: knowing it is all it takes to be root. Kept only with the state."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def make_root_key() -> RootKey:
    alphabet = string.ascii_uppercase + string.digits
    suffix = "".join(secrets.choice(alphabet) for _ in range(15))
    return RootKey(access_key_id=f"LOCAL{suffix}", secret_access_key=secrets.token_urlsafe(30))


def bare(environment: Mapping[str, str]) -> dict[str, str]:
    """The start environment: nothing of the user's but what a process needs to run."""
    return {
        **{name: environment[name] for name in _KEPT if name in environment},
        # 64 threads would otherwise each keep a heap of their own
        "MALLOC_ARENA_MAX": "2",
        "PYTHONNOUSERSITE": "1",
    }


def server(
    *, region: str, port: int, root: RootKey, tls: TlsFiles | None, temporary: Path
) -> dict[str, str]:
    """ministack's settings, and what boto3 and urllib in a function need to reach the gateway."""
    scheme = "https" if tls else "http"
    values = {
        "AUTH": "true",
        "USE_SSL": "1" if tls else "0",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_WORKER_THREADS": "16",
        # AWS managed policies (AWSLambdaBasicExecutionRole) come into being when they are named
        "MINISTACK_AUTOCREATE_AWS_MANAGED": "1",
        "LAMBDA_EXECUTOR": "local",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "STATE_DIR": str(temporary / "state"),
        "AWS_ENDPOINT_URL": f"{scheme}://127.0.0.1:{port}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
    }
    if tls:
        # Functions reach nothing but the gateway; its authority alone makes contexts load at once.
        authority = str(tls.authority)
        values |= {
            "MINISTACK_SSL_CERT": str(tls.certificate),
            "MINISTACK_SSL_KEY": str(tls.key),
            "AWS_CA_BUNDLE": authority,
            "SSL_CERT_FILE": authority,
            "REQUESTS_CA_BUNDLE": authority,
            "NODE_EXTRA_CA_CERTS": authority,
        }
    return values


def client(
    *, region: str, endpoint: str, root: RootKey, tls: TlsFiles | None, portal: str, cdk_home: Path
) -> dict[str, str]:
    """What any AWS client needs to reach the gateway instead of AWS."""
    values = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
        # one left over from other credentials would not fit these
        "AWS_SESSION_TOKEN": "",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # the CLI remembers which account a key belongs to; every run has a new key
        "CDK_HOME": str(cdk_home),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "GROUND_TRUTH_PORTAL_URL": portal,
    }
    if tls:
        values |= {
            "AWS_CA_BUNDLE": str(tls.authority),
            "NODE_EXTRA_CA_CERTS": str(tls.authority),
            "REQUESTS_CA_BUNDLE": str(tls.bundle),
            "SSL_CERT_FILE": str(tls.bundle),
        }
    return values


def shell(values: Mapping[str, str]) -> str:
    """The client's variables as a file for `source`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
