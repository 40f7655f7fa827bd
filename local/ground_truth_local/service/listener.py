"""What a streaming job takes from its topic while it runs, and what it tells another (3.5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ground_truth_local.service.failures import client_error, said
from ground_truth_local.service.manifest import ManifestError, parse_line
from ground_truth_local.service.stream import MAX_IDLE, Received, Stream

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context
    from ground_truth_local.service.engine import Engine
    from ground_truth_local.service.job import Job
    from ground_truth_local.service.reports import Reports
    from ground_truth_local.service.role import RoleSession

_LOOK_EVERY = timedelta(seconds=1)  # how soon an idle job notices what was sent


class Listener:
    """Reads a job's stream; all but `listen` is called with the engine's lock held."""

    def __init__(
        self, context: Context, engine: Engine, job: Job, stream: Stream, reports: Reports
    ) -> None:
        self._context = context
        self._engine = engine
        self._job = job
        self._stream = stream
        self._reports = reports
        self._busy = False
        self._looks_at = self._heard_at = context.clock.now()

    @property
    def next_look(self) -> datetime | None:
        """None while it is looking."""
        return None if self._busy else self._looks_at

    def due(self, now: datetime) -> bool:
        """Whether `listen` is to be called; from then on it counts as looking."""
        if self._busy or now < self._looks_at:
            return False
        self._busy = True
        return True

    def idle(self, now: datetime) -> bool:
        """Nothing was sent and nobody worked for ten days."""
        return self._job.settled and now >= max(self._job.modified, self._heard_at) + MAX_IDLE

    def listen(self, now: datetime) -> None:
        """Take what waits; raises JobFailedError when the role may not."""
        try:
            received = self._stream.receive()
            self._take(received)
            self._context.kept.flush()  # only then may the queue forget them
            self._stream.done(received)
        finally:
            with self._engine.changed:
                self._busy = False
                self._looks_at = self._context.clock.now() + _LOOK_EVERY
        if received.receipts:
            with self._engine.changed:
                self._heard_at = now
                self._looks_at = now  # there may be more
                self._job.publish(now)
                self._engine.notify()

    def _take(self, received: Received) -> None:
        for arrival in received.arrivals:
            try:
                line = parse_line(arrival.text, self._job.attribute)
            except ManifestError as error:
                self._reports.log(f"An object that was sent can't be labeled: {error}")
                continue
            with self._engine.changed:
                self._job.arrive(line, arrival.identity)
        for problem in received.unreadable:
            self._reports.log(f"A message can't be read: {problem}")


def announce(role: RoleSession, topic_arn: str, lines: Iterable[str]) -> None:
    """The output topic hears of each object that has a label; raises JobFailedError."""
    for line in lines:
        try:
            role.client("sns").publish(TopicArn=topic_arn, Message=line)
        except (ClientError, BotoCoreError) as error:
            raise client_error(
                f"Unable to publish to the topic {topic_arn} with role {role.role_arn}: "
                f"{said(error)}"
            ) from error
