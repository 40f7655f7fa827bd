"""The invitation mail; SageMaker is botocore's own stub, since moto has no workforce."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ground_truth_functions import invitation
from ground_truth_functions.invitation import PortalUnknownError, handler


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    stubbed = boto3.client(
        "sagemaker",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    monkeypatch.setattr(invitation, "client", lambda _name: stubbed)
    monkeypatch.setenv("WORKFORCE_NAME", "ground-truth")
    monkeypatch.delenv("PORTAL_SCHEME", raising=False)
    with Stubber(stubbed) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def workforce(stubber: Stubber, domain: str | None) -> None:
    described = {
        "WorkforceName": "ground-truth",
        "WorkforceArn": "arn:aws:sagemaker:x:1:workforce/a",
    }
    if domain is not None:
        described["SubDomain"] = domain
    stubber.add_response(
        "describe_workforce", {"Workforce": described}, {"WorkforceName": "ground-truth"}
    )


def make_event(source: str = "CustomMessage_AdminCreateUser", **request: Any) -> Any:
    return {
        "version": "1",
        "triggerSource": source,
        "region": "us-east-1",
        "userPoolId": "us-east-1_abc",
        "userName": "0f5e",
        "callerContext": {"awsSdkVersion": "1", "clientId": "CLIENT_ID_NOT_APPLICABLE"},
        "request": {
            "userAttributes": {"email": "<b>ada@example.com"},
            "codeParameter": "{####}",
            "usernameParameter": "{username}",
            **request,
        },
        "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    }


class Reader(HTMLParser):
    """Collects the text and the link targets of a mail."""

    def __init__(self, mail: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(mail)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_puts_the_portal_and_both_placeholders_into_the_mail(sagemaker: Stubber) -> None:
    workforce(sagemaker, "abc.labeling.us-east-1.sagemaker.aws")
    event = make_event()
    answered = handler(event, None)
    assert {k: v for k, v in answered.items() if k != "response"} == {
        k: v for k, v in event.items() if k != "response"
    }
    assert answered["response"]["smsMessage"] is None
    assert answered["response"]["emailSubject"] == "Your invitation to label data"
    mail = Reader(answered["response"]["emailMessage"] or "")
    assert mail.links == ["https://abc.labeling.us-east-1.sagemaker.aws/"]
    assert "https://abc.labeling.us-east-1.sagemaker.aws/" in mail.text
    assert "user name: {username}" in mail.text
    assert "temporary password: {####}" in mail.text


def test_takes_the_placeholders_from_the_event(sagemaker: Stubber) -> None:
    workforce(sagemaker, "abc.example")
    answered = handler(make_event(codeParameter="{code}", usernameParameter="{name}"), None)
    mail = Reader(answered["response"]["emailMessage"] or "")
    assert "user name: {name}" in mail.text
    assert "temporary password: {code}" in mail.text


def test_uses_the_scheme_of_the_environment(
    sagemaker: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SCHEME", "http")
    workforce(sagemaker, "127.0.0.1:8123")
    answered = handler(make_event(), None)
    assert Reader(answered["response"]["emailMessage"] or "").links == ["http://127.0.0.1:8123/"]


def test_escapes_the_address(sagemaker: Stubber) -> None:
    workforce(sagemaker, 'x"><script>alert(1)</script>')
    mail = Reader(handler(make_event(), None)["response"]["emailMessage"] or "")
    assert "script" not in mail.tags
    assert mail.links == ['https://x"><script>alert(1)</script>/']


@pytest.mark.parametrize(
    "source", ["CustomMessage_ForgotPassword", "CustomMessage_ResendCode", "CustomMessage_SignUp"]
)
def test_leaves_other_messages_alone(sagemaker: Stubber, source: str) -> None:
    assert handler(make_event(source), None) == make_event(source)


@pytest.mark.parametrize("domain", [None, ""])
def test_refuses_to_invite_to_a_portal_without_address(
    sagemaker: Stubber, domain: str | None
) -> None:
    workforce(sagemaker, domain)
    with pytest.raises(PortalUnknownError, match="workforce ground-truth has no portal address"):
        handler(make_event(), None)


def test_tells_when_there_is_no_workforce(sagemaker: Stubber) -> None:
    sagemaker.add_client_error("describe_workforce", "ValidationException", "No workforce")
    with pytest.raises(ClientError, match="No workforce"):
        handler(make_event(), None)
