"""The cases: one campaign each, what goes wrong with it, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ground_truth import names
from tests.e2e.faults import assembly
from tests.e2e.faults.account import ENVIRONMENT

Rule = Mapping[str, Any]
ASSUME = (
    "Could not assume role. Please ensure that the role exists and allows principal "
    "'sagemaker.amazonaws.com' to assume the role."
)
LONG_CAUSE = "Invalid manifest: the S3 object has no lines. " + "x" * 5000
QUOTA = "The account-level service limit 'Number of labeling jobs' is 100"
CLOSED = "Amazon SageMaker Ground Truth is not accepting new customers"
DENIED = "User: somebody is not authorized to perform: sagemaker:StopLabelingJob"
SETUP_FAILED = "ClientError: Exception invoking a function. LambdaErrorCode: Unhandled"
LONG_NAME = "name-of-forty-letters-the-most-there-are"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Rules by the wave they are made before; changes of the template that is deployed first."""

    create: tuple[Rule, ...] = ()
    update: tuple[Rule, ...] = ()
    destroy: tuple[Rule, ...] = ()
    template: tuple[assembly.Change, ...] = ()
    fails: bool = False  # the first deployment
    rules_of: Mapping[str, tuple[Rule, ...]] = field(init=False)

    def __post_init__(self) -> None:
        waves = {"create": self.create, "update": self.update, "destroy": self.destroy}
        object.__setattr__(self, "rules_of", waves)


def _calls(kind: str, operation: str, **more: Any) -> Rule:
    return {"kind": kind, "operation": operation, **more}


def _refuse(operation: str, code: str, message: str, **more: Any) -> Rule:
    return _calls("refuse", operation, code=code, message=message, **more)


def _throttle(*operations: str) -> tuple[Rule, ...]:
    return tuple(
        _refuse(operation, "ThrottlingException", "Rate exceeded", times=2)
        for operation in operations
    )


# The gate answers first, so what is meant for the job's answer lets one pass.
_UNTAKEN: Rule = {"kind": "answer", "status": 503, "skip": 1}

CASES: Mapping[str, Case] = {
    "role": Case(create=(_refuse("CreateLabelingJob", "ValidationException", ASSUME, times=2),)),
    "throttled": Case(
        create=_throttle("CreateLabelingJob", "DescribeLabelingJob", "ListLabelingJobs"),
        destroy=_throttle("StopLabelingJob", "ListTags"),
    ),
    "refused": Case(
        create=(_refuse("CreateLabelingJob", "ValidationException", LONG_CAUSE),), fails=True
    ),
    "dies-once": Case(create=(_calls("kill", "CreateLabelingJob", times=1),)),
    "lost": Case(create=(_calls("lose", "CreateLabelingJob", times=1),)),
    "dies-always": Case(
        create=(
            _calls("kill", "CreateLabelingJob", times=1),
            # the gate's and the job's first; a Delete makes no such call
            _calls("kill", "DescribeStacks", skip=2),
        ),
        template=(assembly.service_timeout(30),),
        fails=True,
    ),
    "untaken": Case(create=({**_UNTAKEN, "times": 3},)),
    "never-taken": Case(create=(_UNTAKEN,), template=(assembly.service_timeout(8),), fails=True),
    LONG_NAME: Case(),
    "fails": Case(create=({"kind": "fail", "message": SETUP_FAILED},), fails=True),
    "stuck": Case(
        create=({"kind": "hold", "job_status": "Initializing"},),
        # 40 seconds are kept for the answer, 60 to stop the job
        template=(assembly.function_seconds(108),),
        fails=True,
    ),
    "sibling": Case(template=(assembly.with_failing_sibling,), fails=True),
    "outlived": Case(
        create=({"kind": "hold", "job_status": "Initializing"},),
        template=(assembly.service_timeout(30),),
        fails=True,
    ),
    "twice": Case(create=({**_UNTAKEN, "times": 6},)),
    "nothing-made": Case(
        create=(_calls("kill", "PutObject"),),
        template=(assembly.service_timeout(30),),
        fails=True,
    ),
    "incomplete": Case(template=(assembly.without_role,), fails=True),
    "taken": Case(create=(_calls("delay", "CreateLabelingJob", seconds=6, times=1),), fails=True),
    "quota": Case(
        create=(_refuse("CreateLabelingJob", "ResourceLimitExceeded", QUOTA),), fails=True
    ),
    "closed": Case(
        create=(_refuse("CreateLabelingJob", "AccessDeniedException", CLOSED),), fails=True
    ),
    "pair": Case(),
    "pair-2": Case(),
    "broken": Case(fails=True),
    "no-concurrency": Case(
        template=(assembly.throttled, assembly.service_timeout(4, assembly.GATE)), fails=True
    ),
    "empty": Case(create=(_calls("delay", "CreateLabelingJob", seconds=0.001),), fails=True),
    "cosmetic": Case(),
    "continued": Case(),
    "cannot-start": Case(
        update=(_refuse("CreateLabelingJob", "ValidationException", "No such team", times=1),)
    ),
    "sibling-fails": Case(),
    "stopped": Case(destroy=(_calls("delay", "StopLabelingJob", seconds=0.001),)),
    "stays-stopping": Case(destroy=({"kind": "hold", "job_status": "Stopping"},)),
    "denied": Case(destroy=(_refuse("StopLabelingJob", "AccessDeniedException", DENIED),)),
    "deleted-twice": Case(destroy=({"kind": "answer", "status": 503, "times": 6},)),
    "again": Case(),
    "while-labeling": Case(),
}
UPDATED = ("cosmetic", "continued", "cannot-start", "sibling-fails")
LABELED = ("continued", "cannot-start", "sibling-fails", "while-labeling", "again")


def narrowed(rule: Rule, campaign: str) -> Rule:
    """The rule, for this campaign alone."""
    if rule["kind"] == "answer":
        return {**rule, "containing": f"stack/GroundTruth-{ENVIRONMENT}-Labeling-{campaign}/"}
    if rule["kind"] in ("hold", "fail"):
        return {**rule, "containing": names.job_name_prefix(ENVIRONMENT, campaign)}
    return {**rule, "function": f"Labeling-{campaign}-Gate"}
