"""What a campaign may ask of its jobs beside the task."""

from typing import Annotated, Self

from pydantic import model_validator

from ground_truth import checks
from stacks.problems import checked
from stacks.tables import Items, Table

KeyArn = Annotated[str, checked(checks.check_key_arn)]
TopicArn = Annotated[str, checked(checks.check_topic_arn)]


class OutputTable(Table):
    """Ground Truth's OutputConfig, but for place and key, which are the environment's."""

    topic: TopicArn | None = None
    topic_key: KeyArn | None = None

    @model_validator(mode="after")
    def _a_key_of_something(self) -> Self:
        if self.topic_key is not None and self.topic is None:
            raise ValueError("topic_key without topic; name the topic it encrypts, or remove it")
        return self


class StreamingTable(Table):
    """Ground Truth's SnsDataSource; the table alone asks for it. Without `topic` one is made."""

    topic: TopicArn | None = None


class AutomatedLabelingTable(Table):
    """Ground Truth's LabelingJobAlgorithmsConfig; the table alone asks for it."""

    initial_model: Annotated[str, checked(checks.check_model_arn)] | None = None
    volume_key: KeyArn | None = None
    security_groups: Items[str] = ()
    subnets: Items[str] = ()

    @model_validator(mode="after")
    def _a_network_or_none(self) -> Self:
        found = checks.check_network(self.security_groups, self.subnets)
        if found:
            raise ValueError("\n".join(map(str, found)))
        return self
