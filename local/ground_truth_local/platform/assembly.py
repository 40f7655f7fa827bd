"""Put the parts together: the mended gateway with our service in it, the portal, the media door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ground_truth_local.faults.calls import answer_status, around_calls
from ground_truth_local.faults.control import with_control
from ground_truth_local.faults.jobs import RuledJobs
from ground_truth_local.faults.rules import Rules
from ground_truth_local.platform import environment, hooks, mends, sagemaker_api, sagemaker_types
from ground_truth_local.platform.clients import Clients
from ground_truth_local.platform.deployer.authorization import Authorization
from ground_truth_local.platform.embedded import EmbeddedPlatform
from ground_truth_local.platform.hooks import calls, custom_resources, identity, services
from ground_truth_local.platform.media import media_application
from ground_truth_local.platform.port import ServiceConfig
from ground_truth_local.platform.saving import Saver
from ground_truth_local.portal.app import create_app
from ground_truth_local.service import GroundTruth, KeptIn
from ground_truth_local.service.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from ground_truth_local.platform.certificate import TlsFiles
    from ground_truth_local.platform.environment import RootKey
    from ground_truth_local.platform.port import GroundTruthService


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything listens."""

    endpoint: str
    portal_domain: str
    media: str

    @property
    def portal(self) -> str:
        return f"http://{self.portal_domain}"

    @property
    def mailbox(self) -> str:
        return f"{self.portal}/mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Three ASGI applications and the service behind them."""

    gateway: Any
    portal: Any
    media: Any
    service: GroundTruthService
    saver: Saver | None = None


def assemble(
    *,
    region: str,
    seed: int,
    addresses: Addresses,
    root: RootKey,
    tls: TlsFiles,
    faults_token: str | None = None,
    kept_in: Path | None = None,
) -> Parts:
    """Call it once per process, with the server's variables in the environment.

    With a token local AWS can be told to misbehave by whoever holds it. With a file to be `kept_in`
    the service goes on where it was, and so does the embedded AWS.
    """
    hooks.check()
    saver = _saver() if kept_in else None
    identity.trust_only_root_key(root.access_key_id)
    platform = EmbeddedPlatform(
        region=region,
        account_id=environment.ACCOUNT_ID,
        endpoint_url=addresses.endpoint,
        media_url=addresses.media,
        clients=Clients(
            region=region, endpoint=addresses.endpoint, root=root, authority=tls.authority
        ),
        password_chosen=(lambda: saver.now("cognito")) if saver else None,
    )
    rules, clock = Rules(), SystemClock(platform.now)
    service = GroundTruth(
        platform,
        addresses.portal_domain,
        ServiceConfig(seed=seed),
        clock=clock,
        faults=RuledJobs(rules) if faults_token else None,
        kept=KeptIn(kept_in, saver.everything) if kept_in and saver else None,
    )
    mends.install(
        account=platform.account_id,
        region=platform.region,
        partition=platform.partition,
        hidden=environment.SERVER_ONLY,
    )
    root_arn = f"arn:{platform.partition}:iam::{platform.account_id}:root"
    sagemaker_api.install(lambda: service, partition=platform.partition)
    sagemaker_types.install(lambda: service, caller=lambda: root_arn)
    Authorization(
        partition=platform.partition, region=platform.region, account=platform.account_id
    ).install()
    gateway = services.application()
    if faults_token:
        calls.put_around_calls(around_calls(rules))
        custom_resources.refuse_answers(answer_status(rules))

        def move_clock(by: timedelta) -> None:
            clock.move(by)
            service.look_again()

        gateway = with_control(gateway, rules, faults_token, move_clock=move_clock)
    if saver:
        gateway = saver.around(gateway)
    return Parts(
        gateway=gateway,
        portal=create_app(
            platform=platform,
            service=service,
            portal_domain=addresses.portal_domain,
            kept=service.kept,
        ),
        media=media_application(gateway),
        service=service,
        saver=saver,
    )


def _saver() -> Saver:
    hooks.keeping.keep_mails()
    hooks.keeping.end_what_was_cut_off()
    hooks.keeping.write_nothing_by_itself()
    return Saver()
