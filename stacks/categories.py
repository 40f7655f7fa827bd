"""The label category file of a campaign, in the form its task and functions ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ground_truth.built_in import Audit, CategoryFormat
from ground_truth.categories import Instructions, entity_category_json, label_category_json
from ground_truth.tasks import rules_for
from stacks.label_categories import frame_categories

if TYPE_CHECKING:
    from ground_truth.task_input import Audited
    from stacks.campaign import CampaignFile


def category_file(
    settings: CampaignFile, instructions: Instructions | None, audited: Audited | None = None
) -> bytes:
    """The file's bytes; `instructions` are for workers whose page no template makes.

    `audited` is what a verification or an adjustment begins with.
    """
    if instructions is None:
        return label_category_json(settings.label_names)
    if settings.job_rules.categories is CategoryFormat.FRAMES:
        categories = frame_categories(settings.label_categories, settings.labels)
        if audited is not None:
            verification = rules_for(settings.task).audit is Audit.VERIFICATION
            categories = categories.auditing(audited.attribute, verification=verification)
        return categories.to_json(instructions)
    return entity_category_json(
        settings.label_names,
        instructions,
        short_names={each.name: each.short_name for each in settings.labels if each.short_name},
    )
