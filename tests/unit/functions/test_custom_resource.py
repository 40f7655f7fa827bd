"""The responder, against a real HTTP server on the loopback."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_functions import custom_resource
from ground_truth_functions.custom_resource import (
    AnswerNotDeliveredError,
    Outcome,
    Request,
    RequestError,
    answer,
    parse_request,
    stable_physical_id,
)
from ground_truth_functions.custom_resource_answer import fitted

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/Labeling/0a1b"
RESOURCE_ID = f"Job-{hashlib.sha256(STACK_ID.encode()).hexdigest()[:16]}"
NOT_RESPONDING = "drop"


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what some tests are about."""


class CloudFormation:
    """A server that takes answers, after it has failed as often as it was told to."""

    def __init__(self) -> None:
        self.failures: list[int | str] = []
        self.attempts = 0
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                outer.attempts += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                failure = outer.failures.pop(0) if outer.failures else 200
                if failure == NOT_RESPONDING:
                    self.connection.close()
                    return
                if failure == 200:
                    outer.bodies.append(body)
                    outer.headers.append({k.lower(): v for k, v in self.headers.items()})
                self.send_response(int(failure))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/answer?Signature=top-secret"

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    monkeypatch.setattr(custom_resource, "BACKOFF_SECONDS", (0.0, 0.0, 0.0, 0.0))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = CloudFormation()
    thread = threading.Thread(target=server.server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.server.shutdown()
    server.server.server_close()
    thread.join()


def make_event(url: str | None, **changes: Any) -> dict[str, Any]:
    event = {
        "RequestType": "Create",
        "ResponseURL": url,
        "StackId": STACK_ID,
        "RequestId": "request-1",
        "LogicalResourceId": "Job",
        "ResourceType": "Custom::GroundTruthLabelingJob",
        "ResourceProperties": {"ServiceToken": "token", "Title": "very private"},
    }
    merged = {**event, **changes}
    return {key: value for key, value in merged.items() if value is not None}


def handle_with(outcome: Outcome | BaseException) -> Callable[[Request], Outcome]:
    def handle(_request: Request) -> Outcome:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return handle


def addressed(physical_id: str = RESOURCE_ID) -> dict[str, str]:
    return {
        "StackId": STACK_ID,
        "RequestId": "request-1",
        "LogicalResourceId": "Job",
        "PhysicalResourceId": physical_id,
    }


def answered(
    cloudformation: CloudFormation,
    outcome: Outcome | BaseException,
    *,
    context: object = None,
    **changes: Any,
) -> dict[str, Any]:
    answer(
        make_event(cloudformation.url, **changes),
        context,
        handle_with(outcome),
        physical_id=stable_physical_id,
    )
    (sent,) = cloudformation.answers
    return sent


def test_sends_id_and_attributes_of_a_handled_request(cloudformation: CloudFormation) -> None:
    sent = answered(
        cloudformation, Outcome(physical_id="chosen", data={"JobName": "gt-1"}, no_echo=True)
    )
    assert sent == {
        **addressed("chosen"),
        "Status": "SUCCESS",
        "NoEcho": True,
        "Data": {"JobName": "gt-1"},
    }


def test_puts_with_the_empty_content_type_the_url_is_signed_for(
    cloudformation: CloudFormation,
) -> None:
    answered(cloudformation, Outcome(physical_id="chosen"))
    assert cloudformation.headers[0]["content-type"] == ""


def test_hands_the_parsed_request_to_the_handler(cloudformation: CloudFormation) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Outcome:
        seen.append(request)
        return Outcome(physical_id="same")

    answer(
        make_event(
            cloudformation.url,
            RequestType="Update",
            PhysicalResourceId="same",
            OldResourceProperties={"Title": "before"},
        ),
        None,
        handle,
        physical_id=stable_physical_id,
    )
    assert seen == [
        Request(
            kind="Update",
            stack_id=STACK_ID,
            logical_id="Job",
            request_id="request-1",
            resource_type="Custom::GroundTruthLabelingJob",
            physical_id="same",
            properties={"ServiceToken": "token", "Title": "very private"},
            old_properties={"Title": "before"},
        )
    ]


def test_keeps_the_physical_id_of_a_deleted_resource(cloudformation: CloudFormation) -> None:
    sent = answered(
        cloudformation,
        Outcome(physical_id="another"),
        RequestType="Delete",
        PhysicalResourceId="Stack-Job-INVENTED",
    )
    assert (sent["Status"], sent["PhysicalResourceId"]) == ("SUCCESS", "Stack-Job-INVENTED")


def test_names_the_cause_of_a_failure_on_one_line(cloudformation: CloudFormation) -> None:
    error = ValueError("the manifest\n  has no lines")
    error.__cause__ = KeyError("source-ref")
    sent = answered(cloudformation, error)
    assert sent == {
        **addressed(),
        "Status": "FAILED",
        "Reason": "ValueError: the manifest has no lines; caused by KeyError: 'source-ref'",
    }


def test_names_the_log_stream_of_a_failure(cloudformation: CloudFormation) -> None:
    class Context:
        log_stream_name = "2026/11/21/[$LATEST]abc"

    sent = answered(cloudformation, ValueError("no"), context=Context())
    assert sent["Reason"] == "ValueError: no (log stream 2026/11/21/[$LATEST]abc)"


def test_keeps_the_known_id_when_an_update_fails(cloudformation: CloudFormation) -> None:
    sent = answered(
        cloudformation, ValueError("no"), RequestType="Update", PhysicalResourceId="kept"
    )
    assert (sent["Status"], sent["PhysicalResourceId"]) == ("FAILED", "kept")


@pytest.mark.parametrize("error", [ImportError("no module named ground_truth"), SystemExit(3)])
def test_answers_failed_for_whatever_ends_the_handler(
    cloudformation: CloudFormation, error: BaseException
) -> None:
    sent = answered(cloudformation, error)
    assert sent["Status"] == "FAILED"
    assert sent["Reason"] == f"{type(error).__name__}: {error}"


def test_answers_failed_when_the_id_can_not_be_made(cloudformation: CloudFormation) -> None:
    def broken(_request: Request) -> str:
        raise RuntimeError("no id")

    answer(
        make_event(cloudformation.url), None, handle_with(ValueError("first")), physical_id=broken
    )
    assert cloudformation.answers == [
        {**addressed(), "Status": "FAILED", "Reason": "ValueError: first"}
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"RequestType": "Replace"},
            "RequestError: unknown RequestType 'Replace'; allowed: Create, Update, Delete",
        ),
        (
            {"RequestType": None},
            "RequestError: unknown RequestType None; allowed: Create, Update, Delete",
        ),
        (
            {"ResourceProperties": None},
            "RequestError: ResourceProperties is of type NoneType; an object is needed",
        ),
        (
            {"ResourceProperties": "text"},
            "RequestError: ResourceProperties is of type str; an object is needed",
        ),
        ({"ResourceType": ""}, "RequestError: the event has no ResourceType; a non-empty string"),
    ],
)
def test_answers_failed_for_a_request_it_does_not_understand(
    cloudformation: CloudFormation, changes: dict[str, Any], reason: str
) -> None:
    answer(
        {**make_event(cloudformation.url), **changes},
        None,
        handle_with(Outcome(physical_id="never")),
        physical_id=stable_physical_id,
    )
    (sent,) = cloudformation.answers
    assert sent["Status"] == "FAILED"
    assert sent["Reason"].startswith(reason)
    assert sent["PhysicalResourceId"] == "Job-not-created"


@pytest.mark.parametrize("url", [None, "", "ftp://127.0.0.1/x", "file:///etc/hosts"])
def test_refuses_an_event_nobody_waits_for(url: str | None) -> None:
    with pytest.raises(RequestError, match="has no ResponseURL"):
        answer(
            make_event(url),
            None,
            handle_with(Outcome(physical_id="never")),
            physical_id=stable_physical_id,
        )


@pytest.mark.parametrize(
    "failures",
    [[503], [500, 502, 503, 504], [429, 408, 425], [NOT_RESPONDING, NOT_RESPONDING]],
    ids=str,
)
def test_tries_again_until_the_answer_is_taken(
    cloudformation: CloudFormation, failures: list[int | str]
) -> None:
    cloudformation.failures = list(failures)
    sent = answered(cloudformation, Outcome(physical_id="chosen"))
    assert sent["Status"] == "SUCCESS"
    assert cloudformation.attempts == len(failures) + 1


def test_runs_the_handler_once_however_often_the_answer_is_sent(
    cloudformation: CloudFormation,
) -> None:
    calls: list[Request] = []

    def handle(request: Request) -> Outcome:
        calls.append(request)
        return Outcome(physical_id="chosen")

    cloudformation.failures = [500, 500, 500]
    answer(make_event(cloudformation.url), None, handle, physical_id=stable_physical_id)
    assert len(calls) == 1


def test_fails_the_invocation_when_the_answer_is_never_taken(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.failures = [503] * 20
    with pytest.raises(AnswerNotDeliveredError, match=r"did not take the answer: HTTP status 503$"):
        answered(cloudformation, Outcome(physical_id="chosen"))
    assert cloudformation.attempts == 5


def test_gives_up_at_once_when_the_url_is_refused(cloudformation: CloudFormation) -> None:
    cloudformation.failures = [403] * 20
    with pytest.raises(AnswerNotDeliveredError, match="HTTP status 403"):
        answered(cloudformation, Outcome(physical_id="chosen"))
    assert cloudformation.attempts == 1


def test_fails_the_invocation_when_nobody_listens(cloudformation: CloudFormation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(AnswerNotDeliveredError, match="URLError") as caught:
        answer(
            make_event(f"http://127.0.0.1:{port}/?Signature=top-secret"),
            None,
            handle_with(Outcome(physical_id="chosen")),
            physical_id=stable_physical_id,
        )
    assert "top-secret" not in str(caught.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of its own authority for the loopback address, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def serve_tls(cloudformation: CloudFormation, certificate: Path) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = cloudformation.server
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    return cloudformation.url.replace("http://", "https://")


def test_trusts_the_authority_that_ssl_cert_file_names(
    cloudformation: CloudFormation, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    sent = answered(
        cloudformation,
        Outcome(physical_id="chosen"),
        ResponseURL=serve_tls(cloudformation, certificate),
    )
    assert sent["Status"] == "SUCCESS"


def test_sends_nothing_to_a_server_it_can_not_trust(
    cloudformation: CloudFormation, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(AnswerNotDeliveredError, match="CERTIFICATE_VERIFY_FAILED"):
        answered(
            cloudformation,
            Outcome(physical_id="chosen"),
            ResponseURL=serve_tls(cloudformation, certificate),
        )
    assert cloudformation.bodies == []


def test_keeps_the_beginning_of_a_long_reason(cloudformation: CloudFormation) -> None:
    sent = answered(cloudformation, ValueError("the real cause: " + "x" * 9000))
    assert sent["Reason"].startswith("ValueError: the real cause: xxx")
    assert len(sent["Reason"]) == 700
    assert sent["Reason"].endswith("x…")


def test_keeps_a_long_reason_within_the_limit_in_bytes(cloudformation: CloudFormation) -> None:
    sent = answered(
        cloudformation,
        ValueError("原因" * 3000),
        PhysicalResourceId="é" * 1000,
        RequestType="Update",
    )
    assert len(cloudformation.bodies[0]) <= 4096
    assert sent["Reason"].startswith("ValueError: 原因")
    assert sent["PhysicalResourceId"] == "é" * 1000


def test_cuts_the_longest_attribute_to_fit_and_keeps_the_rest(
    cloudformation: CloudFormation,
) -> None:
    sent = answered(
        cloudformation,
        Outcome(physical_id="chosen", data={"JobName": "gt-1", "Report": "r" * 9000}),
    )
    assert sent["Status"] == "SUCCESS"
    assert sent["Data"]["JobName"] == "gt-1"
    assert sent["Data"]["Report"].startswith("rrr")
    assert sent["Data"]["Report"].endswith("…")
    assert 4000 < len(cloudformation.bodies[0]) <= 4096


def test_drops_attributes_only_when_their_names_alone_are_too_long(
    cloudformation: CloudFormation,
) -> None:
    data = {f"Name{number:03d}" + "n" * 100: "value" for number in range(60)}
    sent = answered(cloudformation, Outcome(physical_id="chosen", data=data))
    assert len(cloudformation.bodies[0]) <= 4096
    assert 25 < len(sent["Data"]) < 60
    assert sorted(sent["Data"]) == sorted(data)[: len(sent["Data"])]


@given(
    data=st.dictionaries(st.text(max_size=40), st.text(max_size=3000), max_size=12),
    reason=st.text(max_size=6000),
)
def test_every_answer_fits_and_is_json(data: dict[str, str], reason: str) -> None:
    success = fitted({**addressed(), "Status": "SUCCESS", "Data": data})
    failure = fitted({**addressed(), "Status": "FAILED", "Reason": reason or "x"})
    assert len(success) <= 4096
    assert len(failure) <= 4096
    assert set(json.loads(success)["Data"]) <= set(json.loads(json.dumps(data, ensure_ascii=True)))
    assert json.loads(failure)["Reason"]


def test_logs_neither_url_nor_values(
    cloudformation: CloudFormation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cloudformation.failures = [500]
    answered(cloudformation, ValueError("about very private things"))
    assert "Title" in caplog.text
    assert "ValueError" in caplog.text
    assert "very private" not in caplog.text
    assert "top-secret" not in caplog.text


def test_physical_id_depends_on_stack_and_logical_id_alone() -> None:
    first = parse_request(make_event("http://127.0.0.1/", RequestId="a"))
    second = parse_request(
        make_event("http://127.0.0.1/", RequestId="b", ResourceProperties={"Other": "1"})
    )
    other_stack = parse_request(make_event("http://127.0.0.1/", StackId="another"))
    assert stable_physical_id(first) == stable_physical_id(second) == RESOURCE_ID
    assert stable_physical_id(other_stack) != RESOURCE_ID


@pytest.mark.parametrize(
    ("value", "described"), [(None, "missing"), ("", "empty"), (["x"], "of type list")]
)
def test_text_says_what_is_wrong_without_the_value(value: object, described: str) -> None:
    request = parse_request(make_event("http://127.0.0.1/", ResourceProperties={"Title": value}))
    with pytest.raises(RequestError, match=f"property Title of .* is {described}; a non-empty"):
        request.text("Title")
