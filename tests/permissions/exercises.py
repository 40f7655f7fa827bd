"""What our roles are for, each done once, as cheaply as it can be done for real.

An exercise raises when what it is to do doesn't happen. It leaves the environment so that it can be
done again.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ground_truth import names
from tests.permissions.bench import (
    GATE,
    JOB,
    Bench,
    NotDoneError,
    fresh,
    succeeded,
    wait_for,
)
from tests.permissions.tiny_jobs import (
    described,
    ended,
    has_ended,
    one_object,
    tiny_job,
    unless_failed,
)

if TYPE_CHECKING:
    from ground_truth_local.workers.sight import Seen
    from tests.permissions.grants import Grant

EVENTS = Path(__file__).parents[1] / "events"
JOB_LOG = "/aws/sagemaker/LabelingJobs"


def write_a_log(bench: Bench, grant: Grant) -> None:
    """Any call of a function leaves its lines in its log group."""
    function = bench.function(grant)
    group = bench.stack(grant.stack).at(f"{grant.role.rpartition('/')[0]}/Logs")
    before = _streams(bench, group)
    bench.aws.functions.invoke(FunctionName=function, Payload=b"{}")
    if _streams(bench, group) == before:
        raise NotDoneError(f"no new log stream in {group}")


def _streams(bench: Bench, group: str) -> int:
    return len(bench.aws.logs.describe_log_streams(logGroupName=group)["logStreams"])


# -- the account's and the environment's


def write_an_invitation(bench: Bench, grant: Grant) -> None:
    """The mail to a new worker holds the portal's address."""
    request = {"codeParameter": "{####}", "usernameParameter": "{username}"}
    event = {"triggerSource": "CustomMessage_AdminCreateUser", "request": request}
    answer = bench.invoke(bench.function(grant), event)
    if "://" not in answer["response"]["emailMessage"]:
        raise NotDoneError("the invitation has no address in it")


def pass_the_workforces_gate(bench: Bench, grant: Grant) -> None:
    """A deployment that changes nothing of the workforce passes, and learns its addresses."""
    answer = bench.ask(grant, "Update", "Custom::GroundTruthWorkforceGate")
    if not answer["Data"]["CallbackUrl"].endswith("/oauth2/idpresponse"):
        raise NotDoneError("the gate doesn't know the portal")


def lead_back_to_the_portal(bench: Bench, grant: Grant) -> None:
    """An app client that leads nowhere leads to the portal again."""
    type_, cognito = "Custom::GroundTruthPortal", bench.aws.cognito
    properties: Any = bench.stack(grant.stack).event("Update", type_, "")["ResourceProperties"]
    ids = {name: str(properties[name]) for name in ("UserPoolId", "ClientId")}
    known: Any = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
    taken: Any = cognito.meta.service_model.operation_model("UpdateUserPoolClient").input_shape
    whole = {name: value for name, value in known.items() if name in taken.members}
    cognito.update_user_pool_client(**{**whole, "CallbackURLs": ["https://127.0.0.1"]})
    try:
        bench.ask(grant, "Update", type_)
        found = cognito.describe_user_pool_client(**ids)["UserPoolClient"]
        # a client of others only gets what it lacks
        if not set(known["CallbackURLs"]) <= set(found["CallbackURLs"]):
            raise NotDoneError(f"the client leads to {found['CallbackURLs']}")
    finally:
        cognito.update_user_pool_client(**whole)


def let_somebody_in_and_out(bench: Bench, grant: Grant) -> None:
    """A stack invites somebody and lets them go; another stack takes them back and lets them go."""
    type_ = "Custom::GroundTruthWorkers"
    email = f"{fresh()}@example.com"
    workers = [{"Email": email}]
    pool = bench.stack(grant.stack).event("Create", type_, "")["ResourceProperties"]
    try:
        for kind in ("Create", "Delete"):
            bench.ask(grant, kind, type_, Workers=workers)
        other = {"StackId": f"{bench.stack(grant.stack).id}-other"}
        bench.ask(grant, "Create", type_, Workers=workers, event=other)
    finally:
        _delete_user(bench, str(pool["UserPoolId"]), email)  # type: ignore[index]


def _delete_user(bench: Bench, pool: str, email: str) -> None:
    found = bench.aws.cognito.list_users(UserPoolId=pool, Filter=f'email = "{email}"')["Users"]
    for user in found:
        bench.aws.cognito.admin_delete_user(UserPoolId=pool, Username=user["Username"])


def keep_contents_of_a_stack_that_stays(bench: Bench, grant: Grant) -> None:
    """Before it empties anything, the function looks whether its stack really goes."""
    bench.ask(grant, "Delete", "Custom::GroundTruthBucketContents")


# -- a campaign's deployment


def upload_sample_data(bench: Bench, grant: Grant) -> None:
    """An object that is missing is there afterwards."""
    prefix = f"{grant.campaign}/"
    raw = bench.storage["RawBucketName"]
    key = bench.aws.s3.list_objects_v2(Bucket=raw, Prefix=prefix)["Contents"][0]["Key"]
    body = bench.aws.s3.get_object(Bucket=raw, Key=key)["Body"].read()
    bench.aws.s3.delete_object(Bucket=raw, Key=key)
    try:
        bench.ask(grant, "Create", "Custom::GroundTruthSampleData")
        bench.aws.s3.head_object(Bucket=raw, Key=key)
    finally:
        bench.aws.s3.put_object(Bucket=raw, Key=key, Body=body)


def pass_the_gate(bench: Bench, grant: Grant) -> None:
    """An update that changes nothing passes."""
    bench.ask(grant, "Update", GATE)


def start_the_first_job(bench: Bench, grant: Grant) -> None:
    """A campaign nobody knows of yet gets its job."""
    bench.forget(grant)
    answer = bench.ask(grant, "Create", JOB)
    if answer["Data"]["JobName"] not in bench.running(grant):
        raise NotDoneError("no job runs")


def wait_for_a_grant_and_start(bench: Bench, grant: Grant) -> None:
    """What a new grant may still lack is waited for; so this is stopped when it is refused."""
    bench.forget(grant)
    since, event = time.time(), bench.event(grant, "Create", JOB)
    bench.send(grant, event)

    def seen() -> str:
        running = bool(bench.running(grant))
        return "running" if running else "refused" if bench.refused(grant, since) else ""

    if wait_for(seen, "job or refusal") == "refused":
        # it goes on as soon as the grant is back, which whoever took it away puts back now
        raise RefusedForNowError(bench, str(event["ResponseURL"]), bench.refused(grant, since)[0])
    succeeded(bench.ear.answer(str(event["ResponseURL"])))


class RefusedForNowError(NotDoneError):
    """A call was refused, and is repeated until it is allowed."""

    def __init__(self, bench: Bench, url: str, said: str) -> None:
        super().__init__(said)
        self._bench, self._url = bench, url

    def go_on(self) -> None:
        """With the grant back in place the very same call succeeds."""
        succeeded(self._bench.ear.answer(self._url))


def change_the_jobs_tags(bench: Bench, grant: Grant) -> None:
    """A tag of the campaign is put on its running job, a dropped one is taken off."""
    job = a_running_job(bench, grant)
    arn = bench.aws.sagemaker.describe_labeling_job(LabelingJobName=job)["LabelingJobArn"]
    dropped, added = fresh(), fresh()
    bench.aws.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": dropped, "Value": "1"}])
    bench.ask(grant, "Update", JOB, Tags={added: "2"}, old={"Tags": {dropped: "1"}})
    tags = bench.tags(job)
    if dropped in tags or added not in tags:
        raise NotDoneError("the job's tags are not what the campaign says")


def remove_the_running_job(bench: Bench, grant: Grant) -> None:
    """What a stack has started is stopped when the stack goes."""
    a_running_job(bench, grant)
    bench.ask(grant, "Delete", JOB)
    if bench.running(grant):
        raise NotDoneError("the job still runs")


def a_running_job(bench: Bench, grant: Grant) -> str:
    running = bench.running(grant)
    if not running:
        start_the_first_job(bench, grant)
        running = bench.running(grant)
    return running[0]


# -- a campaign at work


def consolidate_answers(bench: Bench, grant: Grant) -> None:
    """A batch of recorded answers becomes labels."""
    _consolidate(bench, grant, "request")


def carry_what_a_batch_taught(bench: Bench, grant: Grant) -> None:
    """A batch leaves what it learned for the next, which leaves what it read."""
    bucket, job = bench.storage["OutputBucketName"], f"exercise-{fresh()}"
    prefix = f"{names.tallies_prefix(grant.campaign)}{job}/"
    try:
        for name in ("first", "second"):
            _consolidate(bench, grant, name, job=job)
        listed = bench.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        bodies = [
            bench.aws.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            for item in listed
        ]
        if sorted(len(json.loads(body)["seen"]) for body in bodies) != [0, 1]:
            raise NotDoneError(f"the second batch has not read the first: {bodies}")
    finally:
        for item in bench.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            bench.aws.s3.delete_object(Bucket=bucket, Key=item["Key"])


def _consolidate(bench: Bench, grant: Grant, name: str, job: str = "") -> None:
    bucket = bench.storage["OutputBucketName"]
    key = f"{names.labels_prefix(grant.campaign)}exercise/{name}.json"
    request = json.loads((EVENTS / "consolidation_request.json").read_text(encoding="utf-8"))
    entries = json.loads((EVENTS / "consolidation_payload_image.json").read_bytes())
    for entry in entries:  # a batch is known by its objects
        entry["datasetObjectId"] = f"{name}-{entry['datasetObjectId']}"
    bench.aws.s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(entries))
    if job:
        arn = request["labelingJobArn"].rpartition("/")[0]
        request = {**request, "labelingJobArn": f"{arn}/{job}"}
    try:
        event = {**request, "payload": {"s3Uri": names.s3_uri(bucket, key)}}
        bench.invoke(bench.function(grant), event)
    finally:
        bench.aws.s3.delete_object(Bucket=bucket, Key=key)


def count_a_jobs_objects(bench: Bench, grant: Grant) -> None:
    """The counters of the campaign's job become metrics of the campaign."""
    _a_known_job(bench, grant)
    bench.invoke(bench.function(grant), {"check": True})


def _a_known_job(bench: Bench, grant: Grant) -> None:
    key = names.lineage_key(grant.campaign)
    bucket = bench.storage["OutputBucketName"]
    if not bench.aws.s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"):
        start_the_first_job(bench, grant)


def count_before_the_first_job(bench: Bench, grant: Grant) -> None:
    """The schedule comes before the campaign has a record."""
    bench.forget(grant)
    bench.invoke(bench.function(grant), {"check": True})


def keep_an_event_that_failed(bench: Bench, grant: Grant) -> None:
    """What the function can't handle ends in its dead-letter queue."""
    functions, name = bench.aws.functions, bench.function(grant)
    queue = functions.get_function_configuration(FunctionName=name)["DeadLetterConfig"]["TargetArn"]
    sqs = bench.aws.named("sqs")
    url = sqs.get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
    since = time.time()

    def kept() -> bool:
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if marker in message["Body"]:
                return True
        return False

    marker = fresh()
    event = {"marker": marker, "Records": [{}]}  # neither a job's event nor a message
    # without the two repetitions that Lambda makes otherwise
    functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    try:
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
        wait_for(lambda: kept() or bench.refused(grant, since), "dead letter")
        if bench.refused(grant, since):
            raise NotDoneError(bench.refused(grant, since)[0])
    finally:
        functions.delete_function_event_invoke_config(FunctionName=name)


def label_an_object(bench: Bench, grant: Grant) -> None:
    """A job of one object: started, prepared, answered, consolidated, logged and counted."""
    job = tiny_job(bench, grant, data=one_object(bench, grant))

    def ready() -> Any:
        found = described(bench, job)
        return found if has_ended(found) or bench.worker.offered(job) else None

    try:
        unless_failed(wait_for(ready, f"task of {job}"))
        bench.worker.answer(job, _first, tasks=1)
        unless_failed(wait_for(lambda: ended(bench, job), f"end of {job}"))
    finally:
        bench.stop(job)


def _first(seen: Seen) -> str:
    return seen.labels[0]


def log_and_count_a_job(bench: Bench, grant: Grant) -> None:
    """A job's lines and counters are in CloudWatch."""
    groups = bench.aws.logs.describe_log_groups(logGroupNamePrefix=JOB_LOG)["logGroups"]
    for group in groups:
        bench.aws.logs.delete_log_group(logGroupName=group["logGroupName"])
    since = time.time()
    job = tiny_job(bench, grant, data=one_object(bench, grant))
    try:
        bench.stop(job)
        wait_for(lambda: bench.refused(grant, since) or _told(bench, job), "log and metric")
        if bench.refused(grant, since):
            raise NotDoneError(bench.refused(grant, since)[0])
    finally:
        bench.stop(job)


def _told(bench: Bench, job: str) -> bool:
    metrics = bench.aws.cloudwatch.list_metrics(
        Namespace="AWS/SageMaker", Dimensions=[{"Name": "LabelingJobName", "Value": job}]
    )["Metrics"]
    groups = bench.aws.logs.describe_log_groups(logGroupNamePrefix=JOB_LOG)["logGroups"]
    if not metrics or not groups:
        return False
    streams = bench.aws.logs.describe_log_streams(logGroupName=JOB_LOG, logStreamNamePrefix=job)[
        "logStreams"
    ]
    return bool(streams)
