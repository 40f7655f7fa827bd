"""Local AWS as one process: the gateway with our service in it, the portal, and the media door."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, NoReturn

from ground_truth_local.platform import environment, serving, sockets
from ground_truth_local.platform.certificate import make_tls_files
from ground_truth_local.platform.port import PlatformError
from ground_truth_local.platform.state import AlreadyRunningError, State, StateFolder

if TYPE_CHECKING:
    from ground_truth_local.platform.assembly import Addresses, Parts

_GRACE_SECONDS = 1.0
_WATCH_SECONDS = 0.5
# How long a function's process may sit idle: each holds an SDK in memory.
_FUNCTION_IDLE_SECONDS = 30.0


class LauncherError(Exception):
    """Local AWS cannot start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """0 as a port takes a free one."""

    state_dir: Path
    port: int = 0
    portal_port: int = 0
    media_port: int = 0
    region: str = "us-east-1"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listeners:
    gateway: list[socket]
    portal: list[socket]
    media: list[socket]


def run(options: Options) -> NoReturn:
    """Serve until a signal comes or the state file is taken away, then end the process."""
    folder = StateFolder(options.state_dir)
    try:
        folder.claim()
        listeners = _listen(options)
    except (AlreadyRunningError, sockets.PortInUseError, OSError) as problem:
        raise LauncherError(str(problem)) from problem
    # resolved: on some systems the temporary folder is a link, and paths are compared
    temporary = Path(tempfile.mkdtemp(prefix="ground-truth-local-")).resolve()
    launch = _Launch(options, folder, listeners, temporary)
    try:
        asyncio.run(launch.serve())
    except (PlatformError, OSError) as problem:
        launch.remove_files()
        raise LauncherError(str(problem)) from problem
    except BaseException:
        launch.remove_files()
        raise
    launch.leave(0)


def _listen(options: Options) -> _Listeners:
    portal = sockets.listen(options.portal_port)
    second = sockets.also_on_ipv6(sockets.port_of(portal))
    return _Listeners(
        gateway=[sockets.listen(options.port)],
        portal=[portal, second] if second else [portal],
        media=[sockets.listen(options.media_port)],
    )


class _Launch:
    """One run, from bound sockets to an empty temporary folder."""

    def __init__(
        self, options: Options, folder: StateFolder, listeners: _Listeners, temporary: Path
    ) -> None:
        self._options = options
        self._folder = folder
        self._listeners = listeners
        self._temporary = temporary
        self._root = environment.make_root_key()
        self._tls = make_tls_files(temporary / "tls")
        self._stop = asyncio.Event()
        self._announced = False
        self._kill_functions: Callable[[], None] = lambda: None

    async def serve(self) -> None:
        """Everything from the first import to the last answer; leaves the process by `leave`."""
        self._handle_signals(asyncio.get_running_loop())
        addresses, parts = self._assemble()
        servers = [
            asyncio.create_task(server)
            for server in (
                self._server(parts.gateway, self._listeners.gateway, secure=True),
                self._server(parts.portal, self._listeners.portal),
                self._server(parts.media, self._listeners.media),
            )
        ]
        watch = asyncio.create_task(self._watch())
        ready = asyncio.create_task(self._make_ready(parts, addresses))
        stopped = asyncio.create_task(self._stop.wait())
        pending: set[asyncio.Task[object]] = {ready, stopped, *servers}  # type: ignore[arg-type]
        while not stopped.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a server that ended by itself, or one that never got ready
        watch.cancel()
        await self._wind_down(parts, servers)
        self.leave(0)

    def _handle_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not the loop's own handlers: a second signal must work when the loop is stuck.
        def on_signal(_number: int, _frame: object) -> None:
            if self._stop.is_set():
                self.leave(130)
            loop.call_soon_threadsafe(self._stop.set)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, on_signal)

    def _assemble(self) -> tuple[Addresses, Parts]:
        server = environment.server(
            region=self._options.region,
            port=sockets.port_of(self._listeners.gateway[0]),
            root=self._root,
            tls=self._tls,
            temporary=self._temporary,
        )
        os.environ.update(server)
        tempfile.tempdir = str(self._temporary)
        # only now: ministack reads its settings as it is imported
        from ground_truth_local.platform import assembly, hooks

        def address(listeners: list[socket]) -> str:
            return f"127.0.0.1:{sockets.port_of(listeners[0])}"

        addresses = assembly.Addresses(
            endpoint=f"https://{address(self._listeners.gateway)}",
            portal_domain=address(self._listeners.portal),
            media=f"http://{address(self._listeners.media)}",
        )
        parts = assembly.assemble(
            region=self._options.region,
            seed=self._options.seed,
            addresses=addresses,
            root=self._root,
            tls=self._tls,
        )
        self._kill_functions = hooks.kill_functions
        return addresses, parts

    async def _server(self, application: object, at: list[socket], *, secure: bool = False) -> None:
        await serving.serve(
            application,
            at,
            tls=self._tls if secure else None,
            grace_seconds=_GRACE_SECONDS,
            until=self._stop.wait,
        )

    async def _make_ready(self, parts: Parts, addresses: Addresses) -> None:
        """Announce only what answers."""
        for url in (f"{addresses.endpoint}/_ministack/health", f"{addresses.portal}/healthz"):
            await asyncio.to_thread(serving.answers, url, self._tls.authority)
        await asyncio.to_thread(parts.service.start)
        values = environment.client(
            region=self._options.region,
            endpoint=addresses.endpoint,
            root=self._root,
            tls=self._tls,
            portal=addresses.portal,
            cdk_home=self._temporary / "cdk",
        )
        state = State(
            pid=os.getpid(),
            endpoint=addresses.endpoint,
            portal_url=addresses.portal,
            media_url=addresses.media,
            mailbox_url=addresses.mailbox,
            region=self._options.region,
            account=environment.ACCOUNT_ID,
            version=version("ground-truth-local"),
        )
        self._folder.write(state, environment.shell(values))
        self._announced = True
        sys.stdout.write(
            f"Local AWS is running (process {os.getpid()}).\n\n"
            f"  worker portal  {addresses.portal}/\n"
            f"  mail box       {addresses.mailbox}\n"
            f"  AWS endpoint   {addresses.endpoint}\n\n"
            f"In another shell:  source {self._folder.env_file}\n"
            "Then any AWS client works against it. Ctrl-C stops it and leaves nothing behind.\n"
        )
        sys.stdout.flush()

    async def _watch(self) -> None:
        """Stop when the state file is taken away; end processes of functions that nobody uses."""
        from ground_truth_local.platform import hooks

        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._announced and not self._folder.is_ours():
                self._stop.set()
            await asyncio.to_thread(hooks.stop_idle_functions, _FUNCTION_IDLE_SECONDS)

    async def _wind_down(self, parts: Parts, servers: list[asyncio.Task[None]]) -> None:
        """Bounded: a custom resource that waits for its answer would otherwise hold us for an hour."""
        stop = asyncio.create_task(asyncio.to_thread(parts.service.stop))
        await asyncio.wait([stop, *servers], timeout=2 * _GRACE_SECONDS)

    def remove_files(self) -> None:
        self._kill_functions()
        self._folder.release()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def leave(self, code: int) -> NoReturn:
        """End at once: threads that wait for functions or for people cannot be joined."""
        self.remove_files()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
