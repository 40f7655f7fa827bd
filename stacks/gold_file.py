"""A campaign's gold file at synth: checked with all else, and part of nothing that is deployed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ground_truth import gold, gold_masks
from ground_truth.answer_masks import png_size
from ground_truth.answers import AnswerError
from ground_truth.tasks import AnswerKind, rules_for
from stacks.template_files import OWN_TEMPLATE

if TYPE_CHECKING:
    from ground_truth.gold_answers import GoldRow
    from stacks.campaign import CampaignFile

Read = Callable[[str], bytes | None]
"""Reads a file of the folder; None, having reported it, where it can't be read."""
Report = Callable[[str, str, str], None]
"""Takes a file of the folder, a key of it or "", and what is wrong."""


def check_gold(
    settings: CampaignFile,
    *,
    manifest: bytes | None,
    objects: Mapping[str, bytes],
    read: Read,
    report: Report,
) -> None:
    """Check the gold file a campaign names; `objects` are all there are by key, where known."""
    path = settings.gold
    content = None if path is None else _content(path, settings, read, report)
    if path is None or content is None:
        return

    def said(message: str) -> None:
        report(path, "", message)

    _check_place(path, settings, report)
    kind = rules_for(settings.task).answers
    rows = gold.read_rows(content, kind, said)
    if settings.label_names:  # a draft has none
        gold.check_rows(rows, settings.label_names, kind, said)
    if kind is AnswerKind.MASK:
        gold_masks.check_rows(rows, said)
        for picture, its_rows in _pictures(path, rows).items():
            _check_place(picture, settings, report)
            _check_picture(read(picture), its_rows, objects, said)
    if manifest is not None:
        gold.by_manifest_line(rows, manifest, settings.label_attribute, said)
    elif objects:
        gold.check_names(rows, tuple(objects), said)


def _content(path: str, settings: CampaignFile, read: Read, report: Report) -> bytes | None:
    if settings.dataset.based_on is None:
        return read(path)
    message = "beside based_on: its objects are known only after that job; remove one"
    report("campaign.toml", "gold", message)
    return None


def _check_place(path: str, settings: CampaignFile, report: Report) -> None:
    place = PurePosixPath(path)
    written, dataset = settings.instructions, settings.dataset
    deployed = [
        *(settings.template or OWN_TEMPLATE, dataset.manifest, dataset.sample_data),
        *(written.short, written.full, written.good, written.bad),
    ]
    if any(place.is_relative_to(other) for other in filter(None, deployed)):
        allowed = "a file that is not deployed, so that no worker can see it"
        report("campaign.toml", "gold", f"got {path!r}, allowed {allowed}; move it")


def _pictures(path: str, rows: Sequence[GoldRow]) -> dict[str, list[GoldRow]]:
    """The rows about each picture, by where it lies in the folder."""
    found: dict[str, list[GoldRow]] = {}
    for row in rows:
        if not row.is_nothing:
            place = PurePosixPath(path).parent / row.shape[0]
            found.setdefault(str(place), []).append(row)
    return found


def _check_picture(
    png: bytes | None,
    rows: Sequence[GoldRow],
    objects: Mapping[str, bytes],
    report: Callable[[str], None],
) -> None:
    # numpy and Pillow, which take longer to load than all else here
    from ground_truth.consolidation.pictures import colors_of  # noqa: PLC0415

    if png is not None:
        for name, its_rows in gold.by_object(rows).items():
            size = _size(objects.get(name))
            gold_masks.check_picture(its_rows, png, colors_of, size, report)


def _size(image: bytes | None) -> tuple[int, int] | None:
    """Width and height of an image in the campaign's folder; None of other than PNG files."""
    try:
        return None if image is None else png_size(image)
    except AnswerError:
        return None
