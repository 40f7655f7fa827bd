"""The campaign file: what is asked, of which data, of how many people."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, Strict, model_validator

from ground_truth import checks
from ground_truth.built_in import ObjectKind
from ground_truth.checks import Problem as DomainProblem
from ground_truth.functions import Functions, JobRules, functions_for, job_rules
from ground_truth.gold import check_judged_task
from ground_truth.gold import check_task as check_gold_task
from ground_truth.names import HIGHEST_GENERATION
from ground_truth.tasks import TASK_RULES, AnswerKind, TaskType, rules_for
from stacks.environment import Tags
from stacks.job_options import AutomatedLabelingTable, OutputTable, StreamingTable
from stacks.label_categories import (
    Label,
    LabelCategoriesTable,
    as_label,
    check_fitting,
    check_frames,
    check_labels,
    check_short_names,
)
from stacks.problems import checked
from stacks.sequences import frames_per_sequence
from stacks.tables import Items, Table, matching

RelativePath = Annotated[
    str, matching(r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).+", "a path inside the campaign's folder")
]
Prefix = Annotated[
    str,
    matching(
        r"(?!.*//)[A-Za-z0-9!_.*'()][A-Za-z0-9!_.*'()/-]{0,499}/",
        "letters, digits and !_.*'()- with single slashes, ending in a slash",
    ),
]
Approval = Annotated[
    str,
    matching(
        r"([0-9a-f]{12}:(continue|restart))?",
        "nothing, or the line a refused change prints: '<definition hash>:continue' or ':restart'",
    ),
]


def _usual_functions(data: Mapping[str, Any]) -> Functions:
    return functions_for(data["task"])[0] if "task" in data else Functions.OWN


class Dataset(Table):
    """The objects to label: a prefix of the raw bucket, a manifest in the folder, or labels.

    With `based_on`, they are what another campaign of the environment has labeled; `accepted` are
    the labels of that campaign whose objects go on. `sequences` are copies of what the manifest's
    lines point at, to be checked.
    """

    prefix: Prefix | None = None
    manifest: RelativePath | None = None
    based_on: str | None = None
    accepted: Items[str] = ()
    revision: Annotated[int, Field(ge=1)] = 1
    sample_data: RelativePath | None = None
    sequences: RelativePath | None = None
    expected_objects: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if [self.prefix, self.manifest, self.based_on].count(None) != 2:
            raise ValueError("needs exactly one of prefix, manifest, based_on; remove or add one")
        if self.accepted and self.based_on is None:
            raise ValueError("accepted without based_on; say whose labels they are")
        if self.sample_data is not None and self.prefix is None:
            raise ValueError("sample_data without prefix; say which prefix it is uploaded to")
        if self.sequences is not None and self.manifest is None:
            raise ValueError("sequences without manifest; its lines say which they are")
        if self.expected_objects is not None and self.manifest is not None:
            raise ValueError("expected_objects beside manifest; its lines are counted, remove it")
        return self


def _check_dataset(dataset: Dataset, task: TaskType) -> list[str | DomainProblem]:
    expected = dataset.expected_objects
    found: list[str | DomainProblem] = []
    if rules_for(task).answers is AnswerKind.UNREAD and dataset.prefix is not None:
        found.append(
            f"prefix: objects of {task} are said by a manifest, with what Ground Truth has to know"
            " of each; bring one, and set manifest"
        )
    if dataset.sequences is not None and frames_per_sequence(rules_for(task)) is None:
        found.append(f"sequences: objects of {task} are no sequences; remove it")
    if expected is not None:
        found += checks.check_expected_objects(expected, task)
    return found


class Instructions(Table):
    """HTML fragments put into the template's placeholders, and the heading of the task's own one.

    Examples come after the full instructions.
    """

    header: Annotated[str, checked(checks.check_header)] | None = None
    short: RelativePath = "instructions/short.html"
    full: RelativePath = "instructions/full.html"
    good: RelativePath | None = None
    bad: RelativePath | None = None


def _check_gold(path: str | None, task: TaskType) -> list[DomainProblem]:
    return [] if path is None else check_gold_task(task)


def _check_automated(
    table: AutomatedLabelingTable | None,
    task: TaskType,
    functions: Functions,
    labels: Sequence[Label],
) -> list[str | DomainProblem]:
    if table is None:
        return []
    found: list[str | DomainProblem] = [*checks.check_automated_labeling(task, len(labels))]
    if functions is Functions.NONE:
        found.append(
            "beside functions = 'none': models learn from labels, and such a job makes none;"
            " remove the table, or choose 'aws'"
        )
    return found


class StoppingTable(Table):
    """Ground Truth's StoppingConditions: the job stops when any is met."""

    max_labeled_objects: int | None = None
    max_labeled_percent: int | None = None

    @model_validator(mode="after")
    def _limits(self) -> Self:
        found = checks.check_stopping(self.max_labeled_objects, self.max_labeled_percent)
        if found:
            raise ValueError("\n".join(map(str, found)))
        return self


def _check_streaming(
    table: StreamingTable | None,
    task: TaskType,
    dataset: Dataset,
    stopping: StoppingTable,
    automated: AutomatedLabelingTable | None,
) -> list[str]:
    """Refuse what Ground Truth ignores or refuses beside a topic."""
    if table is None:
        return []
    found = []
    if rules_for(task).objects is ObjectKind.VIDEO_FRAMES:
        found.append(
            f"of {task}: a manifest has {rules_for(task).dataset_objects} sequences, and the next"
            " job is given all that were sent in one; remove the table"
        )
    if automated is not None:
        found.append("beside automated_labeling: such jobs take no stream; remove one")
    if stopping != StoppingTable():
        found.append(
            "beside stopping: Ground Truth ignores the conditions of a streaming job, so they would"
            " save no money; remove one"
        )
    if dataset.based_on is not None:
        found.append("beside dataset.based_on: a chain ends with its campaign; remove one")
    return found


class QualityTable(Table):
    """What `gt quality` asks of a job's answers, unless it is told otherwise."""

    min_alpha: Annotated[float, Strict(strict=False), Field(ge=-1, le=1)] | None = None
    min_gold_accuracy: Annotated[float, Strict(strict=False), Field(ge=0, le=1)] | None = None
    max_spammers: Annotated[int, Field(ge=0)] | None = None


def _check_quality(
    quality: QualityTable, task: TaskType, gold: str | None
) -> list[str | DomainProblem]:
    """Refuse gates that no answers could pass."""
    problems: list[str | DomainProblem] = []
    if quality.min_gold_accuracy is not None and gold is None:
        problems.append("min_gold_accuracy without gold; name a file of gold objects or remove it")
    if quality.max_spammers is not None:
        problems += check_judged_task(task)
    return problems


# The console's own, as a task's time; the guide allows video frames and point clouds one worker.
_USUAL: Mapping[str, Mapping[str, int]] = {
    task.value: {
        "workers_per_object": rules.workers.minimum,
        "task_time_limit_seconds": 3600
        if rules.objects is ObjectKind.VIDEO_FRAMES
        else 3 * 24 * 3600,
    }
    for task, rules in TASK_RULES.items()
    if rules.answers is AnswerKind.UNREAD
}


class CampaignFile(Table):
    """`campaigns/<name>/campaign.toml`."""

    STAND_INS: ClassVar[Mapping[str, Any]] = {
        "title": "x",
        "description": "x",
        "label_attribute": "x",
        "labels": ["a", "b"],
        "workers_per_object": 1,
        "dataset": {"prefix": "x/"},
    }
    BLANKS: ClassVar[Mapping[str, Any]] = {"labels": ()}
    NEEDED: ClassVar[frozenset[str]] = frozenset({"task", "template", "instructions"})

    # first, because what is allowed elsewhere depends on it
    task: Annotated[TaskType, Strict(strict=False)]
    functions: Annotated[
        Functions, Strict(strict=False), checked(checks.check_functions, "task")
    ] = Field(default_factory=_usual_functions)
    title: Annotated[str, checked(checks.check_title)]
    description: Annotated[str, checked(checks.check_description)]
    label_attribute: Annotated[str, checked(checks.check_label_attribute, "task", "functions")]
    labels: Annotated[
        Items[Annotated[Label, BeforeValidator(as_label)]],
        checked(check_labels, "task"),
        checked(check_short_names, "task", "functions"),
        checked(check_fitting, "functions"),
    ]
    label_categories: Annotated[LabelCategoriesTable, checked(check_frames, "task", "labels")] = (
        Field(default_factory=LabelCategoriesTable, validate_default=True)
    )
    workers_per_object: Annotated[int, checked(checks.check_workers_per_object, "task")] = 3
    task_time_limit_seconds: Annotated[int, checked(checks.check_task_time_limit, "task")] = 300
    task_availability_seconds: Annotated[
        int, checked(checks.check_task_availability, "task_time_limit_seconds")
    ] = 864_000
    max_concurrent_tasks: Annotated[int, checked(checks.check_max_concurrent_tasks)] = 1000
    keywords: Annotated[Items[str], checked(checks.check_keywords)] = ()
    content_classifiers: Annotated[Items[str], checked(checks.check_content_classifiers)] = ()
    workteam_arn: Annotated[str, checked(checks.check_workteam_arn)] | None = None
    template: RelativePath | None = None
    generation: Annotated[int, Field(ge=1, le=HIGHEST_GENERATION)] = 1
    approve: Approval = ""
    environments: Items[str] | None = None
    tags: Tags = Field(default_factory=dict)
    dataset: Annotated[Dataset, checked(_check_dataset, "task")]
    instructions: Instructions = Instructions()
    gold: Annotated[RelativePath | None, checked(_check_gold, "task")] = None
    quality: Annotated[QualityTable, checked(_check_quality, "task", "gold")] = QualityTable()
    stopping: StoppingTable = StoppingTable()
    output: OutputTable = OutputTable()
    automated_labeling: Annotated[
        AutomatedLabelingTable | None, checked(_check_automated, "task", "functions", "labels")
    ] = None
    streaming: Annotated[
        StreamingTable | None,
        checked(_check_streaming, "task", "dataset", "stopping", "automated_labeling"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _usual_for_frames(cls, data: Any) -> Any:
        """Fill in what is usual where a task is a whole sequence: one worker, and more time."""
        task = data.get("task") if isinstance(data, dict) else None
        return {**_USUAL.get(task, {}), **data} if isinstance(task, str) else data

    @property
    def arns(self) -> Mapping[str, str]:
        """By key, what must be in the environment's region."""
        automated = self.automated_labeling or AutomatedLabelingTable()
        given = {
            "workteam_arn": self.workteam_arn,
            "streaming.topic": self.streaming.topic if self.streaming else None,
            "output.topic": self.output.topic,
            "output.topic_key": self.output.topic_key,
            "automated_labeling.initial_model": automated.initial_model,
            "automated_labeling.volume_key": automated.volume_key,
        }
        return {key: arn for key, arn in given.items() if arn is not None}

    @property
    def job_rules(self) -> JobRules:
        """What the task asks of a job, with these functions."""
        return job_rules(self.task, self.functions)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels in file order, which is part of a campaign's identity."""
        return tuple(label.name for label in self.labels)
