"""A campaign's files beside `campaign.toml`: template, instructions, manifest, sample data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ground_truth.built_in import CategoryFormat, UiKind
from ground_truth.categories import Instructions
from ground_truth.checks import check_frame_instructions
from ground_truth.manifest import ManifestError, parse_manifest, serialize
from ground_truth.tasks import rules_for
from ground_truth.template import TemplateInstructionsError
from ground_truth_liquid import Severity
from stacks.categories import category_file
from stacks.default_template import default_template, label_descriptions
from stacks.doubts import doubts
from stacks.earlier_examples import STAND_IN
from stacks.gold_file import check_gold
from stacks.problems import Problem
from stacks.sequences import check_sequences
from stacks.template_files import (
    OWN_TEMPLATE,
    Source,
    TemplateFiles,
    TemplateFinding,
    joined,
    merge,
)

if TYPE_CHECKING:
    from ground_truth.manifest_entries import Entry
    from ground_truth.task_input import Audited
    from stacks.campaign import CampaignFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """`template` has its instructions in it; `manifest` is None for a dataset by prefix.

    Where the page is Amazon's, `template` is empty and the instructions are in `categories`, the
    label category file.

    `sample_data` maps keys below the dataset's prefix to files, empty unless asked for. `warnings`
    are what makes work worse and stops nothing.
    """

    template: str
    categories: bytes
    manifest: bytes | None
    sample_data: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The sources of both instructions, in their order."""

    short: Sequence[Source]
    full: Sequence[Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Reads a campaign's files and collects what is wrong with them, and what is merely poor.

    `audited` is what a verification or an adjustment begins with.
    """

    root: Path
    name: str
    problems: list[Problem]
    warnings: list[Problem] = field(default_factory=list)
    audited: Audited | None = None

    def content(self, settings: CampaignFile, *, with_sample_data: bool) -> Content | None:
        """Return the content; None when something is wrong with it."""
        before = len(self.problems)
        template, categories = self._page(settings)
        entries = self.manifest(settings)
        manifest = serialize(entries) if entries else None
        sample_data = self._sample_data(settings)
        check_gold(
            settings,
            manifest=manifest,
            objects=sample_data if with_sample_data else {},
            read=lambda path: self._bytes(path, "gold"),
            report=self._report,
        )
        self._check_sequences(settings, entries)
        file = self._path("campaign.toml")
        self.warnings.extend(
            Problem(file=file, key=key, message=message)
            for key, message in doubts(settings, manifest)
        )
        if len(self.problems) > before:
            return None
        return Content(
            template=template,
            categories=categories,
            manifest=manifest,
            sample_data=sample_data if with_sample_data else {},
            warnings=tuple(self.warnings),
        )

    def template(self, settings: CampaignFile) -> TemplateFiles | None:
        """The template with its instructions; None when a file of it can't be used."""
        default = self._default(settings)
        template = default or self._source(settings.template or OWN_TEMPLATE, "template")
        parts = self._written(settings, described=default is not None)
        if template is None or parts is None:
            return None
        try:
            return merge(template, parts.short, parts.full)
        except TemplateInstructionsError as error:
            self.problems.append(Problem(file=template.file, message=str(error)))
            return None

    def _written(self, settings: CampaignFile, *, described: bool) -> _Written | None:
        """The instructions with what comes after them; None where a file can't be used."""
        written = settings.instructions
        short = self._source(written.short, "instructions.short")
        full = self._source(written.full, "instructions.full")
        good = self._example(written.good, "good", "Good examples")
        bad = self._example(written.bad, "bad", "Bad examples")
        if short is None or full is None or good is None or bad is None:
            return None
        labels = Source(
            file=self._path("campaign.toml"),
            text=label_descriptions(settings) if described else "",
        )
        return _Written(short=[short], full=[full, labels, *good, *bad])

    def problem(self, finding: TemplateFinding) -> Problem:
        """A finding as a problem of the campaign's files."""
        file = f"{finding.file}:{finding.line}:{finding.column}"
        return Problem(file=file, key=finding.rule, message=str(finding))

    def _default(self, settings: CampaignFile) -> Source | None:
        """The task's own page, for a campaign that neither names a template nor has one."""
        header = settings.instructions.header
        own = settings.template is not None or (self._folder / OWN_TEMPLATE).is_file()
        if not own:
            rules = settings.job_rules
            labels = settings.label_names if rules.direct else None
            audits = rules.built_in is not None and rules_for(settings.task).audit is not None
            audited = (self.audited or STAND_IN).attribute if audits else None
            return default_template(settings.task, header, labels=labels, audited=audited)
        if header is not None:
            message = (
                f"got {header!r}, but the campaign has a template of its own; write it there, or"
                " remove the template for the task's own"
            )
            self._report("campaign.toml", "instructions.header", message)
        return None

    def _example(self, path: str | None, key: str, heading: str) -> list[Source] | None:
        """Nothing where none is asked for, None where it can't be read."""
        if path is None:
            return []
        source = self._source(path, f"instructions.{key}")
        if source is None:
            return None
        return [Source(file=source.file, text=f"<h3>{heading}</h3>"), source]

    def _source(self, path: str, key: str) -> Source | None:
        text = self._text(path, key)
        return None if text is None else Source(file=self._path(path), text=text)

    def _page(self, settings: CampaignFile) -> tuple[str, bytes]:
        """What workers see: the template, and the label categories."""
        if settings.job_rules.ui is UiKind.TEMPLATE:
            return self._template(settings), category_file(settings, None)
        written = self.instructions(settings)
        return "", b"" if written is None else category_file(settings, written, self.audited)

    def instructions(self, settings: CampaignFile) -> Instructions | None:
        """The instructions for a page of Amazon's; None when something is wrong."""
        self._check_amazons_page(settings)
        parts = self._written(settings, described=True)
        if parts is None:
            return None
        written = Instructions(short=joined(parts.short), full=joined(parts.full))
        if settings.job_rules.categories is CategoryFormat.FRAMES:
            for problem in check_frame_instructions(written):
                self._report("campaign.toml", "instructions", str(problem))
        return written

    def _check_amazons_page(self, settings: CampaignFile) -> None:
        written = {
            "template": settings.template
            or (OWN_TEMPLATE if (self._folder / OWN_TEMPLATE).is_file() else None),
            "instructions.header": settings.instructions.header,
        }
        for key, value in written.items():
            if value is not None:
                message = (
                    f"got {value!r}, but workers of {settings.task} with functions ="
                    f" {settings.functions.value!r} see Amazon's page; remove it"
                )
                self._report("campaign.toml", key, message)

    def _template(self, settings: CampaignFile) -> str:
        files = self.template(settings)
        if files is None:
            return ""
        for finding in files.findings(settings, self.audited):
            is_error = finding.severity is Severity.ERROR
            (self.problems if is_error else self.warnings).append(self.problem(finding))
        return files.text

    def manifest(self, settings: CampaignFile) -> tuple[Entry, ...]:
        """The lines of the campaign's own manifest; none when it can't be used."""
        path = settings.dataset.manifest
        content = None if path is None else self._bytes(path, "dataset.manifest")
        if path is None or content is None:
            return ()
        try:
            return parse_manifest(content, settings.task).entries
        except ManifestError as error:
            for problem in error.problems:
                self._report(path, "", str(problem))
            return ()

    def _sample_data(self, settings: CampaignFile) -> dict[str, bytes]:
        path = settings.dataset.sample_data
        if path is None:
            return {}
        folder = self._folder / path
        extensions = rules_for(settings.task).extensions
        files = [entry for entry in sorted(folder.rglob("*")) if entry.is_file()]
        for file in files:
            if file.suffix.lower() not in extensions:
                allowed = ", ".join(extensions)
                name = file.relative_to(self._folder).as_posix()
                self._report(name, "", f"not an object of {settings.task}, allowed {allowed}")
        if not files:
            message = f"no files in {path!r}, allowed a folder of objects; add them or the key"
            self._report("campaign.toml", "dataset.sample_data", message)
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    def _check_sequences(self, settings: CampaignFile, entries: tuple[Entry, ...]) -> None:
        """Copies of what the manifest points at; they are checked and not deployed."""
        path = settings.dataset.sequences
        if path is None:
            return
        if not (self._folder / path).is_dir():
            message = f"got {path!r}, which is no folder; add it, or remove the key"
            self._report("campaign.toml", "dataset.sequences", message)
            return
        if not entries:  # a manifest that can't be read is told already, and says nothing of copies
            return

        def place(name: str) -> str:
            return f"{path}/{name}" if name else str(settings.dataset.manifest)

        check_sequences(
            self._folder / path,
            entries,
            rules_for(settings.task),
            report=lambda name, message: self._report(place(name), "", message),
            doubt=lambda name, message: self.warnings.append(
                Problem(file=self._path(place(name)), key="frame-order", message=message)
            ),
        )

    @property
    def _folder(self) -> Path:
        return self.root / "campaigns" / self.name

    def _text(self, path: str, key: str) -> str | None:
        content = self._bytes(path, key)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError as error:
            self._report(path, "", f"not UTF-8 at byte {error.start}; save it as UTF-8")
            return None

    def _bytes(self, path: str, key: str) -> bytes | None:
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            reason = (error.strerror or "can't be read").lower()
            self._report("campaign.toml", key, f"got {path!r}, {reason}; add the file")
            return None

    def _report(self, path: str, key: str, message: str) -> None:
        self.problems.append(Problem(file=self._path(path), key=key, message=message))

    def _path(self, path: str) -> str:
        return str(PurePosixPath("campaigns", self.name, path))
