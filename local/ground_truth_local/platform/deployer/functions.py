"""Functions, and custom resources, which are invocations of them."""

from __future__ import annotations

from collections.abc import Mapping

from ground_truth_local.platform.deployer.needs import Handlers, Need, arn, tagging

_FUNCTION = arn("lambda", "function:{name}")
_OF_FUNCTION = arn("lambda", "function:{function}")
_CODE = Need(action="s3:GetObject", resource="arn:{partition}:s3:::{code}", when=("Code",))
_PASS_TO_LAMBDA = Need(
    action="iam:PassRole",
    resource="{Role}",
    when=("Role",),
    keys={"iam:PassedToService": "lambda.amazonaws.com"},
)

TYPES: Mapping[str, Handlers] = {
    "AWS::Lambda::Function": Handlers(
        name="FunctionName",
        create=(
            Need(action="lambda:CreateFunction", resource=_FUNCTION),
            _PASS_TO_LAMBDA,
            _CODE,
            Need(action="lambda:TagResource", resource=_FUNCTION, when=("Tags",)),
            Need(
                action="lambda:PutFunctionConcurrency",
                resource=_FUNCTION,
                when=("ReservedConcurrentExecutions",),
            ),
        ),
        update=(
            Need(action="lambda:UpdateFunctionCode", resource=_FUNCTION, when=("Code",)),
            _CODE,
            Need(
                action="lambda:UpdateFunctionConfiguration",
                resource=_FUNCTION,
                when=(
                    *("DeadLetterConfig", "Description", "Environment", "Handler"),
                    *("LoggingConfig", "MemorySize", "Role", "Runtime", "Timeout"),
                ),
            ),
            _PASS_TO_LAMBDA,
            *tagging("lambda:TagResource", "lambda:UntagResource", _FUNCTION),
        ),
        delete=(Need(action="lambda:DeleteFunction", resource=_FUNCTION),),
        reading=(Need(action="lambda:GetFunction", resource=_FUNCTION),),
    ),
    "AWS::Lambda::Version": Handlers(
        more={"function": "FunctionName"},
        create=(Need(action="lambda:PublishVersion", resource=_OF_FUNCTION),),
        delete=(Need(action="lambda:DeleteFunction", resource=f"{_OF_FUNCTION}:{{name}}"),),
        reading=(Need(action="lambda:GetFunctionConfiguration", resource=_OF_FUNCTION),),
    ),
    "AWS::Lambda::Alias": Handlers(
        more={"function": "FunctionName"},
        create=(Need(action="lambda:CreateAlias", resource=_OF_FUNCTION),),
        update=(Need(action="lambda:UpdateAlias", resource=_OF_FUNCTION),),
        delete=(Need(action="lambda:DeleteAlias", resource=_OF_FUNCTION),),
        reading=(Need(action="lambda:GetAlias", resource=_OF_FUNCTION),),
    ),
    "AWS::Lambda::Permission": Handlers(
        more={"function": "FunctionName"},
        create=(Need(action="lambda:AddPermission", resource=_OF_FUNCTION),),
        update=(
            Need(action="lambda:RemovePermission", resource=_OF_FUNCTION),
            Need(action="lambda:AddPermission", resource=_OF_FUNCTION),
        ),
        delete=(Need(action="lambda:RemovePermission", resource=_OF_FUNCTION),),
        reading=(Need(action="lambda:GetPolicy", resource=_OF_FUNCTION),),
    ),
}

# Whatever happens to a custom resource.
_INVOKE = (Need(action="lambda:InvokeFunction", resource="{ServiceToken}"),)
CUSTOM = Handlers(create=_INVOKE, update=_INVOKE, delete=_INVOKE)
