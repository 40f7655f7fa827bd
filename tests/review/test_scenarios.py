"""What a reviewer reads for the changes people really make, over a real git history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ground_truth_ops.review.report import Gate, review
from ground_truth_ops.review.templates import Impact
from stacks.config import load
from tests.review.history import DIGITS, REVIEWS, ROOT, summary

if TYPE_CHECKING:
    from ground_truth_ops.review.report import EnvironmentReview
    from tests.review.history import History

INSTRUCTIONS = f"{DIGITS}/instructions/short.html"
CAMPAIGN = f"{DIGITS}/campaign.toml"
# each synthesizes the project once more
pytestmark = pytest.mark.slow

UNTOUCHED = {"handwritten-digits": "same job", "product-reviews": "same job"}


def of_digits(found: EnvironmentReview) -> tuple[str, str, int | None]:
    """Verdict, reason, and how many objects people are asked about."""
    (each,) = [each for each in found.consequences if each.campaign == "handwritten-digits"]
    return each.verdict.value, each.why, each.asked


def approval(found: EnvironmentReview, verb: str) -> str:
    """The exact line that the report prints."""
    lines = [line for each in found.consequences for line in each.approvals]
    (line,) = [line for line in lines if line.endswith(f':{verb}"')]
    return line


def test_label_added_at_the_end_is_refused_with_both_lines(history: History) -> None:
    history.edit(f"{REVIEWS}/campaign.toml", '"neutral"', '"neutral", "mixed"')
    history.commit("a label more")

    found, _text = history.told()

    assert summary(found) == {**UNTOUCHED, "product-reviews": "refused"}
    (each,) = [each for each in found.consequences if each.approvals]
    assert each.changed == ("labels", "categories_sha256")
    assert [line.rpartition(":")[2] for line in each.approvals] == ['continue"', 'restart"']
    assert found.gates == {Gate.REFUSED}


def test_label_renamed_leaves_only_a_restart(history: History) -> None:
    history.edit(f"{REVIEWS}/campaign.toml", '"neutral"', '"indifferent"')
    history.edit(f"{REVIEWS}/gold.csv", "neutral", "indifferent")
    history.commit("another word")

    (each,) = [each for each in history.told()[0].consequences if each.approvals]

    assert "labels were removed, renamed or reordered" in each.why
    assert [line.rpartition(":")[2] for line in each.approvals] == ['restart"']


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("continue", "every label is kept, only the rest is asked"),
        ("restart", "all is asked and paid again"),
    ],
)
def test_approved_instructions_say_what_becomes_of_labels(
    history: History, verb: str, says: str
) -> None:
    history.write(INSTRUCTIONS, "<p>Choose the digit.</p>\n")
    line = approval(history.told()[0], verb)
    history.edit(CAMPAIGN, "generation = 1\n", f"generation = 1\n{line}\n")
    history.commit(f"instructions, {verb}")

    found, text = history.told()

    verdict, why, asked = of_digits(found)
    assert (verdict, asked) == (verb, 250)
    assert says in why
    assert found.gates == {Gate.STOPS_WORK}
    assert found.costs["handwritten-digits"].total == pytest.approx(250 * 0.08)
    bound = "" if verb == "restart" else "up to "
    assert f"| {bound}250 x 3 = 750 answers | 20.00 USD |" in text


def test_approval_of_another_definition_approves_nothing(history: History) -> None:
    history.write(INSTRUCTIONS, "<p>Choose the digit.</p>\n")
    history.edit(
        CAMPAIGN, "generation = 1\n", 'generation = 1\napprove = "0123456789ab:continue"\n'
    )
    history.commit("instructions, approved for something else")

    assert of_digits(history.told()[0])[0] == "refused"


def test_template_alone_changes_the_definition(history: History) -> None:
    history.edit(f"{DIGITS}/template.liquid.html", "</crowd-form>", "<p>Thanks</p></crowd-form>")
    history.commit("template")

    found, _text = history.told()

    assert of_digits(found)[0] == "refused"
    (each,) = [each for each in found.consequences if each.approvals]
    assert each.changed == ("template_sha256",)


def test_title_waits_for_the_next_job(history: History) -> None:
    history.edit(CAMPAIGN, 'title = "Which digit is this?"', 'title = "Which digit?"')
    history.commit("title")

    found, _text = history.told()

    assert of_digits(found) == (
        "same job",
        "the job goes on as it is; Title wait for the next job",
        0,
    )
    assert found.gates == frozenset()


def test_options_of_a_job_wait_for_the_next_one(history: History) -> None:
    team = "arn:aws:sagemaker:eu-west-1:111122223333:workteam/vendor-crowd/theirs"
    region = load(history.root, env="dev").environment.settings.region
    options = (
        f'workteam_arn = "{team.replace("eu-west-1", region)}"\n'
        'content_classifiers = ["FreeOfAdultContent"]\n'
    )
    history.edit(CAMPAIGN, "generation = 1\n", f"generation = 1\n{options}")
    history.commit("a vendor's team")

    found, _text = history.told()

    assert of_digits(found) == (
        "same job",
        "the job goes on as it is; ContentClassifiers, WorkteamArn wait for the next job",
        0,
    )


def test_automated_labeling_is_another_definition(history: History) -> None:
    history.edit(CAMPAIGN, "[dataset]\n", "[automated_labeling]\n\n[dataset]\n")
    history.commit("models label, too")

    found, _text = history.told()

    assert of_digits(found)[0] == "refused"
    (each,) = [each for each in found.consequences if each.approvals]
    assert each.changed == ("automated_labeling",)


CHECKS = "campaigns/checks"


def test_chain_is_new_and_other_labels_under_the_same_revision_are_refused(
    history: History,
) -> None:
    history.copy(DIGITS, CHECKS)
    file = f"{CHECKS}/campaign.toml"
    text = (history.root / file).read_text(encoding="utf-8")
    dataset = '[dataset]\nbased_on = "handwritten-digits"\nexpected_objects = 40\n\n[instructions]'
    text = re.sub(r"\[dataset\].*?\[instructions\]", dataset, text, flags=re.DOTALL)
    text = text.replace('label_attribute = "digit"', 'label_attribute = "digit-check"')
    history.write(file, re.sub(r"gold = .*\n", "", text))
    history.commit("a chain")
    found, _text = history.told()

    assert summary(found)["checks"] == "new job"
    (new,) = [each for each in found.consequences if each.campaign == "checks"]
    assert new.asked == 40

    history.edit(file, "expected_objects", 'accepted = ["7"]\nexpected_objects')
    history.commit("only sevens")
    (found,) = review(history.root, "HEAD~1", environments=["dev"]).environments

    (each,) = [each for each in found.consequences if each.approvals]
    assert (each.campaign, each.changed) == ("checks", ("dataset",))
    assert each.approvals == ("revision = 2",)


def test_manifest_under_the_same_revision_is_refused(history: History) -> None:
    manifest = history.root / REVIEWS / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    history.write(f"{REVIEWS}/manifest.jsonl", "".join(lines[:-1]))
    history.commit("a text less")

    found, text = history.told()

    assert summary(found)["product-reviews"] == "refused"
    (each,) = [each for each in found.consequences if each.approvals]
    assert each.approvals == ("revision = 2",)
    assert "under [dataset]" in text


def test_worker_added_and_removed_are_named(history: History) -> None:
    history.edit("environments/dev.toml", "cleo@example.com", "Gil@example.com")
    history.commit("people")

    found, text = history.told()

    assert (found.access.gained, found.access.lost) == (("gil@example.com",), ("cleo@example.com",))
    assert summary(found) == UNTOUCHED
    # a mention in a comment would notify a stranger
    assert "gain access: gil&#64;example.com" in text


def test_campaign_added_is_priced(history: History) -> None:
    history.copy(DIGITS, "campaigns/more-digits")
    history.commit("a campaign")

    found, _text = history.told()

    assert summary(found) == {**UNTOUCHED, "more-digits": "new job"}
    (each,) = [each for each in found.consequences if each.campaign == "more-digits"]
    assert (each.asked, each.answers) == (250, 750)
    assert found.costs["more-digits"].service == pytest.approx(20.0)
    new = [change.name for change in found.changes if change.before is None]
    assert new == ["GroundTruth-dev-Labeling-more-digits"]


def test_dataset_in_a_bucket_is_priced_by_what_is_expected_of_it(history: History) -> None:
    history.copy(DIGITS, "campaigns/more-digits")
    file = "campaigns/more-digits/campaign.toml"
    history.edit(file, 'sample_data = "data"', "expected_objects = 60000")
    history.edit(
        file, "\n[instructions]", "\n[stopping]\nmax_labeled_objects = 55000\n\n[instructions]"
    )
    history.commit("a campaign of objects that are in no file")

    found, text = history.told()

    (each,) = [each for each in found.consequences if each.campaign == "more-digits"]
    assert (each.asked, each.answers) == (55_000, 165_000)
    assert found.costs["more-digits"].service == pytest.approx(50_000 * 0.08 + 5_000 * 0.04)
    assert "| 55000 x 3 = 165000 answers | 4,200.00 USD |" in text


def test_campaign_of_masks_is_compared_with_the_libraries_at_hand(history: History) -> None:
    fetched = ROOT / ".cache" / "libraries"
    if not (fetched / ".fetched").is_file():
        pytest.skip("no libraries here: `make libraries` fetches them")
    (history.root / ".cache").mkdir(exist_ok=True)
    (history.root / ".cache" / "libraries").symlink_to(fetched)
    history.copy(DIGITS, "campaigns/masks")
    file = "campaigns/masks/campaign.toml"
    history.edit(file, "image-classification", "semantic-segmentation")
    history.edit(file, '"digit"', '"digit-ref"')
    history.edit(file, 'template = "template.liquid.html"\n', "")
    history.edit(file, 'gold = "gold.csv"\n', "")
    (history.root / "campaigns/masks/template.liquid.html").unlink()
    history.commit("a campaign of masks")
    history.edit(file, "workers_per_object = 3", "workers_per_object = 2")
    history.commit("fewer people")

    (found,) = review(history.root, "HEAD~1", environments=("dev",)).environments

    assert found.problems == ()
    assert summary(found) == {**UNTOUCHED, "masks": "refused"}


def test_campaign_removed_is_told_to_go_on(history: History) -> None:
    history.remove(REVIEWS)
    history.commit("one campaign less")

    found, text = history.told()

    assert summary(found)["product-reviews"] == "goes on unowned by any file"
    assert found.gates == {Gate.REFUSED}
    command = (
        "aws cloudformation delete-stack --stack-name GroundTruth-dev-Labeling-product-reviews"
    )
    assert command in text


def test_environment_added_is_new_as_a_whole(history: History) -> None:
    history.copy("environments/dev.toml", "environments/stage.toml")
    history.commit("an environment")

    found, text = history.told("stage")

    assert set(summary(found).values()) == {"new job"}
    assert all(change.before is None for change in found.changes)
    assert found.risks == ()
    assert "### stage (new environment)" in text


def test_renamed_bucket_is_a_replacement_of_data(history: History) -> None:
    file = "constructs/ground_truth_cdk/dataset_buckets.py"
    history.edit(
        file,
        "            construct_id,\n",
        '            construct_id,\n            bucket_name=f"labels-{construct_id.lower()}",\n',
    )
    history.commit("names for buckets")

    found, _text = history.told()

    risks = {risk.what: risk.why for risk in found.risks if risk.data}
    assert all("is replaced by a new one (BucketName)" in why for why in risks.values())
    assert any(what.startswith("AWS::S3::Bucket") for what in risks)
    assert Gate.DESTRUCTIVE in found.gates
    replaced = {
        r.impact
        for change in found.changes
        for r in change.resources
        if r.type == "AWS::S3::Bucket"
    }
    assert replaced == {Impact.REPLACE}


def test_renamed_construct_is_a_loss_and_a_new_one(history: History) -> None:
    file = "constructs/ground_truth_cdk/dataset_buckets.py"
    history.edit(file, '"Raw"', '"RawData"')
    history.commit("another id")

    found, _text = history.told("prod")

    (risk,) = [risk for risk in found.risks if risk.what.startswith("AWS::S3::Bucket ")]
    assert risk.what.endswith("Buckets/Raw")
    assert risk.why.startswith("leaves the stack and stays behind, unused")
    assert Gate.DESTRUCTIVE in found.gates


def test_shorter_retention_destroys_what_is_older(history: History) -> None:
    history.edit(
        "environments/dev.toml", "noncurrent_version_days = 30", "noncurrent_version_days = 3"
    )
    history.commit("fewer old versions")

    found, _text = history.told()

    whys = {risk.why for risk in found.risks}
    assert whys == {"old versions expire after 3 days instead of 30: older ones go at once"}
    assert found.gates == {Gate.DESTRUCTIVE}


def test_longer_retention_is_no_risk(history: History) -> None:
    history.edit(
        "environments/dev.toml", "noncurrent_version_days = 30", "noncurrent_version_days = 60"
    )
    history.commit("more old versions")

    found, _text = history.told()

    assert (found.changed, found.risks, found.gates) == (True, (), frozenset())


def test_termination_protection_and_retention_of_prod_are_not_dropped_unnoticed(
    history: History,
) -> None:
    history.edit(
        "environments/prod.toml", "termination_protection = true", "termination_protection = false"
    )
    history.edit("environments/prod.toml", 'removal = "retain"', 'removal = "destroy"')
    history.edit("environments/prod.toml", 'encryption = "kms"', 'encryption = "s3"')
    history.commit("prod like dev")

    found, _text = history.told("prod")

    whys = " ".join(risk.why for risk in found.risks if risk.data)
    assert "loses its termination protection" in whys
    assert "DeletionPolicy RetainExceptOnCreate becomes Delete" in whys
    assert "the default encryption changes" in whys
    assert any(risk.what.startswith("AWS::KMS::Key") for risk in found.risks)


def test_wider_permission_is_shown_and_trips_the_gate(history: History) -> None:
    file = "constructs/ground_truth_cdk/labeling_gate.py"
    history.edit(file, '"sagemaker:DescribeLabelingJob", ', '"sagemaker:Describe*", ')
    history.commit("more rights")

    found, text = history.told()

    assert found.gates >= {Gate.BROADENING}
    added = [each for change in found.changes for each in change.statements if each.broadens]
    assert any("sagemaker:Describe*" in each.action for each in added)
    assert "sagemaker:Describe\\*" in text


def test_change_that_cannot_be_synthesized_says_why(history: History) -> None:
    history.edit("environments/dev.toml", 'region = "us-east-1"', 'region = "us-west-1"')
    history.commit("a region without Ground Truth")

    found, text = history.told()

    assert found.gates == {Gate.DESTRUCTIVE, Gate.BROADENING}
    assert "The checks of this change refuse dev, so nothing can be said of it:" in text
    assert "'us-west-1'" in text
    assert "environments/dev.toml: region" in text


def test_working_tree_counts_also_when_it_is_not_committed(history: History) -> None:
    history.edit("environments/dev.toml", "cleo@example.com", "gil@example.com")

    assert history.told()[0].access.gained == ("gil@example.com",)
