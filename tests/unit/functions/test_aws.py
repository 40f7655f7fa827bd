"""Clients are made late, once, and retry."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ground_truth_functions import aws


@pytest.mark.usefixtures("cloud")
def test_makes_one_client_per_service_with_retries() -> None:
    first = aws.client("s3")
    assert aws.client("s3") is first
    assert first.meta.region_name == "us-east-1"
    retries = first.meta.config.retries  # type: ignore[attr-defined]
    assert (retries["mode"], retries["total_max_attempts"]) == ("standard", 8)


@pytest.mark.usefixtures("cloud")
def test_makes_new_clients_after_forgetting() -> None:
    first = aws.client("sns")
    aws.forget_clients()
    assert aws.client("sns") is not first


@pytest.mark.parametrize(
    "module",
    ["custom_resource", "workers", "workforce", "invitation", "bucket_contents", "sample_data"],
)
def test_importing_a_function_reads_no_environment_and_makes_no_client(module: str) -> None:
    program = (
        "import os, boto3\n"
        "def refuse(*_, **__): raise SystemExit('a client at import')\n"
        "boto3.client = refuse\n"
        "os.environ.clear()\n"
        f"import ground_truth_functions.{module}\n"
        "from ground_truth_functions import aws\n"
        "assert aws._cached_client.cache_info().currsize == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
