"""Local AWS killed in the middle of its work and started again: what people find."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.portal_crowd import Done, faults, shifts, together
from bench.portal_site import (
    BUCKET,
    OWN,
    TEMPORARY,
    Site,
    answers_so_far,
    create_job,
    given_answers,
    invite,
    wait_for,
)
from ground_truth_local.workers.client import PortalClient
from ground_truth_local.workers.errors import PortalRefusalError
from tests.local.platform.server import wait_for as eventually

QUEUE = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "kept"}}}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    started = Site(tmp_path / "state")
    started.start()
    yield started
    started.stop()


def again(site: Site) -> None:
    site.kill()
    site.start()


def test_many_people_lose_nothing_when_it_is_killed_twice(site: Site) -> None:
    """Nothing lost, nothing twice, nobody too many; how fast is `make bench-portal`'s."""
    objects, workers = 40, 3
    names = invite(site, 8)
    create_job(site, objects, workers=workers)
    done = Done()

    def label() -> None:
        done.add(together(shifts(site.portal, names)))

    crowd = threading.Thread(target=label)
    crowd.start()
    for answers in (30, 80):
        eventually(partial(_has_answers, site, answers), f"{answers} answers")
        again(site)
    crowd.join(timeout=120)
    wait_for(site, "Completed")
    found = faults(done, given_answers(site), objects=objects, workers=workers)
    assert found == dict.fromkeys(found, 0)
    assert len(done.taken) == objects * workers


def test_people_go_on_where_they_were(site: Site) -> None:
    """Their password, their session, their task; the mail; the key and the addresses."""
    names = invite(site, 1)
    create_job(site, 2, workers=1)
    ada = PortalClient(site.portal)
    assert ada.sign_in(names[0], TEMPORARY) is False
    ada.choose_password(OWN)
    task = ada.next_task("load-1")
    assert task is not None
    mails, env = ada.mails(), (site.folder / "env").read_text()
    # the mail was sent by a call; those are written within a second
    eventually(lambda: "sent_emails" in _file(site, "ses"), "written mail")
    again(site)
    assert (site.folder / "env").read_text() == env
    assert ada.mails() == mails
    assert mails
    assert ada.next_task("load-1") == task
    ada.submit(task, {"label": {"label": "yes"}})
    other = PortalClient(site.portal)
    with pytest.raises(PortalRefusalError):
        other.sign_in(names[0], TEMPORARY)
    assert other.sign_in(names[0], OWN) is True


def test_what_was_made_is_still_there(site: Site) -> None:
    s3, cloudformation = site.client("s3"), site.client("cloudformation")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="a/b", Body=b"first", Tagging="kind=test")
    s3.put_object(Bucket=BUCKET, Key="a/b", Body=b"second", ContentType="text/plain")
    s3.put_object(Bucket=BUCKET, Key="gone", Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="gone")
    cloudformation.create_stack(StackName="Kept", TemplateBody=json.dumps({"Resources": QUEUE}))
    eventually(lambda: _status(site, "Kept") == "CREATE_COMPLETE", "stack")
    eventually(lambda: "CREATE_COMPLETE" in _file(site, "cloudformation"), "written stack")
    eventually(lambda: BUCKET in _file(site, "s3"), "written bucket")
    again(site)
    found = s3.get_object(Bucket=BUCKET, Key="a/b")
    assert (found["Body"].read(), found["ContentType"]) == (b"second", "text/plain")
    listed = s3.list_object_versions(Bucket=BUCKET)
    assert [v["Key"] for v in listed["Versions"]] == ["a/b", "a/b", "gone"]
    assert [v["Key"] for v in listed["DeleteMarkers"]] == ["gone"]
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key="gone")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert _status(site, "Kept") == "CREATE_COMPLETE"
    assert site.client("sqs").get_queue_url(QueueName="kept")
    cloudformation.delete_stack(StackName="Kept")
    eventually(lambda: _gone(site, "Kept"), "end of the stack")


def test_an_orderly_stop_keeps_everything_at_once(site: Site) -> None:
    site.client("ssm").put_parameter(Name="last", Value="word", Type="String")
    site.stop()
    assert not (site.folder / "state.json").exists()
    site.start()
    found = site.client("ssm").get_parameter(Name="last")["Parameter"]["Value"]
    assert found == "word"


def test_a_deployment_that_was_cut_off_has_failed(site: Site) -> None:
    wait: dict[str, Any] = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "600", "Count": 1},
        },
    }
    cloudformation = site.client("cloudformation")
    cloudformation.create_stack(StackName="Cut", TemplateBody=json.dumps({"Resources": wait}))
    eventually(lambda: "CREATE_IN_PROGRESS" in _file(site, "cloudformation"), "written stack")
    again(site)
    assert _status(site, "Cut") == "CREATE_FAILED"
    cloudformation.delete_stack(StackName="Cut")
    eventually(lambda: _gone(site, "Cut"), "end of the stack")


def test_without_keep_nothing_is_kept(tmp_path: Path) -> None:
    # `test_signal_ends_it_and_leaves_nothing_behind` looks at a run without it
    kept = Site(tmp_path / "state")
    kept.start()
    kept.stop()
    mode = (tmp_path / "state" / "kept").stat().st_mode & 0o777
    run = (tmp_path / "state" / "kept" / "run.json").stat().st_mode & 0o777
    assert (oct(mode), oct(run)) == ("0o700", "0o600")
    assert [p.name for p in (tmp_path / "state").iterdir()] == ["kept"]


def _file(site: Site, service: str) -> str:
    path = site.folder / "kept" / "aws" / f"{service}.json"
    time.sleep(0.05)
    return path.read_text() if path.exists() else ""


def _has_answers(site: Site, least: int) -> bool:
    return answers_so_far(site) >= least


def _status(site: Site, stack: str) -> str:
    found = site.client("cloudformation").describe_stacks(StackName=stack)
    return str(found["Stacks"][0]["StackStatus"])


def _gone(site: Site, stack: str) -> bool:
    stacks = site.client("cloudformation").describe_stacks()["Stacks"]
    return all(found["StackName"] != stack for found in stacks)
