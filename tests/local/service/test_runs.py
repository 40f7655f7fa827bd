"""A labeling job from its manifest to its output manifest."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from ground_truth_local.service import Tuning
from ground_truth_local.service.objects import worker_id
from tests.local.service.fakes import Bucket
from tests.local.service.world import (
    ACS,
    ADA,
    BOB,
    CYD,
    DAN,
    JOB_ARN,
    NONE_YET,
    ONE,
    OPEN_CORS,
    PRE,
    ROLE,
    World,
    answer,
    counters,
    image_lines,
    prepare,
    request,
)


def metadata(**extra: object) -> dict[str, object]:
    return {
        "type": "groundtruth/custom",
        "job-name": "digits-1",
        "human-annotated": "yes",
        "creation-date": "2026-11-21T12:00:00.000000",
        **extra,
    }


def test_completes_when_three_people_labeled_every_object(world: World) -> None:
    world.create()
    world.label_everything(ADA, BOB, CYD)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert "FailureReason" not in described
    assert described["LabelCounters"] == counters(TotalLabeled=2, HumanLabeled=2)
    assert described["LabelingJobOutput"] == {
        "OutputDatasetS3Uri": "s3://out/labels/digits-1/manifests/output/output.manifest"
    }
    assert world.output_lines() == [
        {
            "source-ref": f"s3://in/images/{number}.png",
            "digit": {"label": "1", "answers": 3},
            "digit-metadata": metadata(),
        }
        for number in range(2)
    ]


def test_writes_ground_truths_tree_and_nothing_else(world: World) -> None:
    world.create()
    world.label_everything(ADA, BOB, CYD)
    stamp = "2026-11-21_12:00:00.json"
    consolidated = "annotations/consolidated-annotation"
    assert world.platform.keys("out") == sorted(
        f"labels/digits-1/{path}"
        for path in (
            "annotations/intermediate/1/annotations.manifest",
            f"annotations/worker-response/iteration-1/0/{stamp}",
            f"annotations/worker-response/iteration-1/1/{stamp}",
            f"{consolidated}/consolidation-request/iteration-1/{stamp}",
            f"{consolidated}/consolidation-response/iteration-1/{stamp}",
            "manifests/output/output.manifest",
        )
    )
    assert world.output("annotations/intermediate/1/annotations.manifest") == world.output()


def test_records_who_answered_what_and_when(world: World) -> None:
    world.dataset(image_lines(1))
    world.create()
    assignment = world.take(ADA)
    world.clock.advance(seconds=7.25)
    world.service.queue.submit(ADA, assignment.id, answer("0"))
    world.label_everything(BOB, CYD)
    path = "annotations/worker-response/iteration-1/0/2026-11-21_12:00:07.json"
    response = json.loads(world.output(path))
    assert len(response["answers"]) == 3
    assert response["answers"][0] == {
        "acceptanceTime": "2026-11-21T12:00:00.000Z",
        "answerContent": {"crowd-image-classifier": {"label": "0"}},
        "submissionTime": "2026-11-21T12:00:07.250Z",
        "timeSpentInSeconds": 7.25,
        "workerId": worker_id("eu-west-1", "sub-ada"),
        "workerMetadata": {
            "identityData": {
                "identityProviderType": "Cognito",
                "issuer": ADA.issuer,
                "sub": "sub-ada",
            }
        },
    }


def test_calls_the_functions_as_documented(world: World) -> None:
    world.dataset([{"source": "häß“lich", "id": 7}])
    world.create(OutputConfig__KmsKeyId="key-1")
    world.label_everything(ADA, BOB, CYD)
    folder = "s3://out/labels/digits-1/annotations"
    request_uri = (
        f"{folder}/consolidated-annotation/consolidation-request/iteration-1/"
        "2026-11-21_12:00:00.json"
    )
    assert world.platform.invocations == [
        (
            PRE,
            {
                "version": "2018-10-16",
                "labelingJobArn": JOB_ARN,
                "dataObject": {"source": "häß“lich", "id": 7},
            },
        ),
        (
            ACS,
            {
                "version": "2018-10-16",
                "labelingJobArn": JOB_ARN,
                "labelAttributeName": "digit",
                "labelCategories": ["0", "1"],
                "roleArn": ROLE,
                "payload": {"s3Uri": request_uri},
                "outputConfig": folder,
                "kmsKeyId": "key-1",
            },
        ),
    ]


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ({"source-ref": "s3://in/images/0.png"}, {"s3Uri": "s3://in/images/0.png"}),
        ({"source": "a text"}, {"content": "a text"}),
    ],
)
def test_gives_the_consolidation_function_all_answers(
    world: World, line: dict[str, Any], data: dict[str, str]
) -> None:
    world.dataset([line])
    world.create(**{**ONE, "HumanTaskConfig__NumberOfHumanWorkersPerDataObject": 2})
    world.answer(ADA, "0")
    world.answer(BOB, "1")
    world.settle()
    payload = json.loads(world.output(_consolidation("request")))
    content = [json.dumps(answer(label), separators=(",", ":")) for label in ("0", "1")]
    assert payload == [
        {
            "datasetObjectId": "0",
            "dataObject": data,
            "annotations": [
                {
                    "workerId": payload[0]["annotations"][number]["workerId"],
                    "annotationData": {"content": content[number]},
                }
                for number in range(2)
            ],
        }
    ]
    assert payload[0]["annotations"][0]["workerId"] != payload[0]["annotations"][1]["workerId"]


def test_writes_with_the_jobs_key(world: World) -> None:
    world.create(OutputConfig__KmsKeyId="key-1", **ONE)
    world.label_everything(ADA)
    puts = world.platform.buckets["out"].puts
    assert {(put["ServerSideEncryption"], put["SSEKMSKeyId"]) for put in puts} == {
        ("aws:kms", "key-1")
    }


def test_sends_one_event_with_the_arn_and_the_status_only(world: World) -> None:
    world.create(**ONE)
    assert world.platform.events == []
    world.label_everything(ADA)
    assert world.platform.events == [
        {
            "source": "aws.sagemaker",
            "detail_type": "SageMaker Ground Truth Labeling Job State Change",
            "resources": [JOB_ARN],
            "detail": {"LabelingJobStatus": "Completed"},
        }
    ]


def test_puts_the_documented_metrics_and_logs(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(**ONE)
    world.service.queue.release(ADA, world.take(ADA).id)
    world.service.queue.decline(BOB, world.take(BOB).id)
    world.dataset(image_lines(1))
    world.settle()
    names = {metric["name"] for metric in world.platform.metrics}
    assert {"TasksAccepted", "TasksReturned", "TasksDeclined", "TimeSpent"} <= names
    assert {"JobsSucceeded", "DatasetObjectsLabelingFailed"} <= names
    failed = {
        "namespace": "AWS/SageMaker",
        "name": "DatasetObjectsLabelingFailed",
        "dimensions": {"LabelingJobName": "digits-1"},
        "value": 1,
        "unit": "Count",
        "role_arn": world.platform.metrics[-1]["role_arn"],
    }
    assert failed in world.platform.metrics
    streams = {(group, stream) for group, stream, _ in world.platform.logs}
    assert streams == {
        ("/aws/sagemaker/LabelingJobs", "digits-1"),
        ("/aws/sagemaker/groundtruth/WorkerActivity", "digits-1"),
    }


def test_counts_nothing_until_the_first_object_is_final(world: World) -> None:
    world.create()
    described = world.describe()
    assert (described["LabelingJobStatus"], described["LabelCounters"]) == ("InProgress", NONE_YET)
    world.label_everything(ADA, BOB)
    assert world.describe()["LabelCounters"] == NONE_YET


def test_waits_as_initializing_until_the_service_starts() -> None:
    world = World()
    world.team()
    world.call("CreateLabelingJob", **request())
    assert world.describe()["LabelingJobStatus"] == "Initializing"
    with world:
        world.settle()
        assert world.describe()["LabelingJobStatus"] == "InProgress"


# -- the pre-annotation function


@pytest.mark.parametrize("skip", [{"isHumanAnnotationRequired": False}])
def test_skips_objects_that_need_no_human(world: World, skip: dict[str, object]) -> None:
    first = image_lines(2)[0]["source-ref"]
    world.platform.functions[PRE] = lambda event: {
        **prepare(event),
        **(skip if event["dataObject"]["source-ref"] == first else {}),
    }
    world.create(**ONE)
    world.label_everything(ADA)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"] == counters(TotalLabeled=1, HumanLabeled=1, Unlabeled=1)
    assert world.output_lines()[0] == image_lines(2)[0]


@pytest.mark.parametrize(
    "ignored",
    [
        {"isHumanAnnotationRequired": "false"},
        {"humanAnnotationRequired": False, "isHumanAnnotationRequired": True},
        {"isHumanAnnotationRequired": None},
        {"isHumanAnnotationRequired": 0},
    ],
)
def test_sends_objects_to_people_unless_the_right_key_is_false(
    world: World, ignored: dict[str, object]
) -> None:
    world.platform.functions[PRE] = lambda event: {**prepare(event), **ignored}
    world.create()
    assert world.service.queue.jobs(ADA)[0].available == 2


def test_takes_the_manifest_line_as_input_without_a_function(world: World) -> None:
    world.dataset([{"source": "hello", "labels": ["a", "b"]}])
    world.platform.put(
        "in",
        "template.liquid.html",
        "<p>{{ task.input.source }}</p>{{ task.input.labels | to_json }}",
    )
    world.create(HumanTaskConfig__PreHumanTaskLambdaArn=None)
    html = world.service.queue.html(ADA, world.take(ADA).id)
    assert html == "<p>hello</p>[&quot;a&quot;,&quot;b&quot;]" or html == (
        "<p>hello</p>[&#34;a&#34;,&#34;b&#34;]"
    )


def test_refers_to_the_worker_responses_without_a_consolidation_function(world: World) -> None:
    world.dataset(image_lines(1))
    world.create(HumanTaskConfig__AnnotationConsolidationConfig=None, **ONE)
    world.label_everything(ADA)
    uri = (
        "s3://out/labels/digits-1/annotations/worker-response/iteration-1/0/"
        "2026-11-21_12:00:00.json"
    )
    assert world.output_lines() == [
        {
            "source-ref": "s3://in/images/0.png",
            "digit": {},
            "digit-metadata": metadata(**{"worker-response-ref": uri}),
        }
    ]


# -- chaining


def test_echoes_labeled_lines_unchanged_and_asks_for_the_rest(world: World) -> None:
    labeled = '{"source-ref": "s3://in/images/0.png",  "digit": 0}'
    by_machine = (
        '{"source-ref":"s3://in/images/1.png","digit":1,"digit-metadata":{"human-annotated":"no"}}'
    )
    failed = (
        '{"source-ref":"s3://in/images/2.png","digit-metadata":{"failure-reason":"ClientError: x"}}'
    )
    world.dataset(image_lines(3))
    world.platform.put("in", "m.manifest", f"{labeled}\r\n{by_machine}\n{failed}")
    world.create(**ONE)
    assert world.service.queue.jobs(ADA)[0].available == 1
    world.label_everything(ADA)
    assert world.describe()["LabelCounters"] == counters(
        TotalLabeled=3, HumanLabeled=2, MachineLabeled=1
    )
    written = world.output().splitlines()
    assert written[:2] == [labeled, by_machine]
    assert json.loads(written[2]) == {
        "source-ref": "s3://in/images/2.png",
        "digit": {"label": "1", "answers": 1},
        "digit-metadata": metadata(),
    }


def test_completes_at_once_when_everything_is_labeled(world: World) -> None:
    world.dataset([{"source": "a", "digit": 1}])
    world.create()
    assert world.describe()["LabelingJobStatus"] == "Completed"
    assert world.describe()["LabelCounters"] == counters(TotalLabeled=1, HumanLabeled=1)
    assert world.platform.invocations == []


# -- flow control


def test_has_no_more_objects_in_hands_than_the_window(world: World) -> None:
    world.dataset(image_lines(5))
    world.create(HumanTaskConfig__MaxConcurrentTaskCount=2, **ONE)
    assert world.service.queue.jobs(ADA)[0].available == 2
    assert len(world.platform.invocations) == 2
    world.answer(ADA)
    world.settle()
    assert world.service.queue.jobs(BOB)[0].available == 2
    world.label_everything(ADA)
    assert world.describe()["LabelCounters"] == counters(TotalLabeled=5, HumanLabeled=5)


def test_calls_the_pre_annotation_function_side_by_side() -> None:
    together = threading.Barrier(3)

    def meet(event: dict[str, Any]) -> dict[str, Any]:
        together.wait(timeout=10)
        return prepare(event)

    with World(Tuning(threads=3)) as world:
        world.dataset(image_lines(6))
        world.platform.functions[PRE] = meet
        world.create()
        assert world.service.queue.jobs(ADA)[0].available == 6


def test_consolidates_full_batches_while_people_go_on() -> None:
    with World(Tuning(threads=2, consolidation_batch_objects=2)) as world:
        world.dataset(image_lines(5))
        world.create(**ONE)
        world.answer(ADA)
        world.settle()
        assert _payload_sizes(world) == []
        world.answer(ADA)
        world.settle()
        assert _payload_sizes(world) == [2]
        assert world.describe()["LabelCounters"] == counters(
            TotalLabeled=2, HumanLabeled=2, Unlabeled=3
        )
        world.label_everything(ADA)
        # the third batch is smaller: nothing else was outstanding
        assert _payload_sizes(world) == [2, 2, 1]
        assert world.describe()["LabelingJobStatus"] == "Completed"


def test_consolidates_what_has_waited_long_enough() -> None:
    with World(Tuning(threads=2, consolidation_idle_seconds=30)) as world:
        world.dataset(image_lines(3))
        world.create(**ONE)
        world.answer(ADA)
        world.advance(seconds=29)
        assert _payload_sizes(world) == []
        world.advance(seconds=1)
        assert _payload_sizes(world) == [1]


# -- stopping


def test_stops_with_what_there_is(world: World) -> None:
    world.dataset(image_lines(3))
    world.create()
    for who in (ADA, BOB, CYD):
        world.answer(who)
    world.answer(ADA, "0")
    open_assignment = world.take(BOB)
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    assert world.describe()["LabelingJobStatus"] in ("Stopping", "Stopped")
    world.settle()
    described = world.describe()
    assert described["LabelingJobStatus"] == "Stopped"
    assert described["LabelCounters"] == counters(TotalLabeled=1, HumanLabeled=1, Unlabeled=2)
    assert [("digit" in line) for line in world.output_lines()] == [True, False, False]
    assert world.output_lines()[1:] == image_lines(3)[1:]
    unfinished = "annotations/worker-response/iteration-1/1/2026-11-21_12:00:00.json"
    assert len(json.loads(world.output(unfinished))["answers"]) == 1
    assert world.platform.events[-1]["detail"] == {"LabelingJobStatus": "Stopped"}
    assert world.service.queue.jobs(ADA) == []
    assert world.service.queue.take(DAN, "digits-1") is None
    assert open_assignment.expires_at > world.clock.now()


def test_stops_without_preparing_what_nobody_will_see(world: World) -> None:
    called, go_on = threading.Event(), threading.Event()

    def slow(event: dict[str, Any]) -> dict[str, Any]:
        called.set()
        go_on.wait(timeout=10)
        return prepare(event)

    world.platform.functions[PRE] = slow
    world.dataset(image_lines(100))
    world.team()
    world.call("CreateLabelingJob", **request())
    assert called.wait(timeout=10)
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    go_on.set()
    world.settle()
    assert world.describe()["LabelingJobStatus"] == "Stopped"
    assert world.describe()["LabelCounters"] == counters(Unlabeled=100)
    assert len(world.platform.invocations) <= 4


def test_stops_a_job_that_is_initializing() -> None:
    world = World()
    world.team()
    world.call("CreateLabelingJob", **request())
    world.call("StopLabelingJob", LabelingJobName="digits-1")
    with world:
        world.settle()
        assert world.describe()["LabelingJobStatus"] == "Stopped"
        assert world.output_lines() == image_lines(2)
        assert world.platform.invocations == []


def test_stops_at_the_number_of_labels_that_was_asked_for(world: World) -> None:
    world.dataset(image_lines(5))
    world.create(StoppingConditions={"MaxHumanLabeledObjectCount": 2}, **ONE)
    assert world.service.queue.jobs(ADA)[0].available == 2
    world.label_everything(ADA)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Stopped"
    assert described["LabelCounters"] == counters(TotalLabeled=2, HumanLabeled=2, Unlabeled=3)


def test_stops_at_the_percentage_that_was_asked_for_counting_old_labels(world: World) -> None:
    old = {"source-ref": "s3://in/images/0.png", "digit": 1}
    world.dataset([old, *image_lines(4)[1:]])
    world.create(StoppingConditions={"MaxPercentageOfInputDatasetLabeled": 50}, **ONE)
    world.label_everything(ADA)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Stopped"
    assert described["LabelCounters"] == counters(TotalLabeled=2, HumanLabeled=2, Unlabeled=2)


def test_completes_when_the_whole_dataset_is_what_was_asked_for(world: World) -> None:
    world.create(StoppingConditions={"MaxPercentageOfInputDatasetLabeled": 100}, **ONE)
    world.label_everything(ADA)
    assert world.describe()["LabelingJobStatus"] == "Completed"


# -- consolidation results


def test_merges_what_the_function_returns_with_the_services_metadata(world: World) -> None:
    returned = {
        "digit": 1,
        "digit-metadata": {"class-name": "1", "confidence": 0.9, "type": "groundtruth/x"},
        "source-ref": "s3://elsewhere",
        "note": "kept",
    }
    world.dataset([{"source-ref": "s3://in/images/0.png", "split": "train"}])
    world.platform.functions[ACS] = lambda _: [_consolidated("0", returned)]
    world.create(**ONE)
    world.label_everything(ADA)
    assert world.output_lines() == [
        {
            "source-ref": "s3://in/images/0.png",
            "split": "train",
            "digit": 1,
            "note": "kept",
            "digit-metadata": metadata(
                **{"class-name": "1", "confidence": 0.9, "type": "groundtruth/x"}
            ),
        }
    ]


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ([], "returned nothing for this object"),
        ([{"datasetObjectId": 0}], "returned nothing for this object"),
        (["0"], "returned nothing for this object"),
        ([{"datasetObjectId": "0"}], "no consolidatedAnnotation.content.digit"),
        ([{"datasetObjectId": "0", "consolidatedAnnotation": {"content": {"d": 1}}}], "digit"),
        ([{"datasetObjectId": "0", "consolidatedAnnotation": {"content": "1"}}], "content.digit"),
    ],
)
def test_counts_an_object_as_failed_when_it_comes_back_without_a_label(
    world: World, returned: list[object], reason: str
) -> None:
    good = _consolidated("1", {"digit": 1})
    world.platform.functions[ACS] = lambda _: [*returned, good]
    world.create(**ONE)
    world.label_everything(ADA)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"] == counters(
        TotalLabeled=1, HumanLabeled=1, FailedNonRetryableError=1
    )
    failed, labeled = world.output_lines()
    assert labeled["digit"] == 1
    assert reason in failed["digit-metadata"].pop("failure-reason")
    assert failed == {
        "source-ref": "s3://in/images/0.png",
        "digit-metadata": metadata(**{"retry-count": 0}),
    }


# -- threads


def test_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with World() as world:
        world.create()
        assert set(threading.enumerate()) - before
    assert set(threading.enumerate()) == before


def test_begins_no_call_once_it_shuts_down() -> None:
    world = World()
    engine = world.service._engine
    called = threading.Event()

    def slow(event: dict[str, Any]) -> dict[str, Any]:
        called.set()
        with engine.changed:
            engine.changed.wait_for(lambda: engine._stopping, timeout=10)
        return prepare(event)

    world.platform.functions[PRE] = slow
    world.dataset(image_lines(20))
    world.service.start()
    world.team()
    world.call("CreateLabelingJob", **request())
    assert called.wait(timeout=10)
    world.service.stop()
    assert len(world.platform.invocations) <= 2
    assert world.describe()["LabelingJobStatus"] == "InProgress"


def test_runs_jobs_side_by_side(world: World) -> None:
    world.create(**ONE)
    world.call("CreateLabelingJob", **request(LabelingJobName="digits-2", **ONE))
    world.settle()
    assert [card.job_name for card in world.service.queue.jobs(ADA)] == ["digits-1", "digits-2"]
    world.label_everything(ADA, name="digits-2")
    assert world.describe("digits-2")["LabelingJobStatus"] == "Completed"
    assert world.describe("digits-1")["LabelingJobStatus"] == "InProgress"


def test_labels_250_objects_by_three_people_each(world: World) -> None:
    world.dataset(image_lines(250))
    world.create()
    queue = world.service.queue
    for who in (ADA, BOB, CYD, DAN):
        while (assignment := queue.take(who, "digits-1")) is not None:
            queue.submit(who, assignment.id, answer("1"))
    world.settle()
    assert world.describe()["LabelCounters"] == counters(TotalLabeled=250, HumanLabeled=250)
    assert sum(_payload_sizes(world)) == 250
    assert max(_payload_sizes(world)) <= 50
    assert len(world.output_lines()) == 250


# -- failing objects and jobs


def test_fails_every_object_of_a_bucket_without_cors(world: World) -> None:
    world.platform.buckets["in"].cors = None
    world.create()
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        "ClientError: Labeling tasks failed for all 2 data objects. The first: the bucket in has "
        "no CORS rule that lets the worker portal GET its objects; add a rule with AllowedMethods "
        "GET and AllowedOrigins *"
    )
    assert world.platform.events[-1]["detail"] == {"LabelingJobStatus": "Failed"}


def test_fails_only_the_objects_of_the_bucket_without_cors(world: World) -> None:
    world.platform.buckets["closed"] = Bucket(objects={"a.PNG": b"png"})
    world.dataset([{"source-ref": "s3://closed/a.PNG"}, *image_lines(1)])
    world.create(**ONE)
    world.label_everything(ADA)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"] == counters(
        TotalLabeled=1, HumanLabeled=1, FailedNonRetryableError=1
    )
    failed = world.output_lines()[0]["digit-metadata"]
    assert "the bucket closed has no CORS rule" in failed["failure-reason"]
    assert failed["human-annotated"] == "no"


def test_needs_no_cors_for_texts(world: World) -> None:
    world.platform.buckets["in"].cors = None
    world.dataset([{"source": "a text"}])
    world.create(**ONE)
    world.label_everything(ADA)
    assert world.describe()["LabelingJobStatus"] == "Completed"


def test_fails_objects_of_a_bucket_elsewhere(world: World) -> None:
    world.platform.buckets["far"] = Bucket(
        objects={"a.png": b"png"}, cors=OPEN_CORS, region="us-west-2"
    )
    unknown = {"source-ref": "s3://unknown/a.png"}
    odd = {"source-ref": "https://far/a.png"}
    world.dataset([{"source-ref": "s3://far/a.png"}, unknown, odd, *image_lines(1)])
    world.create(**ONE)
    world.label_everything(ADA)
    reasons = [
        line["digit-metadata"]["failure-reason"]
        for line in world.output_lines()
        if "digit" not in line
    ]
    assert reasons == [
        "ClientError: the bucket far is in us-west-2, not eu-west-1",
        "ClientError: unable to access bucket unknown: NoSuchBucket: The specified bucket does not "
        "exist",
        "ClientError: source-ref https://far/a.png is not an S3 URI",
    ]


def test_fails_an_object_the_role_cannot_show(world: World) -> None:
    world.dataset([{"source-ref": "s3://in/gone.png"}, *image_lines(1)])
    del world.platform.buckets["in"].objects["gone.png"]
    world.create(**ONE)
    world.label_everything(ADA)
    assert (
        "unable to read s3://in/gone.png"
        in (world.output_lines()[0]["digit-metadata"]["failure-reason"])
    )


def test_fails_objects_the_template_cannot_be_rendered_for(world: World) -> None:
    world.platform.functions[PRE] = lambda _: {"taskInput": {"text": "a"}}
    world.create()
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert "the task template cannot be rendered: " in described["FailureReason"]


def _boom(_: object) -> object:
    raise RuntimeError("a bug")


UNHANDLED = (
    "ClientError: Exception invoking the Lambda function {function}. LambdaErrorCode: {code}. "
    "Ensure the Lambda function exists, that the role {role} has permissions to invoke it and try "
    "your request again."
)


@pytest.mark.parametrize("function", [PRE, ACS])
@pytest.mark.parametrize("broken", [_boom, lambda _: b"not json"])
def test_fails_with_the_documented_text_when_a_function_fails(
    world: World, function: str, broken: Any
) -> None:
    world.platform.functions[function] = broken
    world.create(**ONE)
    world.label_everything(ADA)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert described["FailureReason"] == UNHANDLED.format(
        function=function, code="Unhandled", role=ROLE
    )


def test_says_the_same_when_the_role_may_not_invoke(world: World) -> None:
    world.platform.denied.add("lambda:InvokeFunction")
    world.create()
    assert world.describe()["FailureReason"] == UNHANDLED.format(
        function=PRE, code="AccessDeniedException", role=ROLE
    )


def test_says_the_same_when_the_function_is_not_there(world: World) -> None:
    del world.platform.functions[ACS]
    world.create(**ONE)
    world.label_everything(ADA)
    assert world.describe()["FailureReason"] == UNHANDLED.format(
        function=ACS, code="ResourceNotFoundException", role=ROLE
    )


def test_keeps_the_answers_when_consolidation_fails(world: World) -> None:
    world.platform.functions[ACS] = _boom
    world.create(**ONE)
    world.label_everything(ADA)
    keys = world.platform.keys("out", "labels/digits-1/annotations/worker-response")
    assert len(keys) == 2
    assert "labels/digits-1/manifests/output/output.manifest" not in world.platform.keys("out")


@pytest.mark.parametrize("returned", [{"0": "label"}, "label", None])
def test_fails_when_consolidation_returns_no_list(world: World, returned: object) -> None:
    world.platform.functions[ACS] = lambda _: returned
    world.create(**ONE)
    world.label_everything(ADA)
    assert world.describe()["LabelingJobStatus"] == "Failed"
    assert "expected a JSON list" in world.describe()["FailureReason"]


@pytest.mark.parametrize("returned", [{"taskInput": "text"}, {"isHumanAnnotationRequired": 1}, []])
def test_fails_when_pre_annotation_returns_no_task_input(world: World, returned: object) -> None:
    world.platform.functions[PRE] = lambda _: returned
    world.create()
    assert "returned no taskInput object" in world.describe()["FailureReason"]


def test_fails_before_anyone_works_when_the_role_may_not_write(world: World) -> None:
    world.platform.denied.add("s3:PutObject")
    world.create()
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        "ClientError: Unable to write to "
        "s3://out/labels/digits-1/annotations/intermediate/1/annotations.manifest with role "
        f"{ROLE}: AccessDenied: {ROLE} is not authorized to perform: s3:PutObject"
    )
    assert world.platform.invocations == []


def test_fails_when_writing_is_denied_later(world: World) -> None:
    world.create(**ONE)
    world.platform.denied.add("s3:PutObject")
    world.label_everything(ADA)
    assert "annotations/worker-response/iteration-1/0/" in world.describe()["FailureReason"]


def test_fails_when_the_role_is_taken_away(world: World) -> None:
    world.dataset(image_lines(3))
    world.create(HumanTaskConfig__MaxConcurrentTaskCount=1, **ONE)
    world.platform.roles.clear()
    world.advance(hours=1)
    world.answer(ADA)
    world.settle()
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert described["FailureReason"].startswith(f"ClientError: Could not assume role {ROLE}.")


def test_renews_the_roles_session_before_it_ends(world: World) -> None:
    world.create(**ONE)
    world.advance(hours=3)
    world.label_everything(ADA)
    assert world.describe()["LabelingJobStatus"] == "Completed"
    assert len(world.platform.assumed) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the manifest has no lines"),
        (b"\xff", "the manifest is not UTF-8: invalid start byte"),
        (b'{"source":"a"}\n{"source":', "line 2 is not valid JSON: "),
        (b'{"source":"a"}\n\n{"source":"b"}\n', "line 2 is not valid JSON: "),
        (b'["a"]', "line 1 is not a JSON object"),
        (b'{"text":"a"}', "line 1 has neither source nor source-ref"),
        (b'{"source":7}', "line 1 has neither source nor source-ref"),
        (b'{"source":"a","source-ref":"s3://b/c"}', "line 1 has both source and source-ref"),
        (b'{"source":"a","$b":1}', "line 1: attribute $b must not begin with $"),
        (
            b'{"source":"' + b"a" * 20_001 + b'"}',
            "line 1: attribute source has 20001 characters, allowed are 20000",
        ),
        (
            b'{"source":"a","b":"' + b'","b":"'.join([b"c" * 15_000] * 7) + b'"}',
            "characters, allowed are 100000",
        ),
    ],
)
def test_fails_for_a_manifest_that_breaks_a_rule(world: World, body: bytes, reason: str) -> None:
    world.platform.put("in", "m.manifest", body)
    world.create()
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert described["FailureReason"].startswith("ClientError: The manifest is invalid: ")
    assert reason in described["FailureReason"]


def test_fails_after_thirty_days_and_keeps_what_was_labeled(world: World) -> None:
    world.dataset(image_lines(2))
    world.create(
        HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=2_592_000,
        **{**ONE, "HumanTaskConfig__TaskTimeLimitInSeconds": 28_800},
    )
    world.answer(ADA)
    world.advance(seconds=60)
    world.advance(days=29)
    assert world.describe()["LabelingJobStatus"] == "InProgress"
    world.advance(days=1)
    described = world.describe()
    assert described["LabelingJobStatus"] == "Failed"
    assert "expired because it was not completed within 30 days" in described["FailureReason"]
    assert [("digit" in line) for line in world.output_lines()] == [True, False]


def _consolidated(object_id: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"datasetObjectId": object_id, "consolidatedAnnotation": {"content": content}}


def _consolidation(kind: str) -> str:
    return (
        f"annotations/consolidated-annotation/consolidation-{kind}/iteration-1/"
        "2026-11-21_12:00:00.json"
    )


def _payload_sizes(world: World) -> list[int]:
    folder = "labels/digits-1/annotations/consolidated-annotation/consolidation-request"
    return [
        len(json.loads(world.platform.read("out", k))) for k in world.platform.keys("out", folder)
    ]
