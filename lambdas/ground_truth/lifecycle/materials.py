"""Template and label categories under keys that say what is in them.

The deployment's own copies are assets, which may be collected as garbage while a job runs.
"""

from ground_truth import names
from ground_truth.canonical import sha256_hex
from ground_truth.lifecycle.ports import Objects
from ground_truth.lifecycle.wanted import JobSettings, Place, Wanted


class MaterialsError(ValueError):
    """What was deployed is not what the definition names."""


def publish_materials(objects: Objects, wanted: Wanted, settings: JobSettings) -> tuple[str, str]:
    """Copy both into the output bucket and return their S3 URIs: template, label categories.

    The first is empty where the page is Amazon's.

    Raises:
        MaterialsError: the template is missing, or a hash differs from the definition's.
    """
    definition = wanted.definition
    _check("label categories", settings.categories, definition.categories_sha256)
    template = _template(objects, wanted, settings.template) if settings.template else ""
    categories = names.categories_key(wanted.campaign, definition.categories_sha256)
    bucket = wanted.output_bucket
    _publish(objects, bucket, categories, settings.categories, "application/json")
    return template, names.s3_uri(bucket, categories)


def _template(objects: Objects, wanted: Wanted, place: Place) -> str:
    stored = objects.get(place.bucket, place.key)
    if stored is None:
        raise MaterialsError(
            f"the worker template {names.s3_uri(place.bucket, place.key)} does not exist; "
            "synthesize and deploy again, so that its asset is uploaded"
        )
    declared = wanted.definition.template_sha256
    _check("worker template", stored.body, declared)
    key = names.template_key(wanted.campaign, declared)
    _publish(objects, wanted.output_bucket, key, stored.body, "text/html; charset=utf-8")
    return names.s3_uri(wanted.output_bucket, key)


def _check(what: str, content: bytes, declared: str) -> None:
    found = sha256_hex(content)
    if found != declared:
        raise MaterialsError(
            f"the {what} does not fit the definition: got sha256 {found}, declared {declared}; "
            "synthesize and deploy with one version of the campaign"
        )


def _publish(objects: Objects, bucket: str, key: str, content: bytes, content_type: str) -> None:
    present = objects.get(bucket, key)
    if present is None or present.body != content:
        objects.put(bucket, key, content, content_type=content_type)
