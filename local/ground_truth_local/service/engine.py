"""The threads behind running jobs: one per job, a small pool for calls, one for telemetry."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Condition, Thread
from typing import TYPE_CHECKING

from ground_truth_local.service.telemetry import Telemetry

if TYPE_CHECKING:
    from ground_truth_local.service.context import Context

_BUSY = -1


class EngineStoppedError(Exception):
    """The service is shutting down; a runner leaves its job as it is."""


class Token:
    """Stands for one job's loop."""


class Engine:
    """Threads wait on one condition over the service's lock; nothing polls."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.changed = Condition(context.lock)
        self.telemetry = Telemetry(context.platform)
        self._quiet = Condition(context.lock)
        self._version = 0
        self._seen: dict[Token, int] = {}
        self._tasks = 0
        self._threads: list[Thread] = []
        self._queued: list[tuple[str, Callable[[Token], None]]] = []
        self._pool: ThreadPoolExecutor | None = None
        self._stopping = False

    def start(self) -> None:
        """Start, and with it the jobs created before."""
        with self.changed:
            self._stopping, self._tasks = False, 0
            self._pool = ThreadPoolExecutor(
                max_workers=self._context.tuning.threads, thread_name_prefix="ground-truth"
            )
            self.telemetry.start()
            queued, self._queued = self._queued, []
            for name, target in queued:
                self.run(name, target)

    def stop(self) -> None:
        """End every thread; calls under way are waited for, none is begun."""
        with self.changed:
            self._stopping = True
            pool, self._pool = self._pool, None
            threads, self._threads = self._threads, []
            self.notify()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
        for thread in threads:
            thread.join()
        self.telemetry.stop()

    def run(self, name: str, target: Callable[[Token], None]) -> None:
        """Run a job's loop in a thread of its own, once the engine has started."""
        with self.changed:
            if self._pool is None:
                self._queued.append((name, target))
                return
            token = Token()
            thread = Thread(target=self._loop, args=(token, target), name=name, daemon=True)
            self._seen[token] = _BUSY
            self._threads = [known for known in self._threads if known.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _loop(self, token: Token, target: Callable[[Token], None]) -> None:
        try:
            target(token)
        finally:
            with self.changed:
                del self._seen[token]
                self._quiet.notify_all()

    def spawn(self, task: Callable[[], None]) -> None:
        """Run a call in the pool. The task mustn't raise."""
        with self.changed:
            if self._pool is None:
                raise EngineStoppedError
            self._tasks += 1
            self._pool.submit(self._task, task)

    def _task(self, task: Callable[[], None]) -> None:
        try:
            if not self._stopping:
                task()
        finally:
            with self.changed:
                self._tasks -= 1
                self.notify()

    def notify(self) -> None:
        """Something changed; called with the lock held."""
        self._version += 1
        self.changed.notify_all()
        self._quiet.notify_all()

    def pause(self, token: Token, until: datetime | None) -> None:
        """A loop has nothing to do before `until` or the next change; called with the lock."""
        self.check()
        self._seen[token] = self._version
        self._quiet.notify_all()
        self._context.clock.wait(self.changed, until)
        self._seen[token] = _BUSY
        self.check()

    def check(self) -> None:
        """Raise EngineStoppedError while the service shuts down."""
        if self._stopping:
            raise EngineStoppedError

    def settle(self, timeout: float) -> bool:
        """Let every loop look at the time, and wait until none has anything to do."""
        with self.changed:
            self.notify()
            quiet = self._quiet.wait_for(self._at_rest, timeout)
        return quiet and self.telemetry.drain(timeout)

    def _at_rest(self) -> bool:
        return not self._tasks and all(seen == self._version for seen in self._seen.values())
