"""What batches of a job teach each other, kept as one small object per batch.

A batch alone is too small to tell good workers from careless ones, the job's batches together are
not. Each batch writes one object, once: what it had read (`carried`), of which batches that is the
sum (`seen`), and what it learned itself. Nothing is ever overwritten, so batches that run at once
lose nothing: the next one starts from the newest object and adds those the newest hadn't seen.

A batch that Ground Truth repeats finds its own object and takes the same `carried` again, so its
answer is the same, byte for byte. Where the object can't be kept, nothing carried is used either.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from ground_truth.consolidation.tally import (
    NOTHING,
    Tally,
    TallyError,
    added,
    read_tally,
    tally_document,
)
from ground_truth.json_lines import JsonError, read_json

# Objects the newest one hadn't seen were written at the same time: rarely more than a few.
MOST_READ: Final = 50
# Batches that far back are taken as seen, so that an object doesn't grow with the job.
WINDOW: Final = 256


class Store(Protocol):
    """Where the objects lie; names are those of batches."""

    def names(self) -> Sequence[str]:
        """Return what there is, newest first."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return an object; None when there is none."""
        ...

    def create(self, name: str, body: bytes) -> bool:
        """Write an object; false when there is one already."""
        ...


class Memory(Protocol):
    """What a consolidation asks for before, and tells afterwards."""

    def recall(self) -> Tally:
        """Return what other batches have taught."""
        ...

    def keep(self, learned: Tally) -> Tally:
        """Keep what this batch taught; return what it must have been consolidated with."""
        ...


class Learning(Protocol):
    """A consolidation that also tells what it learned."""

    @property
    def learned(self) -> Tally:
        """Return what the batch taught."""
        ...


Found = TypeVar("Found", bound=Learning)


def with_memory(memory: Memory, consolidate: Callable[[Tally], Found]) -> Found:
    """Consolidate a batch with what others have taught, and keep what it teaches."""
    carried = memory.recall()
    found = consolidate(carried)
    settled = memory.keep(found.learned)
    return found if settled == carried else consolidate(settled)


class NoMemory:
    """For batches that know of no others."""

    def recall(self) -> Tally:
        """Return nothing."""
        return NOTHING

    def keep(self, learned: Tally) -> Tally:  # noqa: ARG002 - nothing is kept
        """Return nothing."""
        return NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    carried: Tally
    learned: Tally
    seen: frozenset[str]


class JobMemory:
    """The memory of one batch of a job. Errors of the store and broken objects are its own."""

    def __init__(self, store: Store, batch: str) -> None:
        """Take the batch by what is the same when it is repeated."""
        self._store = store
        self._name = hashlib.sha256(batch.encode()).hexdigest()[:32]
        self._read = _Kept(carried=NOTHING, learned=NOTHING, seen=frozenset())
        self._is_kept = False

    def recall(self) -> Tally:
        """Return the sum of the other batches, or what this one read when it ran before.

        Raises:
            TallyError: this batch's own object is broken.
        """
        own = self._store.read(self._name)
        if own is not None:
            self._read, self._is_kept = _kept(own), True
            return self._read.carried
        names = [name for name in self._store.names() if name != self._name]
        newest = next(((name, kept) for name in names if (kept := self._other(name))), None)
        if newest is None:
            return NOTHING
        latest, kept = newest
        parts, seen = [kept.carried, kept.learned], {latest, *kept.seen}
        for name in [name for name in names[:WINDOW] if name not in seen][:MOST_READ]:
            if missed := self._other(name):
                parts.append(missed.learned)
                seen.add(name)
        # As it will be read when the batch is repeated.
        carried = read_tally(tally_document(added(parts)))
        # Names only move back in the list; twice the window, as those of one second may swap.
        near = frozenset(name for name in names[: 2 * WINDOW] if name in seen)
        self._read = _Kept(carried=carried, learned=NOTHING, seen=near)
        return carried

    def keep(self, learned: Tally) -> Tally:
        """Keep what this batch taught; return what it must have been consolidated with.

        Raises:
            TallyError: another run of this batch kept a broken object.
        """
        if self._is_kept:
            return self._read.carried
        document = {
            "carried": tally_document(self._read.carried),
            "learned": tally_document(learned),
            "seen": sorted(self._read.seen),
        }
        body = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        if self._store.create(self._name, body):
            return self._read.carried
        # the same batch ran at the same time, and was first
        own = self._store.read(self._name)
        return _kept(own).carried if own is not None else NOTHING

    def _other(self, name: str) -> _Kept | None:
        body = self._store.read(name)
        try:
            return _kept(body) if body is not None else None
        except TallyError:
            return None


def _kept(body: bytes) -> _Kept:
    try:
        document = read_json(body)
    except JsonError as error:
        raise TallyError(f"no tally: {error}") from error
    if not isinstance(document, Mapping) or not isinstance(document.get("seen"), list):
        raise TallyError("no tally: it has not seen a list of batches")
    return _Kept(
        carried=read_tally(document.get("carried")),
        learned=read_tally(document.get("learned")),
        seen=frozenset(map(str, document["seen"])),
    )
