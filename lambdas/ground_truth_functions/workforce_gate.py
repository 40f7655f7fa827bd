"""Whether a deployment may go on, judged by the workforce there is and the one it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ground_truth_functions.custom_resource import Request
    from ground_truth_functions.workforce_facts import Stack, Workforce

_UNTOUCHED = "Nothing was made or changed."


class WorkforceRefusedError(RuntimeError):
    """The deployment can't succeed, or would harm a workforce."""


def check(request: Request, stack: Stack, workforce: Workforce | None) -> None:
    """Raise WorkforceRefusedError with what is there, what was asked for and the remedy."""
    if request.text("Mode") == "adopt":
        _check_adopted(request, workforce)
    elif "WorkforceName" in stack.outputs:
        _check_unchanged(request, stack)
        _check_still_ours(stack, workforce)
        _check_source_ips(request)
    elif workforce is not None:
        raise WorkforceRefusedError(
            "this account and region have a workforce already, and there can be only one: "
            f"{workforce.name}, {_sign_in_of(workforce)}. {_UNTOUCHED} {_how_to_adopt(workforce)}"
        )


def _check_adopted(request: Request, workforce: Workforce | None) -> None:
    wanted = tuple(request.text(name) for name in ("WorkforceName", "UserPoolId", "ClientId"))
    asked = "the environment file adopts workforce {} with user pool {} and app client {}".format(
        *wanted
    )
    if workforce is None:
        raise WorkforceRefusedError(
            f"{asked}, but this account and region have no workforce. {_UNTOUCHED} Check account "
            'and region, or make one here with workforce.mode = "create"'
        )
    if (workforce.name, workforce.user_pool_id, workforce.client_id) != wanted:
        raise WorkforceRefusedError(
            f"{asked}, but the one there is is {workforce.name}, {_sign_in_of(workforce)}. "
            f"{_UNTOUCHED} {_how_to_adopt(workforce)}"
        )
    if workforce.status not in {"Active", "Updating"}:
        raise WorkforceRefusedError(
            f"{asked}; it is there, but its status is {workforce.status}, and work teams need an "
            f"active one. {_UNTOUCHED} Mend it where it was made"
        )


def _check_unchanged(request: Request, stack: Stack) -> None:
    """Each of these replaces the workforce: deleted before it is made, while teams still use it."""
    deployed, properties = stack.outputs, request.properties
    identity = "cognito" if "UserPoolId" in deployed else "oidc"
    for key, was, wanted in (
        ("workforce.name", deployed["WorkforceName"], properties.get("WorkforceName")),
        ("workforce.domain_prefix", deployed.get("SignInDomain"), properties.get("DomainPrefix")),
        ("its sign-in (workforce.oidc)", identity, properties.get("SignIn")),
    ):
        if was is not None and wanted is not None and was != wanted:
            raise WorkforceRefusedError(
                f"{key} can't change while the workforce exists: deployed is {was!r}, the file "
                f"says {wanted!r}. CloudFormation would have to replace what every work team "
                f"stands on, which fails half-way. {_UNTOUCHED} Set it back, or destroy every "
                "environment that uses the workforce first"
            )


def _check_still_ours(stack: Stack, workforce: Workforce | None) -> None:
    name, pool = stack.outputs["WorkforceName"], stack.outputs.get("UserPoolId", "")
    if workforce is None or (workforce.name, workforce.user_pool_id) != (name, pool):
        there = f"{workforce.name}, {_sign_in_of(workforce)}" if workforce else "none"
        raise WorkforceRefusedError(
            f"the workforce this stack made ({name}) isn't there any more; the account's is: "
            f"{there}. {_UNTOUCHED} Somebody removed it behind CloudFormation's back: destroy this "
            "stack, then deploy again (or adopt the one there is)"
        )


def _check_source_ips(request: Request) -> None:
    if request.old_properties.get("SourceIps") and not request.properties.get("SourceIps"):
        raise WorkforceRefusedError(
            "workforce.source_ips was taken out of the file, but a list that is left out stays in "
            f'force. {_UNTOUCHED} Write source_ips = ["0.0.0.0/0"] to let everybody in'
        )


def _sign_in_of(workforce: Workforce) -> str:
    if not workforce.user_pool_id:
        return "which signs in with an OpenID Connect provider"
    return (
        f"which signs in with user pool {workforce.user_pool_id} and app client "
        f"{workforce.client_id}"
    )


def _how_to_adopt(workforce: Workforce) -> str:
    if not workforce.user_pool_id:
        return "To label with it, make a work team there and name it as team.workteam_arn"
    return (
        'To label with it, set in the environment file: [workforce] mode = "adopt", '
        f'name = "{workforce.name}", user_pool_id = "{workforce.user_pool_id}", '
        f'client_id = "{workforce.client_id}"'
    )
