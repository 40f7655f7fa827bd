"""Names of labeling jobs, stacks, tags and objects: pure functions of what they stand for.

Labeling job names are unique for ever in an account and region, not case sensitive, and at most
63 characters long (CreateLabelingJob). A name here is lower case and made of readable slugs,
which are cut to fit, and of hashes, which never are.
"""

import hashlib
import re
from typing import Final

from ground_truth import limits

TAG_OWNER: Final = "ground-truth:owner"
TAG_ENVIRONMENT: Final = "ground-truth:environment"
TAG_CAMPAIGN: Final = "ground-truth:campaign"
TAG_GENERATION: Final = "ground-truth:generation"
TAG_REQUEST: Final = "ground-truth:request"
TAG_DEFINITION: Final = "ground-truth:definition"
TAG_EXPORTED: Final = "ground-truth:exported"
TAG_EXPIRES: Final = "ground-truth:expires"

# Of a person in a user pool, whose value is the id of the stack that made the account; Cognito
# puts `custom:` before it everywhere but in the pool's definition.
OWNER_ATTRIBUTE: Final = "ground_truth_owner"
DEPLOYMENT_PARAMETER: Final = "Deployment"

HIGHEST_GENERATION: Final = 99_999

# 63 - "gt-" - "-<8 hex>-<8 hex>-<generation>-<6 hex>" - the hyphen between the slugs
_SLUG_CHARACTERS: Final = limits.LABELING_JOB_NAME_LENGTH - 3 - (9 + 9 + 6 + 7) - 1
_ENVIRONMENT_CHARACTERS: Final = 10
# The hyphen before a word that could be taken for a prefix's hash, such as a date
_HASH_LIKE: Final = re.compile(r"-(?=[0-9a-f]{8}(?:-|$))")


def job_name_prefix(environment: str, campaign: str) -> str:
    """Return what every job of a campaign in an environment begins with, at most 41 characters.

    ``gt-<environment>-<campaign>-<8 hex>``; the hash is of both full names, so two campaigns whose
    slugs are cut to the same text still have prefixes of their own. It is known at synth, so it
    scopes IAM grants and event rules (``job_name_pattern``).
    """
    env = _slug(environment, _ENVIRONMENT_CHARACTERS)
    name = _slug(campaign, _SLUG_CHARACTERS - len(env))
    readable = _HASH_LIKE.sub("", f"{env}-{name}")
    return f"gt-{readable}-{_digest(f'{environment}/{campaign}', 8)}"


def job_name_pattern(prefix: str) -> str:
    """Return what matches every job of a prefix, and no job of any other, with ``*`` for any text.

    The hash is the only part of a name that has the form of one: no campaign can be called so that
    its jobs begin with another's prefix.
    """
    return f"{prefix}-*"


def job_name(prefix: str, stack_id: str, generation: int, request_id: str) -> str:
    """Return the name of one labeling job: ``<prefix>-<8 hex>-<generation>-<6 hex>``.

    The first hash is of the stack that owns the job, the second of the CloudFormation request that
    started it, so a repeated request arrives at the same name.

    Raises:
        ValueError: the generation is not in 1-99999, or the prefix is no ``job_name_prefix``.
    """
    if not 1 <= generation <= HIGHEST_GENERATION:
        raise ValueError(
            f"generation out of range: got {generation}, allowed 1-{HIGHEST_GENERATION}; "
            "rename the campaign to begin a new lineage"
        )
    name = f"{prefix}-{_digest(stack_id, 8)}-{generation}-{_digest(request_id, 6)}"
    if not limits.LABELING_JOB_NAME.fullmatch(name) or len(name) > limits.LABELING_JOB_NAME_LENGTH:
        raise ValueError(
            f"job name prefix is not allowed: got {prefix!r}, "
            "allowed what job_name_prefix returns; do not shorten or extend it"
        )
    return name


def owner_digest(stack_id: str) -> str:
    """Return the 8 hex digits that stand for the owning stack in a job name."""
    return _digest(stack_id, 8)


def stack_name(environment: str, part: str) -> str:
    """Return the CloudFormation stack name of ``part``: Account, Storage, Team or Labeling-…"""
    return f"GroundTruth-{environment}-{part}"


def labeling_stack_name(environment: str, campaign: str) -> str:
    """Return the CloudFormation stack name of a campaign."""
    return stack_name(environment, f"Labeling-{campaign}")


def monitor_name(environment: str, campaign: str) -> str:
    """Return what the names of a campaign's alarms and dashboard begin with.

    Neither name holds an underscore, so ``a-b`` and ``c`` don't read as ``a`` and ``b-c``.
    """
    return f"ground-truth_{environment}_{campaign}"


def campaign_prefix(campaign: str) -> str:
    """Return the key prefix of everything of a campaign in the output bucket."""
    return f"{campaign}/"


def lineage_key(campaign: str) -> str:
    """Return the key of the record that links the generations of a campaign."""
    return f"{campaign}/lineage.json"


def template_key(campaign: str, sha256: str) -> str:
    """Return the content-addressed key of the worker template."""
    return f"{campaign}/definitions/{sha256}/template.liquid.html"


def categories_key(campaign: str, sha256: str) -> str:
    """Return the content-addressed key of the label category file."""
    return f"{campaign}/definitions/{sha256}/label-categories.json"


def dataset_key(campaign: str, revision: int) -> str:
    """Return the key of the frozen manifest of a dataset revision."""
    return f"{campaign}/datasets/{revision}/manifest.jsonl"


def input_manifest_key(campaign: str, job: str) -> str:
    """Return the key of the manifest one job was given."""
    return f"{campaign}/inputs/{job}.manifest"


def labels_prefix(campaign: str) -> str:
    """Return the key prefix that is ``S3OutputPath``: Ground Truth writes below ``<job>/``."""
    return f"{campaign}/labels/"


def output_manifest_key(campaign: str, job: str) -> str:
    """Return where Ground Truth writes the final manifest of a job."""
    return f"{labels_prefix(campaign)}{job}/manifests/output/output.manifest"


def arrived_prefix(campaign: str) -> str:
    """Return the key prefix of objects that came through a campaign's topic."""
    return f"{campaign_prefix(campaign)}arrived/"


def queue_name(job: str) -> str:
    """Return the name of the queue that Ground Truth makes for a streaming job and leaves behind.

    Source: developer guide "Send data objects to your labeling job": the job's name in lower case.
    """
    return f"GroundTruth-{job.lower()}"


def tallies_prefix(campaign: str) -> str:
    """Return the key prefix of what batches of a job teach each other, below ``<job>/``."""
    return f"{campaign_prefix(campaign)}tallies/"


def worker_responses_prefix(campaign: str, job: str) -> str:
    """Return the key prefix of the single answers of a job (they hold workers' ids)."""
    return f"{labels_prefix(campaign)}{job}/annotations/worker-response/"


def s3_uri(bucket: str, key: str) -> str:
    """Return ``s3://bucket/key``."""
    return f"s3://{bucket}/{key}"


def parse_s3_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of an S3 URI; raises ``ValueError`` for anything else.

    Keys may hold any character, so ``?`` and ``#`` belong to the key and nothing is unescaped.
    """
    scheme, separator, rest = uri.partition("://")
    bucket, slash, key = rest.partition("/")
    if scheme != "s3" or not separator or not bucket or not slash or not key:
        raise ValueError(f"not an S3 URI of an object: got {uri!r}, allowed s3://<bucket>/<key>")
    return bucket, key


def _slug(name: str, length: int) -> str:
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return text[:length].strip("-") or "x"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
