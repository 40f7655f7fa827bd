"""Starting and stopping: what is written, what is kept out, what is left."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ground_truth_local.platform import environment, sockets
from tests.local.platform.server import (
    TIMEOUT,
    Server,
    allow,
    call,
    exports,
    make_function,
    role_with,
    running,
    start,
    wait_for,
)

SLOW = "import time\ndef handler(event, context):\n    time.sleep(600)\n"
ENVIRONMENT = "import os\ndef handler(event, context):\n    return sorted(os.environ)\n"


def test_state_file_names_process_addresses_region_and_account(server: Server) -> None:
    state = dict(server.state)
    assert state.pop("pid") == server.process.pid
    for name in ("endpoint", "portal_url", "media_url", "mailbox_url"):
        assert state[name].split("//")[1].startswith("127.0.0.1:"), state[name]
    assert state["endpoint"].startswith("https:")
    assert state["mailbox_url"] == f"{state['portal_url']}/mailbox"
    assert (state["region"], state["account"]) == ("us-east-1", "000000000000")


def test_env_file_holds_what_every_client_needs(server: Server) -> None:
    assert set(server.variables) == {
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "CDK_HOME",
        "CDK_DISABLE_CLI_TELEMETRY",
        "GROUND_TRUTH_PORTAL_URL",
    }


def test_boto3_with_the_exported_variables_alone_is_root(server: Server) -> None:
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], **server.variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "arn:aws:iam::000000000000:root"


def test_bundle_keeps_the_systems_own_authorities(server: Server) -> None:
    alone = ssl.create_default_context(cafile=server.variables["AWS_CA_BUNDLE"])
    bundle = ssl.create_default_context(cafile=server.variables["SSL_CERT_FILE"])
    assert len(alone.get_ca_certs()) == 1
    assert len(bundle.get_ca_certs()) > 50


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_portal_answers_on_both_of_its_hosts(server: Server, host: str) -> None:
    port = server.state["portal_url"].rpartition(":")[2]
    # localhost serves task frames alone, so an unknown page is still an answer
    try:
        status = urllib.request.urlopen(f"http://{host}:{port}/healthz").status
    except urllib.error.HTTPError as refusal:
        with refusal:
            status = refusal.code
    assert status in (200, 404)


def test_signal_ends_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path) as own:
        role = role_with(own, "slow")
        make_function(own, "slow", SLOW, role, Timeout=900)
        own.client("lambda").invoke(FunctionName="slow", InvocationType="Event")
        worker = wait_for(lambda: children(own.process.pid), "function's process")[0]
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(timeout=5) == 0
        wait_for(lambda: not is_alive(worker), "end of the function", 2)
        assert not own.temporary.exists()
    assert list(tmp_path.iterdir()) == []


def test_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as own:
        own.process.send_signal(signal.SIGINT)
        own.process.send_signal(signal.SIGINT)
        assert own.process.wait(timeout=2) in (0, 130)
        assert not own.temporary.exists()
    assert list(tmp_path.iterdir()) == []


def test_takes_over_a_dead_ones_folder_and_ends_when_the_state_file_is_taken_away(
    tmp_path: Path,
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / "state.json").write_text(json.dumps({"pid": gone.pid}))
    with running(tmp_path) as own:
        (tmp_path / "state.json").unlink()
        assert own.process.wait(timeout=10) == 0
        assert not own.temporary.exists()


def test_refuses_a_folder_that_another_one_uses(server: Server, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps({"pid": server.process.pid}))
    second = start(tmp_path)
    _, error = second.communicate(timeout=TIMEOUT)
    assert second.returncode == 1
    assert f"already runs as process {server.process.pid}" in error
    assert "--state-dir" in error


def test_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    with sockets.listen() as taken:
        port = sockets.port_of(taken)
        second = start(tmp_path, "--port", str(port))
        _, error = second.communicate(timeout=TIMEOUT)
    assert second.returncode == 1
    assert error == (
        f"local AWS did not start: port {port} on 127.0.0.1 cannot be had (Address already in "
        "use); leave the option out to take a free one\n"
    )


def test_nothing_of_the_users_environment_reaches_server_or_functions(tmp_path: Path) -> None:
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "ministack.py").write_text("raise SystemExit('shadowed')")
    folder = tmp_path / "state"
    users = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "users-key",
        "AWS_SESSION_TOKEN": "users-token",
        "AWS_CA_BUNDLE": "/nowhere",
        "PYTHONPATH": str(tmp_path / "shadow"),
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    with running(folder, **users) as own:
        make_function(own, "names", ENVIRONMENT, role_with(own, "names"))
        names = set(call(own, "names"))
    assert not names & {"AWS_PROFILE", "PYTHONPATH", "HTTPS_PROXY", "AUTH", "GATEWAY_PORT"}
    assert {"AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_SESSION_TOKEN"} <= names
    assert own.variables["AWS_ACCESS_KEY_ID"] != "users-key"


def test_function_reaches_the_gateway_by_boto3_and_urllib(server: Server) -> None:
    code = (
        "import os, boto3, urllib.request\n"
        "def handler(event, context):\n"
        "    url = os.environ['AWS_ENDPOINT_URL'] + '/_ministack/health'\n"
        "    arn = boto3.client('sts').get_caller_identity()['Arn']\n"
        "    return [arn, urllib.request.urlopen(url).status]\n"
    )
    role = role_with(server, "reaching", allow("s3:ListAllMyBuckets"))
    make_function(server, "reaching", code, role)
    arn = "arn:aws:sts::000000000000:assumed-role/reaching/reaching"
    assert call(server, "reaching") == [arn, 200]


def test_function_without_an_sdk_gets_none(server: Server) -> None:
    code = "import sys\ndef handler(event, context):\n    return 'botocore' in sys.modules\n"
    make_function(server, "bare", code, role_with(server, "bare"))
    assert call(server, "bare") is False


def test_exports_quote_what_a_shell_would_read() -> None:
    values = {"PLAIN": "a", "ODD": "it's $HOME; `x`", "EMPTY": ""}
    assert exports(environment.shell(values)) == values


def children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-Ao", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, its_parent in pairs if int(its_parent) == parent]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
