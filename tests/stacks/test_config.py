"""Configuration: what is accepted, and that everything wrong is said at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stacks.config import ConfigError, Host, check, load
from tests.stacks.projects import ADOPTED, OIDC, TEMPLATE, ProjectFiles

ROOT = Path(__file__).parents[2]


def problems(files: ProjectFiles, campaign: str | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(files.root, env="dev", campaign=campaign)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("env", ["local", "dev", "prod"])
def test_every_shipped_environment_and_campaign_is_valid(env: str) -> None:
    project = load(ROOT, env=env)

    assert project.environment.name == env
    assert {campaign.settings.task for campaign in project.campaigns} == {
        "image-classification",
        "text-classification",
    }


def test_shipped_environments_name_no_account() -> None:
    assert [
        load(ROOT, env=env).environment.settings.account for env in ("local", "dev", "prod")
    ] == [None, None, None]


def test_minimal_project_takes_documented_defaults(files: ProjectFiles) -> None:
    project = load(files.root, env="dev")
    (campaign,) = project.campaigns

    assert project.environment.workteam_name == "dev-labelers"
    assert project.environment.settings.storage.removal == "retain"
    assert project.environment.settings.functions.runtime == "python3.14"
    assert campaign.settings.workers_per_object == 3
    assert campaign.settings.task_time_limit_seconds == 300
    assert campaign.content.manifest is None
    assert campaign.content.sample_data == {}


def test_host_means_the_machine_that_synthesizes(files: ProjectFiles) -> None:
    files.set_environment("functions", {"runtime": "host", "architecture": "host"})

    project = load(files.root, env="dev", host=Host(runtime="python3.12", architecture="arm64"))

    functions = project.environment.settings.functions
    assert (functions.runtime, functions.architecture) == ("python3.12", "arm64")


def test_missing_environment_lists_those_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"no environment given, there are dev, local, prod, pr-<number>"
    ):
        load(ROOT, env=None)


def test_unknown_environment_lists_those_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"unknown environment 'test', there are dev, local, prod, pr-<number>"
    ):
        load(ROOT, env="test")


def test_unknown_campaign_lists_those_there_are(files: ProjectFiles) -> None:
    assert problems(files, campaign="digits") == [
        "campaigns: unknown campaign 'digits', there are letters"
    ]


def test_one_campaign_can_be_selected() -> None:
    project = load(ROOT, env="local", campaign="handwritten-digits")

    assert [campaign.name for campaign in project.campaigns] == ["handwritten-digits"]


def test_campaign_stays_out_of_environments_it_does_not_list(files: ProjectFiles) -> None:
    files.write("environments/prod.toml", (files.root / "environments/dev.toml").read_bytes())
    files.set_campaign("environments", ["prod"])

    assert load(files.root, env="dev").campaigns == ()
    assert [campaign.name for campaign in load(files.root, env="prod").campaigns] == ["letters"]
    assert problems(files, campaign="letters") == [
        "campaigns/letters/campaign.toml: environments: doesn't run in 'dev'; add it to the list"
    ]


def test_all_problems_of_all_files_come_in_one_error(files: ProjectFiles) -> None:
    files.set_environment("region", "us-west-1")
    files.set_environment("storage", {"removal": "keep", "size": 3})
    files.set_campaign("label_attribute", "letter-metadata")
    files.set_campaign("labels", ["a"])
    files.set_campaign("colour", "red")

    found = problems(files)

    assert [problem.rpartition("campaign.toml: ")[2].split(":")[0] for problem in found[:3]] == [
        "colour",
        "label_attribute",
        "labels",
    ]
    assert [problem.split(": ")[1] for problem in found[3:]] == [
        "region",
        "storage.removal",
        "storage.size",
    ]


BAD_ENVIRONMENTS = [
    ("region", "us-west-1", r"region: .*us-west-1.*us-east-1"),
    ("region", 7, r"region: got 7, allowed a valid string"),
    ("colour", "red", r"colour: unknown key, allowed account, bootstrap_qualifier, ephemeral"),
    ("account", "12", r"account: got '12', allowed twelve digits"),
    ("functions.runtime", "python2.7", r"functions.runtime: got 'python2.7', allowed python3"),
    ("functions.architecture", "mips", r"architecture: got 'mips', allowed 'arm64', 'x86_64' or"),
    ("functions.log_retention_days", 8, r"log_retention_days: got 8, allowed .*CloudWatch"),
    ("storage.removal", "keep", r"storage.removal: got 'keep', allowed 'retain' or 'destroy'"),
    ("storage.size", 1, r"storage.size: unknown key, allowed access_log_days, encryption"),
    ("storage.termination_protection", "yes", r"termination_protection: got 'yes', allowed a val"),
    ("storage", {"removal": "destroy", "encryption": "kms"}, r"storage: .*deleted key lingers"),
    ("workforce.mode", "share", r"workforce.mode: got 'share', allowed 'create' or 'adopt'"),
    ("workforce.mode", "adopt", r"workforce: mode = 'adopt' without client_id, name, user_pool_id"),
    ("workforce", {"client_id": "abc"}, r"client_id beside mode = 'create': that is for a workf"),
    (
        "workforce",
        {"mode": "adopt", "name": "theirs", "client_id": "c", "user_pool_id": "x_1", "mfa": "off"},
        r"workforce: mfa beside mode = 'adopt': that is its maker's; remove it",
    ),
    ("workforce.user_pool_id", "pool", r"user_pool_id: got 'pool', allowed a user pool id such"),
    ("workforce.source_ips", ["10.0.0.1/24"], r"\(10.0.0.1/24 has host bits set\): got '10.0.0.1"),
    ("workforce.source_ips", ["10.0.0.1"], r"write it as 10.0.0.1/32"),
    ("workforce.source_ips", ["10.0.0.0/255.0.0.0"], r"write it as 10.0.0.0/8"),
    ("workforce.source_ips", ["office"], r"source_ips: not a range of source IP addresses"),
    ("workforce.source_ips", ["2001:db8::/32"], r"source_ips: .*2001:db8.*allowed IPv4 networks"),
    ("workforce.source_ips", ["10.0.0.0/8", "10.1.0.0/16"], r"overlap: got '10.0.0.0/8 and 10.1"),
    (
        "workforce.source_ips",
        [f"10.0.0.{n}/32" for n in range(11)],
        r"number of source IP ranges out of range: got 11, allowed 0-10; join some",
    ),
    ("workforce.oidc", {}, r"workforce.oidc.client_id: missing"),
    ("workforce.oidc", {"client_secret": "s3cr3t"}, r"client_secret: unknown key, allowed .*_name"),
    ("workforce.oidc", {"issuer": "http://id.example"}, r"oidc.issuer: .*allowed an https:// addr"),
    ("workforce.oidc", {"client_id": "a-b"}, r"oidc.client_id: got 'a-b', allowed 1-1024 letters"),
    ("workforce.oidc", {"client_secret_name": "a:b"}, r"the name of a secret in AWS Secrets Man"),
    ("workforce.oidc", {"scope": "a  b"}, r"oidc.scope: got 'a  b', allowed 1-500 characters"),
    ("workforce.oidc", {"extra_params": {"a": "b c"}}, r"extra_params.a: got 'b c', allowed 1-512"),
    ("workforce.oidc", {"extra_params": {str(n): "x" for n in range(11)}}, r"extra_params: .*10"),
    ("team.oidc_groups", ["a b"], r"oidc_groups\[0\]: group of the OpenID Connect provider is not"),
    (
        "team",
        {"oidc_groups": [str(n) for n in range(11)]},
        r"team: 11 oidc_groups, allowed up to 10",
    ),
    ("team", {"oidc_groups": ["labelers"]}, r"team.oidc_groups without \[workforce.oidc\]"),
    ("workforce.name", "-x", r"workforce.name: .*'-x'"),
    ("workforce.domain_prefix", "my-aws", r"domain_prefix: .*word Amazon Cognito reserves"),
    ("team.name", "a_b", r"team.name: .*'a_b'"),
    ("team.name", "x" * 63, r"team.name: .*1-63 letters"),
    ("team.description", "", r"team.description: .*1-200"),
    ("team.workers", [{"email": "nobody"}], r"workers\[0\].email: got 'nobody', allowed an e-mail"),
    ("team.workers", [{"email": "a@example.com", "name": "A"}], r"workers\[0\].name: unknown key"),
    ("team.workers", ["A@example.com", "a@example.com"], r"team: workers listed twice"),
    (
        "team",
        {"workteam_arn": "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"},
        r"team.workteam_arn: the public work team is closed: .*private",
    ),
    ("notifications.emails", ["x"], r"notifications.emails\[0\]: got 'x', allowed an e-mail"),
    ("monitoring.max_failed_percent", 101, r"max_failed_percent: got 101, allowed less than"),
    ("monitoring.progress_minutes", 0, r"progress_minutes: got 0, allowed greater than"),
    ("tags", {"aws:x": "1"}, r"tags: tag key is reserved: got 'aws:x'"),
    ("tags", {"x": 1}, r"tags.x: got 1, allowed a valid string"),
]


@pytest.mark.parametrize(("key", "value", "message"), BAD_ENVIRONMENTS)
def test_bad_environment_value_is_refused(
    files: ProjectFiles, key: str, value: object, message: str
) -> None:
    files.set_environment(key, value)

    with pytest.raises(ConfigError, match=f"environments/dev.toml: .*{message}"):
        load(files.root, env="dev")


BAD_CAMPAIGNS = [
    ("colour", "red", r"colour: unknown key, allowed approve, automated_labeling"),
    (
        "task",
        "dancing",
        r"task: got 'dancing', allowed 'image-classification', .*-adjustment'",
    ),
    ("label_attribute", "letter-metadata", r"label_attribute: .*ends -metadata"),
    ("label_attribute", "letter-ref", r"label_attribute: .*ends -ref"),
    ("label_attribute", "a_b", r"label_attribute: .*'a_b'"),
    ("label_attribute", "source", r"label_attribute: .*reserved"),
    ("labels", ["a"], r"labels: .*2 or more"),
    ("labels", ["a", "b", "a"], r"labels: .*'a'"),
    ("labels", ["a", 1], r"labels\[1\]: got 1"),
    ("labels", [{"name": "a"}, {"name": "b", "hue": "red"}], r"labels\[1\].hue: unknown key"),
    ("labels", [f"{i:0250d}" for i in range(20)], r"labels: labels take 5061 bytes of a function"),
    ("title", "x" * 129, r"title: .*1-128"),
    ("description", "two\nlines", r"description: .*one line"),
    ("workers_per_object", 10, r"workers_per_object: .*1-9"),
    ("workers_per_object", 4, r"workers_per_object: got 4, allowed up to the 3 workers"),
    ("task_time_limit_seconds", 29, r"task_time_limit_seconds: .*30-28800"),
    ("task_time_limit_seconds", 28_801, r"task_time_limit_seconds: .*30-28800"),
    ("task_availability_seconds", 59, r"task_availability_seconds: .*60-2592000"),
    ("max_concurrent_tasks", 5001, r"max_concurrent_tasks: .*1-5000"),
    ("keywords", ["semi-dry"], r"keywords: .*'semi-dry'"),
    ("generation", 0, r"generation: got 0, allowed greater than or equal to 1"),
    ("approve", "yes", r"approve: got 'yes', allowed nothing, or the line a refused change prints"),
    ("environments", ["moon"], r"environments: unknown environment 'moon', there are dev"),
    ("template", "../letters/template.liquid.html", r"template: .*inside the campaign's folder"),
    ("template", "none.html", r"template: got 'none.html', no such file or directory; add the"),
    ("instructions.short", "none.html", r"instructions.short: got 'none.html', no such file"),
    ("dataset", {}, r"dataset: needs exactly one of prefix, manifest, based_on"),
    ("dataset", {"prefix": "a/", "manifest": "m"}, r"dataset: needs exactly one of prefix, "),
    ("dataset.prefix", "letters", r"dataset.prefix: got 'letters', allowed .*ending in a slash"),
    ("dataset.prefix", "/letters/", r"dataset.prefix: got '/letters/'"),
    ("dataset.prefix", "", r"dataset.prefix: got ''"),
    ("dataset.revision", 0, r"dataset.revision: got 0"),
    ("dataset.expected_objects", 100_001, r"dataset: expected objects of .*1-100000"),
    ("dataset", {"manifest": "m", "expected_objects": 1}, r"dataset: expected_objects beside"),
    ("dataset.sample_data", "data", r"dataset.sample_data: no files in 'data'"),
    ("stopping.max_labeled_percent", 101, r"stopping: .*1-100"),
    ("tags", {"ground-truth:owner": "me"}, r"tags: tag key is reserved"),
]


@pytest.mark.parametrize(("key", "value", "message"), BAD_CAMPAIGNS)
def test_bad_campaign_value_is_refused(
    files: ProjectFiles, key: str, value: object, message: str
) -> None:
    files.set_campaign(key, value)

    with pytest.raises(ConfigError, match=f"campaigns/letters/campaign.toml: .*{message}"):
        load(files.root, env="dev")


@pytest.mark.parametrize("key", ["title", "description", "task", "label_attribute", "labels"])
def test_missing_campaign_key_is_named(files: ProjectFiles, key: str) -> None:
    files.remove_campaign_key(key)

    assert f"campaigns/letters/campaign.toml: {key}: missing; add it, it has no default" in (
        problems(files)
    )


def test_template_that_names_an_input_no_worker_gets_is_refused(files: ProjectFiles) -> None:
    template = TEMPLATE.replace("task.input.taskObject", "task.input.picture")
    files.write("campaigns/letters/template.liquid.html", template)

    (problem,) = problems(files)

    assert problem.startswith("campaigns/letters/template.liquid.html:5:13: unknown-variable: the")
    assert "picture" in problem
    assert "taskObject" in problem


def test_template_without_place_for_instructions_is_refused(files: ProjectFiles) -> None:
    template = TEMPLATE.replace("<!-- short-instructions -->", "")
    files.write("campaigns/letters/template.liquid.html", template)

    assert len(problems(files)) == 1
    assert "<!-- short-instructions --> 0 times" in problems(files)[0]


def test_every_problem_of_a_given_manifest_is_listed_with_its_line(files: ProjectFiles) -> None:
    files.set_campaign("dataset", {"manifest": "manifest.jsonl"})
    lines = [
        '{"source-ref": "s3://data/1.png"}',
        '{"source-ref": ',
        '{"source-ref": "s3://data/2.gif"}',
        '{"source-ref": "s3://data/1.png"}',
    ]
    files.write("campaigns/letters/manifest.jsonl", "\n".join(lines))

    found = problems(files)

    assert [problem.split(": ")[1] for problem in found] == ["line 2", "line 3", "line 4"]
    assert "2.gif" in found[1]


def test_given_manifest_is_kept_in_its_order(files: ProjectFiles) -> None:
    files.set_campaign("dataset", {"manifest": "manifest.jsonl"})
    content = b'{"source-ref":"s3://data/2.png"}\n{"source-ref":"s3://data/1.png"}\n'
    files.write("campaigns/letters/manifest.jsonl", content)

    (campaign,) = load(files.root, env="dev").campaigns

    assert campaign.content.manifest == content


def test_sample_data_of_a_kind_the_task_does_not_know_is_refused(files: ProjectFiles) -> None:
    files.set_campaign("dataset.sample_data", "data")
    files.write("campaigns/letters/data/a.png", b"png")
    files.write("campaigns/letters/data/notes.md", b"notes")

    assert problems(files) == [
        "campaigns/letters/data/notes.md: not an object of image-classification,"
        " allowed .jpg, .jpeg, .png"
    ]


def test_sample_data_is_read_only_where_it_is_uploaded(files: ProjectFiles) -> None:
    files.set_campaign("dataset.sample_data", "data")
    files.write("campaigns/letters/data/x/a.png", b"png")

    assert load(files.root, env="dev").campaigns[0].content.sample_data == {}
    files.set_environment("storage.upload_sample_data", True)
    assert load(files.root, env="dev").campaigns[0].content.sample_data == {"x/a.png": b"png"}


def test_file_that_is_not_toml_is_named(files: ProjectFiles) -> None:
    files.write("environments/dev.toml", "region = ")

    (problem,) = problems(files)
    assert problem.startswith("environments/dev.toml: isn't TOML in UTF-8: ")


@pytest.mark.parametrize("name", ["Letters", "x" * 41, "a--b", "1st"])
def test_campaign_name_that_fits_no_resource_is_refused(files: ProjectFiles, name: str) -> None:
    (files.root / "campaigns/letters").rename(files.root / "campaigns" / name)

    with pytest.raises(ConfigError, match="campaign name is not allowed"):
        load(files.root, env="dev")


def test_environment_name_that_fits_no_resource_is_refused(files: ProjectFiles) -> None:
    name = "x" * 21
    (files.root / "environments/dev.toml").rename(files.root / f"environments/{name}.toml")

    with pytest.raises(ConfigError, match="environment name is not allowed"):
        load(files.root, env=name)


def test_existing_team_needs_no_workers(files: ProjectFiles) -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/experts"
    files.set_environment("team", {"workteam_arn": arn})

    assert load(files.root, env="dev").environment.settings.team.workteam_arn == arn


def test_existing_team_beside_workers_is_refused(files: ProjectFiles) -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/experts"
    files.set_environment("team.workteam_arn", arn)

    with pytest.raises(ConfigError, match="workers beside workteam_arn"):
        load(files.root, env="dev")


def test_cosmetic_changes_keep_the_definition(files: ProjectFiles) -> None:
    before = load(files.root, env="dev").campaigns[0].definition
    files.set_campaign("title", "Another title")
    files.set_campaign("tags", {"cost-center": "7"})

    assert load(files.root, env="dev").campaigns[0].definition == before


def test_changed_instructions_change_the_definition(files: ProjectFiles) -> None:
    before = load(files.root, env="dev").campaigns[0].definition
    files.write("campaigns/letters/instructions/full.html", "<p>Look twice.</p>")

    after = load(files.root, env="dev").campaigns[0].definition

    assert before.template_sha256 != after.template_sha256


def test_configuration_is_read_without_the_cdk() -> None:
    """Operations import it; loading the CDK would cost them a second and a Node process."""
    program = "import stacks.config, sys; sys.exit('aws_cdk' in sys.modules)"

    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_checks_across_files_speak_beside_wrong_values(files: ProjectFiles) -> None:
    files.set_environment("region", "us-west-1")
    files.set_campaign("colour", "red")
    files.set_campaign("labels", ["a", "a"])
    files.set_campaign("label_attribute", "letter-metadata")
    files.set_campaign("workers_per_object", 9)
    template = files.root / "campaigns/letters/template.liquid.html"
    template.write_text(template.read_text().replace("task.input.taskObject", "task.input.image"))

    found = problems(files)

    places = [tuple(problem.split(": ")[:2]) for problem in found]
    campaign = "campaigns/letters/campaign.toml"
    assert places == [
        (campaign, "colour"),
        (campaign, "label_attribute"),
        (campaign, "labels"),
        (campaign, "workers_per_object"),
        ("campaigns/letters/template.liquid.html:5:13", "unknown-variable"),
        ("environments/dev.toml", "region"),
    ]
    assert "allowed up to the" in found[3]
    assert "task.input.image" in found[4]


@pytest.mark.parametrize(
    ("key", "value"), [("task", "video"), ("template", "/etc/x"), ("instructions", 7)]
)
def test_no_check_speaks_about_made_up_values(files: ProjectFiles, key: str, value: object) -> None:
    files.set_campaign(key, value)

    assert [problem.split(": ")[1].split(".")[0] for problem in problems(files)] == [key]


def test_tags_of_both_files_together_fit_a_labeling_job(files: ProjectFiles) -> None:
    files.set_environment("tags", {f"environment-{number}": "x" for number in range(25)})
    files.set_campaign("tags", {f"campaign-{number}": "x" for number in range(15)})
    assert len(load(files.root, env="dev").campaigns) == 1

    files.set_campaign("tags", {f"campaign-{number}": "x" for number in range(16)})
    assert problems(files) == [
        "campaigns/letters/campaign.toml: tags, environment's too:"
        " number of tags out of range: got 41, allowed 0-40; remove some"
    ]


def test_teams_of_adopted_workforces_are_large_enough_too(files: ProjectFiles) -> None:
    """The members are ours there as well; only a whole team of others has an unknown size."""
    files.set_environment("workforce", ADOPTED)
    load(files.root, env="dev")
    files.set_campaign("workers_per_object", 4)

    (problem,) = problems(files)

    assert "workers_per_object: got 4, allowed up to the 3 workers of the team" in problem


def test_provider_needs_groups_in_place_of_people(files: ProjectFiles) -> None:
    files.set_environment("workforce", {"oidc": OIDC})
    (problem,) = problems(files)
    assert "[workforce.oidc] needs team.oidc_groups in place of team.workers" in problem

    files.set_environment("team", {"oidc_groups": ["labelers"]})
    files.set_campaign("workers_per_object", 9)  # how many they are, only the provider knows
    assert load(files.root, env="dev").environment.settings.team.size is None


@pytest.mark.parametrize(
    ("key", "value"),
    [("mfa", "off"), ("domain_prefix", "ours"), ("invitation_valid_days", 3)],
)
def test_settings_of_a_pool_are_refused_beside_a_provider(
    files: ProjectFiles, key: str, value: object
) -> None:
    files.set_environment("team", {"oidc_groups": ["labelers"]})
    files.set_environment("workforce", {"oidc": OIDC, key: value})

    (problem,) = problems(files)

    assert f"{key} beside [workforce.oidc]: no user pool is made then" in problem


def test_source_ips_are_ten_networks_that_keep_apart(files: ProjectFiles) -> None:
    ranges = [f"10.{number}.0.0/16" for number in range(9)] + ["0.0.0.0/5"]
    files.set_environment("workforce", {"source_ips": ranges})

    assert load(files.root, env="dev").environment.settings.workforce.source_ips == tuple(ranges)


def test_mistake_in_instructions_is_placed_in_their_own_file(files: ProjectFiles) -> None:
    files.write(
        "campaigns/letters/instructions/full.html",
        '\n\n<p>Look.</p>\n  <img src="http://x.example/a.png" alt="A letter">\n',
    )
    template = TEMPLATE.replace("</crowd-form>", "<crowd-buton></crowd-buton></crowd-form>")
    files.write("campaigns/letters/template.liquid.html", template)

    found = [problem.split(": ")[:2] for problem in problems(files)]

    assert found == [
        ["campaigns/letters/instructions/full.html:4:3", "insecure-address"],
        ["campaigns/letters/template.liquid.html:12:1", "unknown-element"],
    ]


def test_what_only_makes_work_worse_is_a_warning_of_the_campaign(files: ProjectFiles) -> None:
    files.write("campaigns/letters/instructions/short.html", '<img src="https://x.example/a.png">')

    (campaign,) = load(files.root, env="dev").campaigns

    assert [(each.file, each.key) for each in campaign.content.warnings] == [
        ("campaigns/letters/instructions/short.html:1:1", "missing-alt")
    ]


def test_campaigns_are_checked_without_an_environment(files: ProjectFiles) -> None:
    files.write("campaigns/letters/instructions/short.html", '<img src="https://x.example/a.png">')
    files.set_campaign("title", "")
    (files.root / "environments/dev.toml").unlink()

    checked = check(files.root)

    assert checked.campaigns == ("letters",)
    assert [problem.key for problem in checked.problems] == ["title"]
    assert [warning.key for warning in checked.warnings] == ["missing-alt"]
    assert check(files.root, campaign="numbers").problems[0].message == (
        "unknown campaign 'numbers', there are letters"
    )
