"""Roles for services, and people signing in, on the ministack of this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ground_truth_local.platform import environment
from ground_truth_local.platform.clients import Clients
from ground_truth_local.platform.embedded import EmbeddedPlatform
from ground_truth_local.platform.hooks import services
from ground_truth_local.platform.hooks.private import private
from ground_truth_local.platform.port import (
    SAGEMAKER_PRINCIPAL,
    Identity,
    PasswordPolicyError,
    RedirectMismatchError,
    RoleNotAssumableError,
    SignInError,
    WrongPasswordError,
)

pytestmark = pytest.mark.usefixtures("ministack")

ACCOUNT, REGION = environment.ACCOUNT_ID, "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/execution"
CALLBACK = "http://127.0.0.1:5/oauth2/idpresponse"
TEMPORARY, OWN = "Temp-1234!", "Own-12345!"


@pytest.fixture
def platform() -> EmbeddedPlatform:
    root = environment.make_root_key()
    endpoint = "http://127.0.0.1:1"
    clients = Clients(region=REGION, endpoint=endpoint, root=root, authority=None)
    return EmbeddedPlatform(
        region=REGION,
        account_id=ACCOUNT,
        endpoint_url=endpoint,
        media_url="http://127.0.0.1:2",
        clients=clients,
    )


@pytest.fixture
def scope() -> Iterator[None]:
    with services.scope(ACCOUNT, REGION):
        yield


def statement(principal: object, *, effect: str = "Allow", **conditions: object) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "sts:AssumeRole",
        **({"Condition": conditions} if conditions else {}),
    }


@pytest.fixture
def trust(scope: None) -> Iterator[Any]:
    """Give the role `execution` a trust policy of these statements."""
    roles = private("services.iam", "_roles")

    def set_trust(*statements: object) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        roles["execution"] = {
            "RoleName": "execution",
            "Arn": ROLE,
            "RoleId": "AROAEXECUTION",
            "AssumeRolePolicyDocument": document,
        }

    yield set_trust
    roles.pop("execution", None)


SAGEMAKER = {"Service": SAGEMAKER_PRINCIPAL}
OURS: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
THEIRS: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": "1" * 12}}
JOBS: dict[str, Any] = {
    "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/a-*"}
}


@pytest.mark.parametrize(
    "statements",
    [
        [statement(SAGEMAKER)],
        [statement({"Service": ["lambda.amazonaws.com", SAGEMAKER_PRINCIPAL]})],
        [statement({"AWS": "*"}), statement(SAGEMAKER, **OURS)],
        [statement(SAGEMAKER, **JOBS)],
    ],
)
def test_service_gets_an_hour_in_a_role_that_trusts_it(
    platform: EmbeddedPlatform, trust: Any, statements: list[object]
) -> None:
    trust(*statements)
    source = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/a-1"
    found = platform.assume_as_service(ROLE, SAGEMAKER_PRINCIPAL, source_arn=source)
    session = private("services.sts", "_sessions")[found.access_key_id]
    assert session["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/execution/SageMaker"
    assert session["SessionToken"] == found.session_token
    assert timedelta(minutes=59) < found.expiration - datetime.now(UTC) <= timedelta(hours=1)


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [statement({"Service": "lambda.amazonaws.com"})],
        [statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
        [statement("*")],
        [statement(SAGEMAKER, **THEIRS)],
        [statement(SAGEMAKER, **JOBS)],
        [statement(SAGEMAKER), statement("*", effect="Deny")],
        [statement(SAGEMAKER), statement(SAGEMAKER, effect="Deny", **OURS)],
    ],
)
def test_service_is_kept_out_of_a_role_that_does_not_trust_it(
    platform: EmbeddedPlatform, trust: Any, statements: list[object]
) -> None:
    trust(*statements)
    with pytest.raises(RoleNotAssumableError, match="trust policy does not allow the service"):
        platform.assume_as_service(ROLE, SAGEMAKER_PRINCIPAL)


def test_missing_role_is_said_to_be_missing(platform: EmbeddedPlatform) -> None:
    with pytest.raises(RoleNotAssumableError, match="the role does not exist"):
        platform.assume_as_service(f"{ROLE}-gone", SAGEMAKER_PRINCIPAL)


def test_secrets_stay_out_of_the_repr(platform: EmbeddedPlatform, trust: Any) -> None:
    trust(statement(SAGEMAKER))
    found = platform.assume_as_service(ROLE, SAGEMAKER_PRINCIPAL)
    assert found.secret_access_key not in repr(found)
    assert found.session_token not in repr(found)


def test_presigned_link_leads_to_the_media_door(platform: EmbeddedPlatform, trust: Any) -> None:
    trust(statement(SAGEMAKER))
    credentials = platform.assume_as_service(ROLE, SAGEMAKER_PRINCIPAL)
    url = platform.presigned_get(
        bucket="b-1", key="a b/ä.png", credentials=credentials, expires_seconds=60
    )
    assert url.startswith("http://127.0.0.1:2/b-1/a%20b/%C3%A4.png?X-Amz-Algorithm=")
    assert f"X-Amz-Credential={credentials.access_key_id}" in url
    assert "X-Amz-Expires=60" in url


class People:
    """A pool with one invited person, `ada@example.com`."""

    def __init__(self, platform: EmbeddedPlatform, **options: object) -> None:
        self.platform = platform
        made = self._call(
            "_create_user_pool", PoolName="p", UsernameAttributes=["email"], **options
        )
        self.pool = made["UserPool"]["Id"]
        client = self._call(
            "_create_user_pool_client",
            UserPoolId=self.pool,
            ClientName="c",
            GenerateSecret=True,
            CallbackURLs=[CALLBACK],
            AllowedOAuthFlows=["code"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=["openid"],
        )
        self.client = client["UserPoolClient"]["ClientId"]
        for group in ("ours", "others"):
            self._call("_create_group", UserPoolId=self.pool, GroupName=group)
        user = self._call(
            "_admin_create_user",
            UserPoolId=self.pool,
            Username="ada@example.com",
            TemporaryPassword=TEMPORARY,
        )
        self.username = user["User"]["Username"]
        self._call(
            "_admin_add_user_to_group",
            UserPoolId=self.pool,
            Username=self.username,
            GroupName="ours",
        )

    def _call(self, name: str, **params: object) -> dict[str, Any]:
        status, _, body = private("services.cognito", name)(params)
        assert status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer

    def disable(self) -> None:
        self._call("_admin_disable_user", UserPoolId=self.pool, Username=self.username)

    def invited(self, ago: timedelta) -> None:
        pool = private("services.cognito", "_user_pools")[self.pool]
        pool["_users"][self.username]["UserLastModifiedDate"] -= ago.total_seconds()

    def sign_in(self, password: str, new: str | None = None, at: str = CALLBACK) -> Any:
        return self.platform.sign_in(
            user_pool_id=self.pool,
            client_id=self.client,
            username="ada@example.com",
            password=password,
            new_password=new,
            redirect_uri=at,
        )


@pytest.fixture
def people(platform: EmbeddedPlatform, scope: None) -> People:
    return People(platform)


def test_temporary_password_asks_for_a_new_one_and_then_signs_in(people: People) -> None:
    assert people.sign_in(TEMPORARY).challenge == "NEW_PASSWORD_REQUIRED"
    identity = people.sign_in(TEMPORARY, OWN).identity
    assert identity == Identity(
        sub=identity.sub,
        username=people.username,
        email="ada@example.com",
        issuer=f"https://cognito-idp.{REGION}.amazonaws.com/{people.pool}",
        user_pool_id=people.pool,
        client_id=people.client,
        groups=("ours",),
    )
    assert people.sign_in(OWN).identity == replace(identity)
    with pytest.raises(WrongPasswordError):
        people.sign_in(TEMPORARY)


def test_wrong_password_is_refused(people: People) -> None:
    with pytest.raises(WrongPasswordError, match="Incorrect username or password"):
        people.sign_in("Guess-123!")


def test_disabled_person_is_refused(people: People) -> None:
    people.sign_in(TEMPORARY, OWN)
    people.disable()
    with pytest.raises(WrongPasswordError, match="disabled"):
        people.sign_in(OWN)


def test_weak_new_password_is_refused_with_every_reason(people: People) -> None:
    with pytest.raises(PasswordPolicyError, match=r"(?=.*upper)(?=.*numeric)(?=.*symbol)"):
        people.sign_in(TEMPORARY, "weakweak")
    assert people.sign_in(TEMPORARY).challenge == "NEW_PASSWORD_REQUIRED"


def test_portal_that_the_client_does_not_name_is_refused(people: People) -> None:
    with pytest.raises(RedirectMismatchError, match="redirect_uri is not allowed"):
        people.sign_in(TEMPORARY, at="http://127.0.0.1:6/oauth2/idpresponse")


def test_invitation_runs_out(people: People) -> None:
    people.invited(timedelta(days=8))
    with pytest.raises(WrongPasswordError, match="has expired"):
        people.sign_in(TEMPORARY, OWN)


def test_pool_that_demands_a_second_factor_is_not_half_satisfied(
    platform: EmbeddedPlatform, scope: None
) -> None:
    people = People(platform, MfaConfiguration="ON")
    with pytest.raises(SignInError, match="second factor"):
        people.sign_in(TEMPORARY, OWN)


def test_unknown_pool_is_refused(people: People) -> None:
    people.pool = f"{REGION}_Unknown"
    with pytest.raises(SignInError, match="There is no user pool"):
        people.sign_in(TEMPORARY)


def test_root_keys_differ_between_runs() -> None:
    first, second = environment.make_root_key(), environment.make_root_key()
    assert first.access_key_id != second.access_key_id
    assert first.secret_access_key not in repr(first)
