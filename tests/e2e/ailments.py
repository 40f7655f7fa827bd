"""What goes wrong in an account, brought about and mended by plain API calls."""

from __future__ import annotations

import json
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import WaiterError

from tests.e2e.desk import app_client

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import WorkforceTypeDef

    from ground_truth_ops.aws import Clients
    from ground_truth_ops.doctor.finding import Finding

GROUP = "local-labelers"
VERSION = "/cdk-bootstrap/hnb659fds/version"
BROKEN_STACK = "GroundTruth-local-Labeling-broken"
OLD_BUCKET = "labels-of-an-earlier-local"


class Ailment(ABC):
    """`lines` are patterns, one for each problem the doctor must tell of."""

    lines: ClassVar[tuple[str, ...]]

    def __init__(self, aws: Clients, raw_bucket: str) -> None:
        self.aws = aws
        self.raw_bucket = raw_bucket

    @abstractmethod
    def bring(self) -> None: ...

    @abstractmethod
    def mend(self, findings: Iterable[Finding]) -> None: ...

    @property
    def pool(self) -> str:
        return self._workforce()["CognitoConfig"]["UserPool"]

    @property
    def client(self) -> str:
        return self._workforce()["CognitoConfig"]["ClientId"]

    def _workforce(self) -> WorkforceTypeDef:
        (found,) = self.aws.sagemaker.list_workforces()["Workforces"]
        return found


class OldBootstrap(Ailment):
    lines = (r"^bootstrap: version 3 with qualifier hnb659fds, 6 is needed",)

    def bring(self) -> None:
        self._before = self.aws.named("ssm").get_parameter(Name=VERSION)["Parameter"]["Value"]
        self._put("3")

    def mend(self, findings: Iterable[Finding]) -> None:
        self._put(self._before)

    def _put(self, value: str) -> None:
        self.aws.named("ssm").put_parameter(
            Name=VERSION, Value=value, Type="String", Overwrite=True
        )


class NoCors(Ailment):
    lines = (r"^cors: .* has no rule that lets a browser GET",)

    def bring(self) -> None:
        self.aws.s3.delete_bucket_cors(Bucket=self.raw_bucket)

    def mend(self, findings: Iterable[Finding]) -> None:
        """By the very command the doctor gave."""
        (command,) = (finding.run for finding in findings if finding.check == "cors")
        *_, bucket, _, configuration = shlex.split(command)
        self.aws.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=json.loads(configuration))


class ClobberedClient(Ailment):
    """What a later deployment of the app client's template does to the portal's addresses."""

    lines = (r"^portal: nobody can sign in .*/oauth2/idpresponse and .*/logout",)

    def bring(self) -> None:
        found = self.aws.cognito.describe_user_pool_client(
            UserPoolId=self.pool, ClientId=self.client
        )["UserPoolClient"]
        self._before = {key: found[key] for key in ("CallbackURLs", "LogoutURLs")}
        self._update(CallbackURLs=["https://127.0.0.1"], LogoutURLs=[])

    def mend(self, findings: Iterable[Finding]) -> None:
        self._update(**self._before)

    def _update(self, **addresses: Any) -> None:
        kept = dict(
            self.aws.cognito.describe_user_pool_client(UserPoolId=self.pool, ClientId=self.client)[
                "UserPoolClient"
            ]
        )
        for key in ("ClientSecret", "CreationDate", "LastModifiedDate"):
            kept.pop(key, None)
        self.aws.cognito.update_user_pool_client(**{**kept, **addresses})


class DisabledPeople(Ailment):
    """Too few are left for two people per object."""

    lines = (
        r"^team: local-labelers: .*; digits asks 2 people per object",
        *(rf"^team: {name}@example.com is disabled" for name in ("ben", "cleo", "dan", "eva")),
    )

    def bring(self) -> None:
        for email in self._emails():
            self.aws.cognito.admin_disable_user(UserPoolId=self.pool, Username=email)

    def mend(self, findings: Iterable[Finding]) -> None:
        for email in self._emails():
            self.aws.cognito.admin_enable_user(UserPoolId=self.pool, Username=email)

    def _emails(self) -> list[str]:
        return [f"{name}@example.com" for name in ("ben", "cleo", "dan", "eva")]


class Strays(Ailment):
    """Somebody taken out of the group by hand, and a guest who is disabled and put into it."""

    lines = (
        r"^team: finn@example.com is in environments/local.toml but not in the team",
        r"^team: guest@example.com is in the team but not in environments/local.toml",
        r"^team: guest@example.com is disabled",
    )

    def bring(self) -> None:
        cognito, guest = self.aws.cognito, "guest@example.com"
        cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=guest,
            UserAttributes=[{"Name": "email", "Value": guest}],
            MessageAction="SUPPRESS",
        )
        cognito.admin_disable_user(UserPoolId=self.pool, Username=guest)
        self._move("admin_add_user_to_group", guest)
        self._move("admin_remove_user_from_group", "finn@example.com")

    def mend(self, findings: Iterable[Finding]) -> None:
        self._move("admin_add_user_to_group", "finn@example.com")
        self._move("admin_remove_user_from_group", "guest@example.com")
        self.aws.cognito.admin_delete_user(UserPoolId=self.pool, Username="guest@example.com")

    def _move(self, operation: str, email: str) -> None:
        getattr(self.aws.cognito, operation)(UserPoolId=self.pool, GroupName=GROUP, Username=email)


class BrokenStack(Ailment):
    """A stack whose first deployment has failed."""

    lines = (rf"^stacks: {BROKEN_STACK} is ROLLBACK_COMPLETE \(Doomed: ",)

    def bring(self) -> None:
        member = {
            "CognitoUserPool": "us-east-1_missing",
            "CognitoUserGroup": "nobody",
            "CognitoClientId": "missing",
        }
        properties = {
            "WorkteamName": "doomed",
            "Description": "a team of a pool that is not there",
            "MemberDefinitions": [{"CognitoMemberDefinition": member}],
        }
        doomed = {"Type": "AWS::SageMaker::Workteam", "Properties": properties}
        self.aws.cloudformation.create_stack(
            StackName=BROKEN_STACK, TemplateBody=json.dumps({"Resources": {"Doomed": doomed}})
        )
        waiter = self.aws.cloudformation.get_waiter("stack_create_complete")
        with suppress(WaiterError):  # it ends as rolled back
            waiter.wait(StackName=BROKEN_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def mend(self, findings: Iterable[Finding]) -> None:
        (stack,) = self.aws.cloudformation.describe_stacks(StackName=BROKEN_STACK)["Stacks"]
        self.aws.cloudformation.delete_stack(StackName=BROKEN_STACK)
        waiter = self.aws.cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack["StackId"], WaiterConfig={"Delay": 1, "MaxAttempts": 60})


class OldBucket(Ailment):
    """Labels that an earlier environment of this name has left."""

    lines = (rf"^retained: bucket {OLD_BUCKET} of an earlier local holds labels of digits",)

    def bring(self) -> None:
        s3 = self.aws.s3
        s3.create_bucket(Bucket=OLD_BUCKET)
        tag: Any = {"Key": "ground-truth:environment", "Value": "local"}
        s3.put_bucket_tagging(Bucket=OLD_BUCKET, Tagging={"TagSet": [tag]})
        s3.put_object(Bucket=OLD_BUCKET, Key="digits/lineage.json", Body=b"{}")

    def mend(self, findings: Iterable[Finding]) -> None:
        self.aws.s3.delete_object(Bucket=OLD_BUCKET, Key="digits/lineage.json")
        self.aws.s3.delete_bucket(Bucket=OLD_BUCKET)


AILMENTS: tuple[type[Ailment], ...] = (
    OldBootstrap,
    NoCors,
    ClobberedClient,
    DisabledPeople,
    Strays,
    BrokenStack,
    OldBucket,
)


@contextmanager
def workforce_of_others(aws: Clients) -> Iterator[None]:
    """The account's one workforce, made by another stack than ours."""
    cognito = aws.cognito
    tags = {"aws:cloudformation:stack-name": "Their-Stack"}
    pool = cognito.create_user_pool(PoolName="others", UserPoolTags=tags)["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="labelers-of-others")
    client = app_client(aws, pool)
    aws.sagemaker.create_workforce(
        WorkforceName="others", CognitoConfig={"UserPool": pool, "ClientId": client}
    )
    try:
        yield
    finally:
        aws.sagemaker.delete_workforce(WorkforceName="others")
        cognito.delete_user_pool_domain(UserPoolId=pool, Domain="labelers-of-others")
        cognito.delete_user_pool(UserPoolId=pool)
