"""What the Ground Truth service and the portal may ask of the embedded AWS, and nothing else of it.

Everything here is blocking and thread-safe, and a boto3 client of `client()` comes back to the
gateway of this very process: call it from a worker thread, never on the event loop. The platform
itself calls `GroundTruthService.call` on a worker thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

SAGEMAKER_PRINCIPAL = "sagemaker.amazonaws.com"


class PlatformError(Exception):
    """Base of what the platform refuses."""


class RoleNotAssumableError(PlatformError):
    """The role is missing, or its trust policy doesn't let the service principal in."""

    def __init__(self, role_arn: str, service_principal: str, cause: str) -> None:
        super().__init__(f"{service_principal} cannot assume {role_arn}: {cause}")
        self.role_arn = role_arn
        self.service_principal = service_principal
        self.cause = cause


class SignInError(PlatformError):
    """Sign-in was refused; `code` is Cognito's error code, the message is fit for the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class WrongPasswordError(SignInError):
    """Unknown user, wrong or expired password, disabled user (Cognito: NotAuthorizedException)."""


class PasswordPolicyError(SignInError):
    """The new password breaks the pool's policy (Cognito: InvalidPasswordException)."""


class RedirectMismatchError(SignInError):
    """The portal's address isn't among the client's CallbackURLs: the hosted UI refuses."""


class ServiceError(Exception):
    """A refusal of the SageMaker service in AWS's terms: ("ValidationException", "…", 400)."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Temporary credentials of a role session."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime
    role_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A signed-in Cognito user; `groups` in the pool's order, `issuer` is the pool's issuer URL."""

    sub: str
    username: str
    email: str
    issuer: str
    user_pool_id: str
    client_id: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInResult:
    """Either an identity, or the challenge to answer with `new_password` in a second call."""

    challenge: Literal["NEW_PASSWORD_REQUIRED"] | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A captured message, an invitation for instance; `html` is the body as it was sent."""

    number: int
    to: str
    subject: str
    html: str
    sent_at: datetime
    user_pool_id: str
    username: str
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """What the launcher tells the Ground Truth service."""

    seed: int = 0
    portal_scheme: str = "http"


class Platform(Protocol):
    """The embedded AWS, as a service team inside AWS would see it."""

    @property
    def region(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def partition(self) -> str: ...
    @property
    def endpoint_url(self) -> str:
        """The gateway, `https://127.0.0.1:<port>`, or http when TLS is off."""

    @property
    def media_url(self) -> str:
        """Plain HTTP to the gateway's S3 for browsers: presigned GET, HEAD and OPTIONS only."""

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A boto3 client on our own gateway, cached; None signs as the account's root."""

    def assume_as_service(
        self, role_arn: str, service_principal: str, *, source_arn: str | None = None
    ) -> Credentials:
        """Let a service principal into a role, as AWS does behind CreateLabelingJob.

        Valid for an hour; ask again for each piece of work, it costs next to nothing. Raises
        RoleNotAssumableError when the role is missing or its trust policy, with conditions on
        aws:SourceAccount and aws:SourceArn, doesn't allow the principal.
        """

    def presigned_get(
        self, *, bucket: str, key: str, credentials: Credentials, expires_seconds: int
    ) -> str:
        """A GET link on `media_url`, signed by these credentials, that a browser can load."""

    def put_service_event(
        self,
        *,
        source: str,
        detail_type: str,
        resources: Sequence[str],
        detail: Mapping[str, object],
    ) -> None:
        """Put an `aws.*` event on the default bus; customers' PutEvents may not."""

    def put_service_metric(
        self,
        *,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str = "Count",
        role_arn: str | None = None,
    ) -> None:
        """Put a datum into an `AWS/...` namespace; in a role's name, as far as it may."""

    def sign_in(
        self,
        *,
        user_pool_id: str,
        client_id: str,
        username: str,
        password: str,
        new_password: str | None = None,
        redirect_uri: str,
    ) -> SignInResult:
        """What the pool's hosted UI does for an app client with a secret.

        A first sign-in with the temporary password returns the NEW_PASSWORD_REQUIRED challenge;
        call again with the same password and `new_password`. `username` may be an e-mail address
        where the pool signs in with it. Raises RedirectMismatchError, WrongPasswordError,
        PasswordPolicyError, or SignInError for anything else.
        """

    def mails(self) -> Sequence[Mail]:
        """Captured mail, oldest first."""

    def now(self) -> datetime:
        """The time in UTC, aware."""

    def log(self, group: str, stream: str, message: str, *, role_arn: str) -> None:
        """One line into CloudWatch Logs in a role's name; without its permission it is lost.

        Group and stream are made when absent.
        """


class GroundTruthService(Protocol):
    """What the platform needs of `ground_truth_local.service.GroundTruth`."""

    def call(
        self, operation: str, params: Mapping[str, object], caller_arn: str
    ) -> Mapping[str, object]:
        """Answer one API operation with botocore-shaped parameters; refusals raise ServiceError.

        The caller is authorized already. Timestamps in the answer are aware datetimes.
        """

    def start(self) -> None: ...
    def stop(self) -> None: ...
