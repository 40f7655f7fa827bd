"""The workforce table of an environment file: made here or adopted, and how people sign in."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ground_truth import checks
from stacks.problems import checked
from stacks.tables import Items, Table, matching

# Patterns of CreateWorkforce and of AWS::SageMaker::Workforce; where they differ, both hold.
Endpoint = Annotated[
    str, matching(r"(?=.{9,500}$)https://[^\s/]\S*", "an https:// address of up to 500 characters")
]
ClientId = Annotated[str, matching(r"[\w+]{1,1024}", "1-1024 letters, digits, underscores and +")]
ParameterText = Annotated[str, matching(r"[!-~]{1,512}", "1-512 characters without spaces")]


class Oidc(Table):
    """An OpenID Connect provider; its client secret stays in AWS Secrets Manager."""

    client_id: ClientId
    client_secret_name: Annotated[
        str, matching(r"[A-Za-z0-9/_+=.@-]{1,512}", "the name of a secret in AWS Secrets Manager")
    ]
    client_secret_key: (
        Annotated[str, matching(r"[^:\s{}]{1,255}", "a key of the secret's JSON")] | None
    ) = None
    issuer: Endpoint
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    user_info_endpoint: Endpoint
    logout_endpoint: Endpoint
    jwks_uri: Endpoint
    scope: Annotated[
        str,
        matching(
            r"(?=.{1,500}$)[!#-\[\]-~]+( [!#-\[\]-~]+)*", "1-500 characters, single spaces between"
        ),
    ] = "openid"
    extra_params: Annotated[Mapping[ParameterText, ParameterText], Field(max_length=10)] = Field(
        default_factory=dict
    )


class Workforce(Table):
    """The account's one private workforce and what people sign in with."""

    OF_CREATE: ClassVar = frozenset(
        {
            *("domain_prefix", "mfa", "deletion_protection", "invitation_valid_days"),
            *("source_ips", "oidc"),
        }
    )
    OF_ADOPT: ClassVar = frozenset({"user_pool_id", "client_id", "repair_client"})
    OF_POOL: ClassVar = frozenset({"domain_prefix", "mfa", "invitation_valid_days"})

    mode: Literal["create", "adopt"] = "create"
    name: Annotated[str, checked(checks.check_workforce_name)] = "ground-truth"
    domain_prefix: Annotated[str, checked(checks.check_domain_prefix)] | None = None
    portal_scheme: Literal["https", "http"] = "https"
    mfa: Literal["off", "optional", "required"] = "optional"
    deletion_protection: bool = False
    invitation_valid_days: Annotated[int, Field(ge=1, le=365)] = 7
    source_ips: Annotated[Items[str], checked(checks.check_source_ips)] = ()
    oidc: Oidc | None = None
    user_pool_id: (
        Annotated[
            str,
            matching(r"(?=.{1,55}$)[\w-]+_[0-9a-zA-Z]+", "a user pool id such as us-east-1_a1B2c3"),
        ]
        | None
    ) = None
    client_id: ClientId | None = None
    repair_client: bool = False

    @model_validator(mode="after")
    def _one_mode(self) -> Self:
        wrong = self.model_fields_set & (self.OF_ADOPT if self.mode == "create" else self.OF_CREATE)
        if wrong:
            whose = "is for a workforce that exists" if self.mode == "create" else "is its maker's"
            raise ValueError(
                f"{', '.join(sorted(wrong))} beside mode = {self.mode!r}: that {whose}; remove it"
                " or change the mode"
            )
        if self.mode == "adopt":
            needed = {"name", "user_pool_id", "client_id"} - self.model_fields_set
            if needed:
                raise ValueError(
                    f"mode = 'adopt' without {', '.join(sorted(needed))}: name what exists, as"
                    " `aws sagemaker list-workforces` shows it (nothing is looked up at synth)"
                )
        elif self.oidc is not None and (both := self.model_fields_set & self.OF_POOL):
            raise ValueError(
                f"{', '.join(sorted(both))} beside [workforce.oidc]: no user pool is made then;"
                " set it at the provider"
            )
        return self
