"""CreateLabelingJob, DescribeLabelingJob, StopLabelingJob and the two lists (section 3)."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ground_truth_local.service import preflight
from ground_truth_local.service.consolidation import Consolidator
from ground_truth_local.service.errors import in_use, not_found, validation
from ground_truth_local.service.job import RUNNING, Job
from ground_truth_local.service.journal import Journal
from ground_truth_local.service.limits import most_objects
from ground_truth_local.service.locations import S3Location, parse_s3_uri
from ground_truth_local.service.offered import check_offered
from ground_truth_local.service.output import OutputTree, output_root
from ground_truth_local.service.paging import in_window, ordered, page
from ground_truth_local.service.preparation import Preparer
from ground_truth_local.service.records import Labeling
from ground_truth_local.service.request import (
    Home,
    consolidation_arn,
    input_topic,
    manifest_uri,
    own_function,
    pre_annotation_arn,
)
from ground_truth_local.service.resumed import kept_jobs
from ground_truth_local.service.role import RoleSession
from ground_truth_local.service.rules import check_rules
from ground_truth_local.service.runner import Runner, Tools
from ground_truth_local.service.stream import Stream
from ground_truth_local.service.tags import Tags, check_tags
from ground_truth_local.service.views import description, summary, team_summary

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.engine import Engine
    from ground_truth_local.service.workteams import Workteams


class LabelingJobs:
    """Every job there ever was: names are taken for good (2.4)."""

    def __init__(self, context: Context, engine: Engine, tags: Tags) -> None:
        self._context = context
        self._engine = engine
        self._tags = tags
        self._jobs: dict[str, Job] = {}
        self._roles: dict[str, RoleSession] = {}
        self._coming: set[str] = set()
        for job in kept_jobs(context.kept):
            self._begin(job)

    def all(self) -> list[Job]:
        """Oldest first."""
        return list(self._jobs.values())

    def role(self, job: Job) -> RoleSession:
        """The session a job works with."""
        return self._roles[job.name.lower()]

    def team_is_busy(self, team_arn: str) -> bool:
        """Whether a running job asks this team."""
        return any(job.team_arn == team_arn and job.status in RUNNING for job in self.all())

    # -- create

    def create(self, params: Mapping[str, Any], teams: Workteams) -> dict[str, object]:
        """CreateLabelingJob: what AWS checks at once, then the job runs by itself."""
        request = copy.deepcopy(dict(params))
        platform = self._context.platform
        home = Home(
            partition=platform.partition, region=platform.region, account=platform.account_id
        )
        tags = check_tags(request.get("Tags", []))
        check_rules(request, home)
        key = request["LabelingJobName"].lower()
        self._reserve(key, request["HumanTaskConfig"]["WorkteamArn"], teams)
        try:
            return self._create(key, request, tags)
        finally:
            with self._context.lock:
                self._coming.discard(key)

    def _reserve(self, key: str, team_arn: str, teams: Workteams) -> None:
        with self._context.lock:
            if key in self._jobs or key in self._coming:
                # 2.4: not case sensitive, and for ever
                name = self._jobs[key].name if key in self._jobs else key
                raise in_use(
                    "Job name must be unique within an AWS account and region, and a job with "
                    f"this name already exists ({self._arn(name)})"
                )
            if teams.by_arn(team_arn) is None:
                raise validation(f"The work team {team_arn} does not exist.")
            self._coming.add(key)

    def _create(
        self, key: str, request: dict[str, Any], tags: Mapping[str, str]
    ) -> dict[str, object]:
        arn = self._arn(request["LabelingJobName"])
        role = RoleSession(self._context, request["RoleArn"], arn)
        preflight.assume(role)
        preflight.check_buckets(self._context, role, request)
        preflight.check_manifest(role, request)
        categories = preflight.read_categories(role, request)
        check_offered(request)
        template = preflight.read_template(role, request)
        now = self._context.clock.now()
        reference = hashlib.sha256(f"{arn} {now.isoformat()}".encode()).hexdigest()[:32]
        journal = Journal(self._context.kept, key)
        job = Job(request, arn=arn, reference=reference, created=now, journal=journal)
        job.template, job.categories = template, categories
        with self._context.lock:
            journal.job(job)
            self._tags.create(arn, tags)
            self._begin(job, role)
        return {"LabelingJobArn": arn}

    def _begin(self, job: Job, role: RoleSession | None = None) -> None:
        """Let a job run, from its first step or from where an earlier process left it."""
        key = job.name.lower()
        self._jobs[key] = job
        self._roles[key] = role = role or RoleSession(self._context, job.role_arn, job.arn)
        if job.status in RUNNING:
            runner = Runner(self._context, self._engine, job, self._tools(job, role))
            self._engine.run(f"ground-truth-{job.name}", runner.run)

    def _tools(self, job: Job, role: RoleSession) -> Tools:
        config, request = job.request["OutputConfig"], job.request
        kms_key = config.get("KmsKeyId")
        output = OutputTree(role, output_root(config["S3OutputPath"], job.name), kms_key)
        return Tools(
            role=role,
            manifest=_manifest(request),
            stream=_stream(request, role, job.name),
            output_topic=config.get("SnsTopicArn"),
            most_objects=most_objects(job.template),
            output=output,
            preparer=Preparer(
                self._context,
                role,
                job_arn=job.arn,
                function_arn=own_function(pre_annotation_arn(request)),
                template=job.template,
            ),
            consolidator=Consolidator(
                role=role,
                output=output,
                labeling=Labeling(job_name=job.name, attribute=job.attribute),
                job_arn=job.arn,
                function_arn=own_function(consolidation_arn(request)),
                categories=job.categories,
                kms_key_id=kms_key,
                inline_bytes=self._context.tuning.inline_annotation_bytes,
            ),
        )

    def _arn(self, name: str) -> str:
        # 3.1; SageMaker writes the names in its ARNs in lower case
        return self._context.arn(f"labeling-job/{name.lower()}")

    # -- look

    def find(self, name: str) -> Job:
        """ResourceNotFound is what the model declares for jobs (3.3)."""
        job = self._jobs.get(name.lower())
        if job is None:
            raise not_found(f"Labeling job {self._arn(name)} does not exist.")
        return job

    def describe(self, params: Mapping[str, Any]) -> dict[str, object]:
        """DescribeLabelingJob."""
        with self._context.lock:
            job = self.find(params["LabelingJobName"])
            return description(job, self._tags.of(job.arn))

    def list(self, params: Mapping[str, Any]) -> dict[str, object]:
        """ListLabelingJobs (3.3)."""
        with self._context.lock:
            found = [job for job in self.all() if _wanted(job, params)]
            by = {"CreationTime": _created, "Name": _name, "Status": _status}
            shown, more = page(ordered(found, params, by), params)
            return {"LabelingJobSummaryList": [summary(job) for job in shown], **more}

    def list_for_team(self, params: Mapping[str, Any], teams: Workteams) -> dict[str, object]:
        """ListLabelingJobsForWorkteam (3.3)."""
        arn, part = params["WorkteamArn"], params.get("JobReferenceCodeContains", "")
        with self._context.lock:
            if teams.by_arn(arn) is None:
                raise not_found(f"The work team {arn} does not exist.")
            found = [
                job
                for job in self.all()
                if job.team_arn == arn
                and part in job.reference
                and in_window(params, "CreationTime", job.created)
            ]
            shown, more = page(ordered(found, params, {"CreationTime": _created}), params)
            account = self._context.platform.account_id
            return {
                "LabelingJobSummaryList": [team_summary(job, account) for job in shown],
                **more,
            }

    # -- stop

    def stop(self, params: Mapping[str, Any]) -> dict[str, object]:
        """StopLabelingJob: Stopping now, Stopped later.

        What AWS does with a job that is over isn't documented (3.3); it is refused here, so that
        nobody comes to rely on the opposite. A second stop of a stopping job changes nothing.
        """
        with self._context.lock:
            job = self.find(params["LabelingJobName"])
            if job.status not in RUNNING:
                raise validation(
                    f"The request was rejected because the labeling job is in status {job.status}."
                )
            if job.status != "Stopping":
                job.status = "Stopping"
                job.modified = self._context.clock.now()
                job.close()
                job.journal.job(job)
                self._engine.notify()
        return {}


def _manifest(request: Mapping[str, Any]) -> S3Location | None:
    uri = manifest_uri(request)
    return None if uri is None else parse_s3_uri(uri)


def _stream(request: Mapping[str, Any], role: RoleSession, job_name: str) -> Stream | None:
    topic_arn = input_topic(request)
    return Stream(role, job_name=job_name, topic_arn=topic_arn) if topic_arn else None


def _wanted(job: Job, params: Mapping[str, Any]) -> bool:
    return (
        params.get("NameContains", "").lower() in job.name.lower()
        and params.get("StatusEquals", job.status) == job.status
        and in_window(params, "CreationTime", job.created)
        and in_window(params, "LastModifiedTime", job.modified)
    )


def _created(job: Job) -> Any:
    return job.created


def _name(job: Job) -> str:
    return job.name.lower()


def _status(job: Job) -> str:
    return job.status
