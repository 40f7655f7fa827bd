"""Local AWS as one process: the gateway with our service in it, the portal, and the media door."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import ssl
import sys
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from socket import socket
from typing import NoReturn

from ground_truth_local.faults import control
from ground_truth_local.platform import environment, serving, sockets
from ground_truth_local.platform.assembly import Parts, assemble
from ground_truth_local.platform.certificate import tls_files
from ground_truth_local.platform.hooks import functions
from ground_truth_local.platform.kept import Before, KeptElsewhereError, KeptFolder, KeptInUseError
from ground_truth_local.platform.listeners import Listeners, listen
from ground_truth_local.platform.port import PlatformError
from ground_truth_local.platform.state import AlreadyRunningError, State, StateFolder
from ground_truth_local.service.kept import NotKeptError

_GRACE_SECONDS = 0.3
_STOP_SECONDS = 1.5
_WATCH_SECONDS = 0.5
# How long a function's process may sit idle, its first and any further: some hold an SDK in memory.
_FIRST_IDLE_SECONDS = 2.5
_FURTHER_IDLE_SECONDS = 1.5


class LauncherError(Exception):
    """Local AWS cannot start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """0 as a port takes the one of the run before that was kept, else a free one.

    With `keep` the next run goes on where this one ends; `faults` lets tests make local AWS
    misbehave.
    """

    state_dir: Path
    port: int = 0
    portal_port: int = 0
    media_port: int = 0
    region: str = "us-east-1"
    seed: int = 0
    faults: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class _Places:
    temporary: Path
    root: environment.RootKey
    kept: KeptFolder | None


def run(options: Options) -> NoReturn:
    """Serve until a signal comes or the state file is taken away, then end the process."""
    folder = StateFolder(options.state_dir)
    kept = KeptFolder(options.state_dir) if options.keep else None
    before = Before(root=environment.make_root_key(), region=options.region)
    try:
        folder.claim()
        before = kept.before(options.region) if kept else before
        listeners = listen(
            gateway=options.port or before.port,
            portal=options.portal_port or before.portal_port,
            media=options.media_port or before.media_port,
        )
    except (
        AlreadyRunningError,
        KeptElsewhereError,
        KeptInUseError,
        sockets.PortInUseError,
        OSError,
    ) as problem:
        raise LauncherError(str(problem)) from problem
    # resolved: on some systems the temporary folder is a link, and paths are compared
    temporary = Path(tempfile.mkdtemp(prefix="ground-truth-local-")).resolve()
    if kept:
        kept.note(listeners.noted(before, temporary))
    launch = _Launch(options, folder, listeners, _Places(temporary, before.root, kept))
    try:
        asyncio.run(launch.serve())
    except (PlatformError, NotKeptError, OSError) as problem:
        launch.remove_files()
        raise LauncherError(str(problem)) from problem
    except BaseException:
        launch.remove_files()
        raise
    launch.leave(0)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Pass over clients that went away without closing their connection, as SDKs' pools do."""
    if not isinstance(context.get("exception"), (ssl.SSLError, ConnectionError, TimeoutError)):
        loop.default_exception_handler(context)


def _stop(parts: Parts) -> None:
    parts.service.stop()
    if parts.saver:
        parts.saver.stop()


class _Launch:
    """One run, from bound sockets to an empty temporary folder."""

    def __init__(
        self,
        options: Options,
        folder: StateFolder,
        listeners: Listeners,
        places: _Places,
    ) -> None:
        self._options = options
        self._folder = folder
        self._listeners = listeners
        self._temporary = temporary = places.temporary
        self._addresses = listeners.addresses()
        self._root = places.root
        self._kept = kept = places.kept
        self._faults_token = secrets.token_urlsafe(24) if options.faults else None
        self._tls = tls_files(kept.tls if kept else temporary / "tls")
        self._stop = asyncio.Event()
        self._gateway_answers = asyncio.Event()
        self._announced = False

    async def serve(self) -> None:
        """Everything from the first import of ministack to the last answer."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_report)
        self._handle_signals(loop)
        self._become_server()
        parts = assemble(
            region=self._options.region,
            seed=self._options.seed,
            addresses=self._addresses,
            root=self._root,
            tls=self._tls,
            faults_token=self._faults_token,
            kept_in=self._kept.service if self._kept else None,
        )
        servers = [
            asyncio.create_task(self._server(parts.gateway, self._listeners.gateway, secure=True)),
            asyncio.create_task(self._server(parts.portal, self._listeners.portal)),
            asyncio.create_task(self._server(parts.media, self._listeners.media)),
        ]
        others: list[Awaitable[None]] = [self._make_ready(parts), self._watch()]
        tasks = [*servers, *(asyncio.ensure_future(other) for other in others)]
        stopped = asyncio.ensure_future(self._wait_for_stop())
        pending = {stopped, *tasks}
        while not stopped.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # raises what ended a server, or kept it from getting ready
        await self._wind_down(parts, servers)
        self.leave(0)

    def _handle_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not the loop's own handlers: a second signal must work when the loop is stuck.
        def on_signal(_number: int, _frame: object) -> None:
            if self._stop.is_set():
                self.leave(130)
            loop.call_soon_threadsafe(self._stop.set)

        # SIGINT even where a script's shell had it ignored for a command in the background:
        # nothing may stay behind. A hang-up only where nohup didn't ask otherwise.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, on_signal)

    def _become_server(self) -> None:
        """Set what ministack reads as it is imported, which happens after this."""
        os.environ.update(
            environment.server(
                region=self._options.region,
                port=sockets.port_of(self._listeners.gateway[0]),
                root=self._root,
                tls=self._tls,
                temporary=self._temporary,
            )
            | (self._kept.server() if self._kept else {})
        )
        tempfile.tempdir = str(self._temporary)

    async def _server(self, application: object, at: list[socket], *, secure: bool = False) -> None:
        if not secure:  # a portal without its user pool would turn people away
            await self._until_gateway_answers()
        await serving.serve(
            application,
            at,
            tls=self._tls if secure else None,
            grace_seconds=_GRACE_SECONDS,
            until=self._stop.wait,
        )

    async def _until_gateway_answers(self) -> None:
        waits = [asyncio.ensure_future(e.wait()) for e in (self._gateway_answers, self._stop)]
        _, others = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()

    async def _wait_for_stop(self) -> None:
        await self._stop.wait()

    async def _make_ready(self, parts: Parts) -> None:
        """Announce only what answers."""
        at = self._addresses
        for url in (f"{at.endpoint}/_ministack/health", f"{at.portal}/healthz"):
            await asyncio.to_thread(serving.answers, url, self._tls.authority)
            self._gateway_answers.set()
        if parts.saver:
            parts.saver.start()
        await asyncio.to_thread(parts.service.start)
        values = environment.client(
            region=self._options.region,
            endpoint=at.endpoint,
            root=self._root,
            tls=self._tls,
            portal=at.portal,
            cdk_home=self._kept.cdk_home if self._kept else self._temporary / "cdk",
        )
        state = State(
            pid=os.getpid(),
            endpoint=at.endpoint,
            portal_url=at.portal,
            media_url=at.media,
            mailbox_url=at.mailbox,
            region=self._options.region,
            account=environment.ACCOUNT_ID,
            version=version("ground-truth-local"),
            faults=self._faults(),
        )
        self._folder.write(state, environment.shell(values))
        self._announced = True
        sys.stdout.write(
            f"Local AWS is running (process {os.getpid()}).\n\n"
            f"  worker portal  {at.portal}/\n"
            f"  mail box       {at.mailbox}\n"
            f"  AWS endpoint   {at.endpoint}\n\n"
            f"In another shell:  unset {' '.join(environment.OVERRIDES)}; "
            f"source {self._folder.env_file}\n"
            f"Then any AWS client works against it. {self._what_stays()}\n"
        )
        sys.stdout.flush()

    def _what_stays(self) -> str:
        if self._kept is None:
            return "Ctrl-C stops it and leaves nothing behind."
        return "Ctrl-C stops it; the next start goes on where it was, also after a crash."

    def _faults(self) -> dict[str, str] | None:
        if self._faults_token is None:
            return None
        return {"url": f"{self._addresses.endpoint}{control.PATH}", "token": self._faults_token}

    async def _watch(self) -> None:
        """Stop when the state file is taken away; end processes of functions that nobody uses."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._announced and not self._folder.is_ours():
                self._stop.set()
            await asyncio.to_thread(
                functions.stop_idle_functions,
                first_seconds=_FIRST_IDLE_SECONDS,
                further_seconds=_FURTHER_IDLE_SECONDS,
            )

    async def _wind_down(self, parts: Parts, servers: list[asyncio.Task[None]]) -> None:
        """Bounded: a custom resource waiting for its answer would otherwise hold us an hour."""
        stop = asyncio.create_task(asyncio.to_thread(_stop, parts))
        await asyncio.wait([stop, *servers], timeout=_STOP_SECONDS)

    def remove_files(self) -> None:
        functions.kill_functions()
        self._folder.release()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def leave(self, code: int) -> NoReturn:
        """End at once: threads that wait for functions or for people cannot be joined."""
        self.remove_files()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
