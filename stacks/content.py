"""A campaign's files beside `campaign.toml`: template, instructions, manifest, sample data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ground_truth import gold
from ground_truth.manifest import ManifestError, parse_manifest
from ground_truth.tasks import rules_for
from ground_truth.template import TemplateInstructionsError
from ground_truth_liquid import Severity
from stacks.problems import Problem
from stacks.template_files import TemplateFiles, TemplateFinding, merge

if TYPE_CHECKING:
    from stacks.campaign import CampaignFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """`template` has its instructions in it; `manifest` is None for a dataset by prefix.

    `sample_data` maps keys below the dataset's prefix to files, empty unless asked for. `warnings`
    are what makes work worse and stops nothing.
    """

    template: str
    manifest: bytes | None
    sample_data: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Reads a campaign's files and collects what is wrong with them, and what is merely poor."""

    root: Path
    name: str
    problems: list[Problem]
    warnings: list[Problem] = field(default_factory=list)

    def content(self, settings: CampaignFile, *, with_sample_data: bool) -> Content | None:
        """Return the content; None when something is wrong with it."""
        before = len(self.problems)
        template = self._template(settings)
        manifest = self._manifest(settings)
        sample_data = self._sample_data(settings)
        self._check_gold(settings, manifest, sample_data if with_sample_data else {})
        if len(self.problems) > before:
            return None
        return Content(
            template=template,
            manifest=manifest,
            sample_data=sample_data if with_sample_data else {},
            warnings=tuple(self.warnings),
        )

    def template(self, settings: CampaignFile) -> TemplateFiles | None:
        """The template with its instructions; None when a file of it can't be used."""
        texts = [
            self._text(settings.template, "template"),
            self._text(settings.instructions.short, "instructions.short"),
            self._text(settings.instructions.full, "instructions.full"),
        ]
        if None in texts:
            return None
        template, short, full = (text or "" for text in texts)
        try:
            return merge(settings, template, short, full)
        except TemplateInstructionsError as error:
            self._report(settings.template, "", str(error))
            return None

    def problem(self, finding: TemplateFinding) -> Problem:
        """A finding as a problem of the campaign's files."""
        path = PurePosixPath("campaigns", self.name, finding.file)
        file = f"{path}:{finding.line}:{finding.column}"
        return Problem(file=file, key=finding.rule, message=str(finding))

    def _template(self, settings: CampaignFile) -> str:
        files = self.template(settings)
        if files is None:
            return ""
        for finding in files.findings(settings):
            is_error = finding.severity is Severity.ERROR
            (self.problems if is_error else self.warnings).append(self.problem(finding))
        return files.text

    def _manifest(self, settings: CampaignFile) -> bytes | None:
        path = settings.dataset.manifest
        content = None if path is None else self._bytes(path, "dataset.manifest")
        if path is None or content is None:
            return None
        try:
            return parse_manifest(content, settings.task).to_bytes()
        except ManifestError as error:
            for problem in error.problems:
                self._report(path, "", str(problem))
            return None

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

    def _check_gold(
        self, settings: CampaignFile, manifest: bytes | None, sample_data: Mapping[str, bytes]
    ) -> None:
        """Gold is no part of the content: nothing that is deployed may hold it."""
        path = settings.gold
        content = None if path is None else self._bytes(path, "gold")
        if path is None or content is None:
            return

        def report(message: str) -> None:
            self._report(path, "", message)

        self._check_gold_place(path, settings)
        rows = gold.read_rows(content, report)
        if settings.label_names:  # a draft has none
            gold.check_rows(rows, settings.label_names, report)
        if manifest is not None:
            gold.by_manifest_line(rows, manifest, settings.label_attribute, report)
        elif sample_data:
            gold.check_names(rows, tuple(sample_data), report)

    def _check_gold_place(self, path: str, settings: CampaignFile) -> None:
        place = PurePosixPath(path)
        deployed = [
            *(settings.template, settings.instructions.short, settings.instructions.full),
            *filter(None, (settings.dataset.manifest, settings.dataset.sample_data)),
        ]
        if any(place.is_relative_to(other) for other in deployed):
            allowed = "a file that is not deployed, so that no worker can see it"
            self._report("campaign.toml", "gold", f"got {path!r}, allowed {allowed}; move it")

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
        file = str(PurePosixPath("campaigns", self.name, path))
        self.problems.append(Problem(file=file, key=key, message=message))
