"""The resource types that local AWS deploys in a role's name.

Sources: the API references name the call that each property takes; the service authorization
reference names the ARN it is authorized on; `handlers` of the type's registry schema say which
reads go with it. What only unused features need is left out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ground_truth_local.platform.deployer import access, functions, people, signals, stores

if TYPE_CHECKING:
    from ground_truth_local.platform.deployer.needs import Handlers

TYPES: Mapping[str, Handlers] = {
    **access.TYPES,
    **functions.TYPES,
    **people.TYPES,
    **signals.TYPES,
    **stores.TYPES,
}
# Types that CloudFormation serves itself.
NOTHING_NEEDED = frozenset({"AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"})


def handlers_of(type_: str) -> Handlers | None:
    """The handlers of a type; None for one that isn't known here."""
    if type_.startswith("Custom::") or type_ == "AWS::CloudFormation::CustomResource":
        return functions.CUSTOM
    return TYPES.get(type_)
