"""Runs every check; none of them can hide another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from ground_truth_ops.doctor import account, buckets, eligibility, jobs, people, quotas, reading
from ground_truth_ops.doctor import stacks as stacks_check
from ground_truth_ops.doctor import workforce as workforce_check
from ground_truth_ops.doctor.finding import Finding, Verdict, ok, problem, unknown
from ground_truth_ops.doctor.scene import Scene
from ground_truth_ops.errors import OpsError
from ground_truth_ops.project import ProjectError, Target, target_of

Check = Callable[[Scene], Iterator[Finding]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("bootstrap", account.check_bootstrap),
    ("eligibility", eligibility.check_eligibility),
    ("quotas", quotas.check_work_teams),
    ("quotas", quotas.check_functions),
    ("quotas", quotas.check_roles),
    ("stacks", stacks_check.check_stacks),
    ("retained", buckets.check_retained),
    ("cors", buckets.check_cors),
    ("dataset", reading.check_datasets),
    ("reading", reading.check_reading),
    ("workforce", workforce_check.check_workforce),
    ("team", people.check_team),
    ("portal", people.check_portal),
    ("notices", people.check_notifications),
    ("job", jobs.check_jobs),
)
DENIED = re.compile(r"not authorized to perform:? (?P<action>[\w-]+:\w+)")
DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"}
)
EXPIRED_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId"}
)
RENEW = "sign in again (aws sso login, or new keys), or choose others: export AWS_PROFILE=…"


def diagnose(root: Path, environment: str) -> tuple[Finding, ...]:
    """Every finding about an environment, also when there is no account to look at."""
    try:
        target = target_of(root, environment)
    except ProjectError as error:
        return (problem("files", str(error), "mend that, and run this again"),)
    except BotoCoreError as error:  # a profile that isn't there
        return (problem("credentials", str(error), RENEW),)
    return tuple(examine(target))


def examine(target: Target, *, scene: Scene | None = None) -> Iterator[Finding]:
    """Yield the findings about files and account, then those of every check."""
    found = scene or Scene(target)
    count = len(target.project.campaigns)
    campaigns = "1 campaign" if count == 1 else f"{count} campaigns"
    yield ok("files", f"{found.file} and {campaigns}")
    region = account.check_region(found)
    yield region
    try:
        identity = account.read_identity(found)
    except (ClientError, BotoCoreError) as error:
        yield _no_identity(error)
        yield from _skipped("no call can be signed")
        return
    whose = account.check_identity(found, identity)
    yield whose
    yield account.check_clock(identity)
    if whose.verdict is Verdict.PROBLEM:
        yield from _skipped("it would be another account's")
        return
    for name, check in CHECKS:
        yield from _guarded(name, check, found)


def _guarded(name: str, check: Check, scene: Scene) -> Iterator[Finding]:
    """What a check says, and how it ended; the rest of one that is refused stays unknown."""
    try:
        yield from check(scene)
    except ClientError as error:
        yield _refused(name, error)
    except (BotoCoreError, OpsError, KeyError, ValueError) as error:
        yield unknown(name, f"could not be looked at: {type(error).__name__}: {error}")


def _refused(name: str, error: ClientError) -> Finding:
    details = error.response.get("Error", {})
    code, message = str(details.get("Code")), str(details.get("Message", ""))
    if code in DENIED_CODES:
        match = DENIED.search(message)
        action = match["action"] if match else error.operation_name
        return unknown(name, f"allow the caller {action}, which only reads")
    return unknown(
        name, f"{error.operation_name} was refused: {code}: {message}", "run this again, or see why"
    )


def _no_identity(error: ClientError | BotoCoreError) -> Finding:
    if isinstance(error, NoCredentialsError):
        return problem("credentials", "there are none", RENEW)
    if isinstance(error, ClientError) and error.response["Error"]["Code"] in EXPIRED_CODES:
        return problem("credentials", f"they don't hold any more: {error}", RENEW)
    return problem("credentials", f"AWS doesn't say whose they are: {error}", RENEW)


def _skipped(why: str) -> Iterator[Finding]:
    for name in dict.fromkeys(name for name, _ in CHECKS):
        yield unknown(name, f"not looked at: {why}")
