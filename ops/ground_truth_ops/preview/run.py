"""Starts a preview, keeps it up to date, and leaves nothing behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ground_truth_local.portal.origins import Origins
from ground_truth_ops.errors import OpsError
from ground_truth_ops.preview.function import task_root
from ground_truth_ops.preview.pages import CDN, Pages, new_frames
from ground_truth_ops.preview.server import (
    LOOPBACK,
    Changes,
    Ipv6Server,
    ObjectHandler,
    PageHandler,
    Server,
)
from ground_truth_ops.preview.store import Store
from ground_truth_ops.preview.watch import LOOK_SECONDS, Watch
from ground_truth_ops.preview.workshop import Workshop
from ground_truth_ops.project import make_importable


class PreviewError(OpsError):
    """The preview can't start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A preview that answers at `url`."""

    url: str
    ended: threading.Event


@contextmanager
def preview(
    root: Path, campaign: str, *, port: int = 0, own_elements: bool = True
) -> Iterator[Running]:
    """Serve a campaign of a project until the block ends, or the process that started this one."""
    make_importable(root)
    folder = root / "campaigns" / campaign
    if not (folder / "campaign.toml").is_file():
        raise PreviewError(f"got campaign {campaign!r}, allowed a folder of campaigns/; correct it")
    store = Store()
    objects = _listening(Server((LOOPBACK, 0), ObjectHandler), store)
    store.address = f"http://{LOOPBACK}:{objects.port}"
    workshop = Workshop(root, campaign, store)
    servers = [objects, *_page_servers(port, store, workshop, own_elements=own_elements)]
    changes, ended = servers[1].changes, threading.Event()
    threads = [threading.Thread(target=each.serve_forever, args=(0.1,)) for each in servers]
    threads.append(threading.Thread(target=_follow, args=(folder, workshop, changes, ended)))
    for thread in threads:
        thread.start()
    try:
        yield Running(url=f"{servers[1].pages.origins.portal}/", ended=ended)
    finally:
        ended.set()
        changes.announce(closing=True)
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()
        workshop.stop()


def _listening(server: Server, store: Store) -> Server:
    server.store = store
    return server


def _page_servers(
    port: int, store: Store, workshop: Workshop, *, own_elements: bool
) -> list[Server]:
    try:
        first = Server((LOOPBACK, port), PageHandler)
    except OSError as error:
        raise PreviewError(f"port {port} can't be used: {error.strerror}; name another") from error
    found = [first]
    with suppress(OSError):  # no IPv6, or somebody else's port there
        found.append(Ipv6Server(("::1", first.port), PageHandler))
    origins = Origins(port=first.port, media=store.address, elements=None if own_elements else CDN)
    pages = Pages(
        workshop=workshop, origins=origins, own_elements=own_elements, frames=new_frames()
    )
    changes = Changes()
    for server in found:
        server.pages, server.workshop, server.changes = pages, workshop, changes
    return found


def _follow(folder: Path, workshop: Workshop, changes: Changes, ended: threading.Event) -> None:
    """Tell the page of every change of the campaign and of the functions, until all ends."""
    parent = os.getppid()
    campaign, code = Watch([folder]), Watch([task_root()])
    while not ended.wait(LOOK_SECONDS):
        if os.getppid() != parent:
            ended.set()
        code_changed = code.changed()
        if campaign.changed() or code_changed:
            workshop.refresh(code_changed=code_changed)
            changes.announce()
