"""An embedded AWS in memory: what the service asks of the platform, and nothing more."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Condition, Lock
from typing import Any

import botocore.session
from botocore.exceptions import ClientError

from ground_truth_local.platform.port import Credentials, RoleNotAssumableError

REGION = "eu-west-1"
ACCOUNT = "123456789012"
PARTITION = "aws"
START = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    return ":".join(("arn", PARTITION, service, region, account, resource))


def refusal(code: str, message: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class ManualClock:
    """Time that moves when a test says so; waiting ends by notification only."""

    def __init__(self) -> None:
        self._now = START
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def wait(self, changed: Condition, until: datetime | None) -> None:
        if until is None or until > self.now():
            changed.wait()

    def advance(self, **time: float) -> None:
        with self._lock:
            self._now += timedelta(**time)


@dataclass
class Bucket:
    objects: dict[str, bytes] = field(default_factory=dict)
    cors: list[dict[str, Any]] | None = None
    region: str = REGION
    puts: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Queue:
    attributes: dict[str, str]
    messages: dict[str, str] = field(default_factory=dict)


class FakeS3:
    def __init__(self, platform: FakePlatform, role_arn: str | None) -> None:
        self._platform = platform
        self._role_arn = role_arn

    def _bucket(self, name: str, action: str) -> Bucket:
        self._platform.allow(self._role_arn, action)
        if name not in self._platform.buckets:
            raise refusal("NoSuchBucket", "The specified bucket does not exist")
        return self._platform.buckets[name]

    def _body(self, bucket: str, key: str, missing: str) -> bytes:
        objects = self._bucket(bucket, "s3:GetObject").objects
        if key not in objects:
            raise refusal(missing, "The specified key does not exist.")
        return objects[key]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._body(Bucket, Key, "NoSuchKey"))}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"ContentLength": len(self._body(Bucket, Key, "404"))}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **options: Any) -> dict[str, Any]:
        bucket = self._bucket(Bucket, "s3:PutObject")
        with self._platform.lock:
            bucket.objects[Key] = Body
            bucket.puts.append({"Key": Key, **options})
        return {}

    def get_bucket_cors(self, *, Bucket: str) -> dict[str, Any]:
        rules = self._bucket(Bucket, "s3:GetBucketCORS").cors
        if rules is None:
            raise refusal("NoSuchCORSConfiguration", "The CORS configuration does not exist")
        return {"CORSRules": rules}

    def get_bucket_location(self, *, Bucket: str) -> dict[str, Any]:
        region = self._bucket(Bucket, "s3:GetBucketLocation").region
        return {"LocationConstraint": None if region == "us-east-1" else region}


class FakeLambda:
    def __init__(self, platform: FakePlatform, role_arn: str | None) -> None:
        self._platform = platform
        self._role_arn = role_arn

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:
        assert InvocationType == "RequestResponse"
        self._platform.allow(self._role_arn, "lambda:InvokeFunction")
        function = self._platform.functions.get(FunctionName)
        if function is None:
            raise refusal("ResourceNotFoundException", f"Function not found: {FunctionName}")
        event = json.loads(Payload)
        with self._platform.lock:
            self._platform.invocations.append((FunctionName, event))
        try:
            answer = function(event)
        except Exception as error:
            body = json.dumps({"errorMessage": str(error)}).encode()
            return {"Payload": io.BytesIO(body), "FunctionError": "Unhandled"}
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return {"Payload": io.BytesIO(body)}


class FakeSqs:
    """Queues of the platform; a message that was received stays until it is deleted."""

    def __init__(self, platform: FakePlatform, role_arn: str | None) -> None:
        self._platform = platform
        self._role_arn = role_arn

    def create_queue(self, *, QueueName: str, Attributes: dict[str, str]) -> dict[str, Any]:
        self._platform.allow(self._role_arn, "sqs:CreateQueue")
        self._platform.queues.setdefault(QueueName, Queue(attributes=dict(Attributes)))
        return {"QueueUrl": f"https://queues/{QueueName}"}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        self._platform.allow(self._role_arn, "sqs:GetQueueAttributes")
        assert AttributeNames == ["QueueArn"]
        return {"Attributes": {"QueueArn": arn("sqs", _queue_name(QueueUrl))}}

    def set_queue_attributes(self, *, QueueUrl: str, Attributes: dict[str, str]) -> None:
        self._platform.allow(self._role_arn, "sqs:SetQueueAttributes")
        self._platform.queues[_queue_name(QueueUrl)].attributes |= Attributes

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int) -> dict[str, Any]:
        self._platform.allow(self._role_arn, "sqs:ReceiveMessage")
        waiting = list(self._platform.queues[_queue_name(QueueUrl)].messages.items())
        found = [
            {"ReceiptHandle": receipt, "Body": body}
            for receipt, body in waiting[:MaxNumberOfMessages]
        ]
        return {"Messages": found} if found else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        self._platform.allow(self._role_arn, "sqs:DeleteMessage")
        del self._platform.queues[_queue_name(QueueUrl)].messages[ReceiptHandle]


class FakeSns:
    """Topics of the platform: who listens, and what was published."""

    def __init__(self, platform: FakePlatform, role_arn: str | None) -> None:
        self._platform = platform
        self._role_arn = role_arn

    def subscribe(
        self, *, TopicArn: str, Protocol: str, Endpoint: str, ReturnSubscriptionArn: bool
    ) -> dict[str, Any]:
        self._platform.allow(self._role_arn, "sns:Subscribe")
        assert (Protocol, ReturnSubscriptionArn) == ("sqs", True)
        self._platform.listeners[f"{TopicArn}:1"] = Endpoint.rpartition(":")[2]
        return {"SubscriptionArn": f"{TopicArn}:1"}

    def unsubscribe(self, *, SubscriptionArn: str) -> None:
        self._platform.allow(self._role_arn, "sns:Unsubscribe")
        del self._platform.listeners[SubscriptionArn]

    def publish(self, *, TopicArn: str, Message: str) -> None:
        self._platform.allow(self._role_arn, "sns:Publish")
        self._platform.published.append((TopicArn, Message))


def _queue_name(url: str) -> str:
    return url.rpartition("/")[2]


@cache
def _cognito_model() -> Any:
    return botocore.session.get_session().get_service_model("cognito-idp")


class FakeCognito:
    """UpdateUserPoolClient forgets what it isn't told, as Cognito does."""

    def __init__(self, platform: FakePlatform) -> None:
        self._platform = platform
        self.meta = type("Meta", (), {"service_model": _cognito_model()})

    def describe_user_pool(self, *, UserPoolId: str) -> dict[str, Any]:
        pool = self._platform.pools.get(UserPoolId)
        if pool is None:
            raise refusal("ResourceNotFoundException", f"User pool {UserPoolId} does not exist.")
        return {"UserPool": dict(pool)}

    def describe_user_pool_client(self, *, UserPoolId: str, ClientId: str) -> dict[str, Any]:
        client = self._platform.clients.get((UserPoolId, ClientId))
        if client is None:
            raise refusal(
                "ResourceNotFoundException", f"User pool client {ClientId} does not exist."
            )
        return {"UserPoolClient": dict(client)}

    def update_user_pool_client(self, **wanted: Any) -> dict[str, Any]:
        key = (wanted["UserPoolId"], wanted["ClientId"])
        kept = {k: v for k, v in self._platform.clients[key].items() if k in _UNTOUCHED}
        self._platform.clients[key] = {**kept, **wanted}
        return {}

    def get_group(self, *, UserPoolId: str, GroupName: str) -> dict[str, Any]:
        if GroupName not in self._platform.groups:
            raise refusal("ResourceNotFoundException", "Group not found.")
        return {"Group": {"GroupName": GroupName}}


_UNTOUCHED = ("ClientSecret", "CreationDate", "LastModifiedDate")
POOL, CLIENT, GROUP = f"{REGION}_pool1", "client1", "labelers"


class FakePlatform:
    region = REGION
    account_id = ACCOUNT
    partition = PARTITION
    endpoint_url = "https://127.0.0.1:1"
    media_url = "http://127.0.0.1:2"

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.lock = Lock()
        self.buckets: dict[str, Bucket] = {}
        self.functions: dict[str, Callable[[dict[str, Any]], object]] = {}
        self.invocations: list[tuple[str, dict[str, Any]]] = []
        self.roles: set[str] = set()
        self.denied: set[str] = set()
        self.assumed: list[tuple[str, str | None]] = []
        self.pools: dict[str, dict[str, Any]] = {POOL: {"Id": POOL, "Domain": "gt"}}
        self.clients: dict[tuple[str, str], dict[str, Any]] = {
            (POOL, CLIENT): {
                "UserPoolId": POOL,
                "ClientId": CLIENT,
                "ClientName": "portal",
                "ClientSecret": "secret",
                "CreationDate": START,
                "RefreshTokenValidity": 7,
            }
        }
        self.groups = {GROUP}
        self.queues: dict[str, Queue] = {}
        self.listeners: dict[str, str] = {}  # queues by subscription
        self.published: list[tuple[str, str]] = []
        self._sent = 0
        self.events: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.logs: list[tuple[str, str, str]] = []

    def allow(self, role_arn: str | None, action: str) -> None:
        """Raise AccessDenied when a role does what the test denied it; root may do all."""
        if role_arn is not None and action in self.denied:
            code = "AccessDeniedException" if action.startswith("lambda") else "AccessDenied"
            raise refusal(code, f"{role_arn} is not authorized to perform: {action}")

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        role_arn = credentials.role_arn if credentials else None
        if service == "cognito-idp":
            return FakeCognito(self)
        kinds = {"s3": FakeS3, "lambda": FakeLambda, "sqs": FakeSqs, "sns": FakeSns}
        return kinds[service](self, role_arn)

    def assume_as_service(
        self, role_arn: str, service_principal: str, *, source_arn: str | None = None
    ) -> Credentials:
        if role_arn not in self.roles:
            raise RoleNotAssumableError(role_arn, service_principal, "no such role")
        self.assumed.append((role_arn, source_arn))
        return Credentials(
            access_key_id="key",
            secret_access_key="secret",
            session_token="token",
            expiration=self.clock.now() + timedelta(hours=1),
            role_arn=role_arn,
        )

    def presigned_get(
        self, *, bucket: str, key: str, credentials: Credentials, expires_seconds: int
    ) -> str:
        signed = credentials.role_arn.rsplit("/", 1)[-1]
        return f"{self.media_url}/{bucket}/{key}?role={signed}&expires={expires_seconds}"

    def put_service_event(self, **event: Any) -> None:
        self.events.append(event)

    def put_service_metric(self, **metric: Any) -> None:
        self.metrics.append(metric)

    def sign_in(self, **_: Any) -> Any:
        raise NotImplementedError

    def mails(self) -> list[Any]:
        return []

    def now(self) -> datetime:
        return self.clock.now()

    def log(self, group: str, stream: str, message: str, *, role_arn: str) -> None:
        assert role_arn
        self.logs.append((group, stream, message))

    def send(self, message: str, **envelope: Any) -> None:
        """Publish to the one topic there is: every queue that listens has it."""
        self._sent += 1
        body = {"Type": "Notification", "MessageId": f"m-{self._sent}", "Message": message}
        for queue in self.listeners.values():
            self.queues[queue].messages[f"r-{self._sent}"] = json.dumps({**body, **envelope})

    def put(self, bucket: str, key: str, body: str | bytes) -> None:
        text = body.encode() if isinstance(body, str) else body
        self.buckets[bucket].objects[key] = text

    def read(self, bucket: str, key: str) -> str:
        return self.buckets[bucket].objects[key].decode()

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        return sorted(key for key in self.buckets[bucket].objects if key.startswith(prefix))
