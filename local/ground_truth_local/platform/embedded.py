"""`Platform` on the ministack of this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ground_truth_local.platform import logs, roles
from ground_truth_local.platform.hooks import services, stores
from ground_truth_local.platform.port import Credentials, Mail, SignInResult
from ground_truth_local.platform.sign_in import sign_in

if TYPE_CHECKING:
    from ground_truth_local.platform.clients import Clients


class EmbeddedPlatform:
    """What services and the portal may ask of the embedded AWS; see `port.Platform`."""

    partition = "aws"  # the only one ministack has

    def __init__(
        self,
        *,
        region: str,
        account_id: str,
        endpoint_url: str,
        media_url: str,
        clients: Clients,
        password_chosen: Callable[[], None] | None = None,
    ) -> None:
        self._password_chosen = password_chosen
        self.region = region
        self.account_id = account_id
        self.endpoint_url = endpoint_url
        self.media_url = media_url
        self._clients = clients

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        return self._clients.get(service, credentials)

    def assume_as_service(
        self, role_arn: str, service_principal: str, *, source_arn: str | None = None
    ) -> Credentials:
        return roles.assume(
            role_arn,
            service_principal,
            account=self.account_id,
            region=self.region,
            source_arn=source_arn,
        )

    def presigned_get(
        self, *, bucket: str, key: str, credentials: Credentials, expires_seconds: int
    ) -> str:
        client = self._clients.get("s3", credentials, endpoint=self.media_url)
        url: str = client.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=expires_seconds
        )
        return url

    def put_service_event(
        self,
        *,
        source: str,
        detail_type: str,
        resources: Sequence[str],
        detail: Mapping[str, object],
    ) -> None:
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Resources": list(resources),
            "Detail": json.dumps(detail),
        }
        with services.scope(self.account_id, self.region):
            stores.put_aws_event(entry)

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
        with services.scope(self.account_id, self.region):
            if role_arn is None or logs.may_measure(
                logs.session(role_arn, roles.SESSION_NAME), namespace, region=self.region
            ):
                stores.record_metric(namespace, name, value, unit, dimensions)

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
        with services.scope(self.account_id, self.region):
            result = sign_in(
                user_pool_id=user_pool_id,
                client_id=client_id,
                username=username,
                password=password,
                new_password=new_password,
                redirect_uri=redirect_uri,
                now=self.now().timestamp(),
                region=self.region,
            )
        if new_password is not None and self._password_chosen:
            self._password_chosen()
        return result

    def mails(self) -> Sequence[Mail]:
        with services.scope(self.account_id, self.region):
            sent = stores.sent_mails()
        return [_mail(number, record) for number, record in enumerate(sent, start=1)]

    def now(self) -> datetime:
        return datetime.now(UTC)

    def log(self, group: str, stream: str, message: str, *, role_arn: str) -> None:
        session = logs.session(role_arn, roles.SESSION_NAME)
        with services.scope(self.account_id, self.region):
            if logs.may_write(session, group, region=self.region):
                stores.write_log(group, stream, message)


def _mail(number: int, record: Mapping[str, Any]) -> Mail:
    return Mail(
        number=number,
        to=", ".join(record["To"]),
        subject=record["Subject"],
        html=record["BodyHtml"] or record["BodyText"],
        sent_at=datetime.fromtimestamp(record["Timestamp"], UTC),
        user_pool_id=record.get("UserPoolId", ""),
        username=record.get("Username", ""),
        trigger=record["Type"],
    )
