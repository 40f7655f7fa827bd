"""The app client's addresses: completed, everything else as it was, written only when needed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from ground_truth_functions import portal_client
from ground_truth_functions.portal_client import (
    PortalSignInError,
    keep_portal,
    with_portal,
    writable,
)
from ground_truth_functions.workforce_facts import Portal
from tests.unit.functions.conftest import make_request

if TYPE_CHECKING:
    from ground_truth_functions.custom_resource import Request

MODEL = Loader().load_service_model("cognito-idp", "service-2")["shapes"]
DESCRIBED: Mapping[str, Mapping[str, str]] = MODEL["UserPoolClientType"]["members"]
TAKEN: Mapping[str, Mapping[str, str]] = MODEL["UpdateUserPoolClientRequest"]["members"]
PORTAL = Portal(scheme="https", domain="abc.labeling.us-east-1.sagemaker.aws")
CALLBACK, LOGOUT = f"{PORTAL.url}/oauth2/idpresponse", f"{PORTAL.url}/logout"
PLACEHOLDER = "https://127.0.0.1"
READ_ONLY = {"ClientSecret", "ClientType", "CreationDate", "LastModifiedDate"}
COGNITO = boto3.client(
    "cognito-idp",
    region_name="us-east-1",
    aws_access_key_id="testing",
    aws_secret_access_key="testing",
)


def values_of(shape: str) -> st.SearchStrategy[Any]:
    """Anything a field of the service model can hold."""
    described = MODEL[shape]
    match described["type"]:
        case "structure":
            members = described["members"].items()
            return st.fixed_dictionaries(
                {}, optional={name: values_of(member["shape"]) for name, member in members}
            )
        case "list":
            return st.lists(values_of(described["member"]["shape"]), max_size=3)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(0, 100)
        case "timestamp":
            return st.datetimes()
        case _:
            return st.text(max_size=12)


CLIENTS = st.fixed_dictionaries(
    {}, optional={name: values_of(member["shape"]) for name, member in DESCRIBED.items()}
)
ADDRESSES = st.lists(st.sampled_from([PLACEHOLDER, CALLBACK, LOGOUT, "https://b", "https://a"]))


def test_every_field_that_is_described_can_be_written_but_those_that_never_change() -> None:
    """A new field that only one of the two calls knows must be noticed here, not in production."""
    assert set(DESCRIBED) - set(TAKEN) == READ_ONLY
    assert set(TAKEN) <= set(DESCRIBED)


@given(CLIENTS, ADDRESSES, ADDRESSES, st.sampled_from(["", PLACEHOLDER]))
def test_no_other_field_is_changed(
    client: dict[str, Any], callbacks: list[str], logouts: list[str], placeholder: str
) -> None:
    found = {**client, "CallbackURLs": callbacks, "LogoutURLs": logouts}

    wanted = with_portal(writable(COGNITO, found), PORTAL, placeholder=placeholder)

    lists = {"CallbackURLs", "LogoutURLs"}
    assert {k: v for k, v in wanted.items() if k not in lists} == {
        k: v for k, v in found.items() if k not in lists | READ_ONLY
    }
    for name, address in (("CallbackURLs", CALLBACK), ("LogoutURLs", LOGOUT)):
        kept = [url for url in found[name] if url != placeholder]
        assert [url for url in wanted[name] if url != placeholder] == (
            kept if address in kept else [*kept, address]
        )


@given(CLIENTS, ADDRESSES, ADDRESSES, st.sampled_from(["", PLACEHOLDER]))
def test_what_was_completed_needs_no_second_write(
    client: dict[str, Any], callbacks: list[str], logouts: list[str], placeholder: str
) -> None:
    found = {**client, "CallbackURLs": callbacks, "LogoutURLs": logouts}
    wanted = with_portal(writable(COGNITO, found), PORTAL, placeholder=placeholder)

    known = writable(COGNITO, wanted)
    assert known == wanted
    assert with_portal(known, PORTAL, placeholder=placeholder) == wanted


def test_placeholder_goes_unless_it_is_the_default_address() -> None:
    found: dict[str, Any] = {
        "CallbackURLs": [PLACEHOLDER, "https://a"],
        "LogoutURLs": [PLACEHOLDER],
    }

    assert with_portal(found, PORTAL, placeholder=PLACEHOLDER) == {
        "CallbackURLs": ["https://a", CALLBACK],
        "LogoutURLs": [LOGOUT],
    }
    kept = with_portal(
        {**found, "DefaultRedirectURI": PLACEHOLDER}, PORTAL, placeholder=PLACEHOLDER
    )
    assert kept["CallbackURLs"] == [PLACEHOLDER, "https://a", CALLBACK]


class Cloud:
    """A workforce and an app client; says what was written."""

    def __init__(self, domain: str | None = PORTAL.domain, **client: object) -> None:
        self.meta = COGNITO.meta
        self.domain = domain
        self.client = {"ClientSecret": "s3cr3t", "ClientName": "portal", **client}
        self.written: list[dict[str, object]] = []

    def describe_workforce(self, **asked: str) -> dict[str, Any]:
        assert asked == {"WorkforceName": "ours"}
        arn = "arn:aws:sagemaker:us-east-1:123456789012:workforce/ours"
        found = {"WorkforceName": "ours", "WorkforceArn": arn}
        return {"Workforce": found | ({"SubDomain": self.domain} if self.domain else {})}

    def describe_user_pool_client(self, **asked: str) -> dict[str, Any]:
        return {"UserPoolClient": {**asked, **self.client}}

    def update_user_pool_client(self, **request: object) -> None:
        self.written.append(request)
        self.client |= request


def request(**properties: str) -> Request:
    known = {
        "WorkforceName": "ours",
        "UserPoolId": "us-east-1_a",
        "ClientId": "c",
        "PortalScheme": "https",
        "Write": "true",
    }
    return make_request(properties=known | properties)


def use(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(portal_client, "client", lambda _name: cloud)
    return cloud


def test_writes_the_whole_client_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = use(Cloud(CallbackURLs=[PLACEHOLDER], IdTokenValidity=3), monkeypatch)

    for _ in range(2):
        keep_portal(request(Placeholder=PLACEHOLDER))

    assert cloud.written == [
        {
            "UserPoolId": "us-east-1_a",
            "ClientId": "c",
            "ClientName": "portal",
            "IdTokenValidity": 3,
            "CallbackURLs": [CALLBACK],
            "LogoutURLs": [LOGOUT],
        }
    ]


def test_client_of_others_is_only_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = use(Cloud(CallbackURLs=["https://a"]), monkeypatch)

    with pytest.raises(PortalSignInError) as caught:
        keep_portal(request(Write="false"))

    assert cloud.written == []
    assert f"lacks callback URL {CALLBACK} (and needs logout URL {LOGOUT})" in str(caught.value)
    assert "set workforce.repair_client = true" in str(caught.value)
    assert len(str(caught.value)) < 700


def test_client_of_others_that_lets_people_in_is_good_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = use(Cloud(CallbackURLs=["https://a", CALLBACK]), monkeypatch)

    keep_portal(request(Write="false"))

    assert cloud.written == []


def test_workforce_without_an_address_yet_is_left_to_the_service(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = use(Cloud(domain=None), monkeypatch)

    with caplog.at_level(logging.WARNING):
        keep_portal(request())

    assert cloud.written == []
    assert "no portal address yet" in caplog.text


def test_provider_in_place_of_a_pool_has_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_client, "client", lambda _name: pytest.fail("nothing to ask"))

    keep_portal(make_request(properties={"Part": "portal", "WorkforceName": "ours"}))
