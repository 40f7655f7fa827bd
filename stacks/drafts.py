"""A campaign as its author has left it at this moment, sound or not, for it to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ground_truth.built_in import UiKind
from ground_truth.manifest import ManifestError, manifest_from_keys, manifest_from_texts
from ground_truth.tasks import AnswerKind, rules_for
from ground_truth_cdk.labels import PRE_ANNOTATION, annotation_settings, consolidation_module
from ground_truth_liquid import Severity
from stacks.campaign import CampaignFile
from stacks.chains import read_base
from stacks.content import Folder
from stacks.earlier_examples import MASK, example_label, palette
from stacks.problems import Problem
from stacks.reading import read_table
from stacks.template_files import input_of_others

if TYPE_CHECKING:
    from ground_truth.task_input import Audited
    from stacks.template_files import TemplateFiles

__all__ = ["PRE_ANNOTATION", "RAW_BUCKET", "Draft", "consolidation_module", "read_draft"]

# Stands for the raw bucket, whose name is known once it is deployed
RAW_BUCKET = "raw-bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`lines` are the dataset's; `files` maps keys of the raw bucket to the files that go there.

    `settings` and `template` are None where a file can't be used, `template` also where the page is
    Amazon's. `problems` refuse a synth. `audited` is what a verification or an adjustment begins
    with; the lines carry made-up ones.
    """

    name: str
    settings: CampaignFile | None
    template: TemplateFiles | None
    lines: Sequence[Mapping[str, object]]
    files: Mapping[str, Path]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    audited: Audited | None = None

    @property
    def page_is_amazons(self) -> bool:
        """Whether workers see a page that isn't here."""
        return self.settings is not None and self.settings.job_rules.ui is UiKind.HUMAN_TASK_UI

    @property
    def direct(self) -> bool:
        """Whether the job calls no function: pages get manifest lines, answers become no label."""
        return self.settings is not None and self.settings.job_rules.direct

    def input_of_others(self, line: Mapping[str, object]) -> Mapping[str, object] | None:
        """What a page is given for a line where that isn't what our function gives."""
        return None if self.settings is None else input_of_others(self.settings, line)

    @property
    def function_settings(self) -> dict[str, str]:
        """The environment variables of the campaign's annotation functions."""
        if self.settings is None or not self.settings.labels:
            return {}
        return annotation_settings(self.settings.task, self.settings.label_names, self.audited)

    @property
    def pictures(self) -> Mapping[str, Sequence[int]]:
        """Masks the lines refer to, by S3 URI: the colors of nothing and of every label."""
        if self.settings is None or self.audited is None:
            return {}
        earlier = rules_for(self.settings.task).audited
        masks = earlier is not None and rules_for(earlier).answers is AnswerKind.MASK
        return {MASK: palette(self.audited.labels)} if masks else {}


def read_draft(root: Path, name: str) -> Draft:
    """Read a campaign's files; whatever is wrong with them is in the draft."""
    problems: list[Problem] = []
    settings = read_table(root, f"campaigns/{name}/campaign.toml", CampaignFile, problems)
    base = read_base(root, name, settings, problems) if settings else None
    audited = base.audited if base else None
    folder = Folder(root=root, name=name, problems=problems, audited=audited)
    template = _template(folder, settings) if settings else None
    for finding in template.findings(settings, audited) if template and settings else ():
        is_error = finding.severity is Severity.ERROR
        (problems if is_error else folder.warnings).append(folder.problem(finding))
    before = read_draft(root, base.name) if base else None
    files = _files(root / "campaigns" / name, settings) if settings else {}
    lines = _lines(folder, settings, files) if settings else ()
    return Draft(
        name=name,
        settings=settings,
        template=template,
        lines=_labeled(before.lines if before else lines, settings, audited),
        files=before.files if before else files,
        problems=tuple(problems),
        warnings=tuple(folder.warnings),
        audited=audited,
    )


def _template(folder: Folder, settings: CampaignFile) -> TemplateFiles | None:
    if settings.job_rules.ui is UiKind.TEMPLATE:
        return folder.template(settings)
    folder.instructions(settings)  # for what is wrong with them
    return None


def _labeled(
    lines: Sequence[Mapping[str, object]], settings: CampaignFile | None, audited: Audited | None
) -> Sequence[Mapping[str, object]]:
    """The lines with what an earlier job might have said of each."""
    if settings is None or audited is None:
        return lines
    return [{**line, **example_label(settings.task, audited)} for line in lines]


def _files(folder: Path, settings: CampaignFile) -> dict[str, Path]:
    """The sample data by the keys it is uploaded to."""
    dataset = settings.dataset
    if dataset.sample_data is None or dataset.prefix is None:
        return {}
    sample = folder / dataset.sample_data
    paths = (path for path in sorted(sample.rglob("*")) if path.is_file())
    return {f"{dataset.prefix}{path.relative_to(sample).as_posix()}": path for path in paths}


def _lines(
    folder: Folder, settings: CampaignFile, files: Mapping[str, Path]
) -> Sequence[Mapping[str, object]]:
    """The dataset as a deployment would build it, or one made-up object where there is none."""
    try:
        if settings.dataset.manifest is not None:
            return folder.manifest(settings)
        if files and rules_for(settings.task).manifest_key == "source-ref":
            return manifest_from_keys(RAW_BUCKET, files, settings.task).entries
        if files:
            texts = {key: path.read_text(encoding="utf-8") for key, path in files.items()}
            return manifest_from_texts(texts, settings.task).entries
    except (ManifestError, UnicodeDecodeError) as error:
        file = f"campaigns/{folder.name}/{settings.dataset.sample_data}"
        folder.problems.append(Problem(file=file, message=str(error)))
        return ()
    if rules_for(settings.task).manifest_key == "source-ref":
        return ({"source-ref": f"s3://{RAW_BUCKET}/{settings.dataset.prefix}example"},)
    return ({"source": "A text that stands for one of the dataset."},)
