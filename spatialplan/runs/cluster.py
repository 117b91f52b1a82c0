"""A judgement driven over partitions on the workers of a Dask cluster.

A task is one partition; it is told paths and small values, reads for itself, and returns a small
value. A bounded number of tasks is out at a time, so that a nation's partitions do not weigh on the
scheduler. What goes wrong with one partition is said of it, with its rows, and the rest completes:

- an exception in it leaves it not evaluated; one of reading or writing is tried again first;
- a worker that dies gives its partitions back, and Dask hands them to others. Dask blames all that
  a dead worker had before it; so what it has given up is tried once more, alone. A partition that
  kills its workers then too is not evaluated;
- a cluster without any worker for a while leaves the rest not evaluated.
"""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar
from uuid import uuid4

from spatialplan.errors import ClusterError, Fault, SpatialplanError
from spatialplan.messages import Message, say
from spatialplan.runs.agreement import Versions, find_difference, own_versions
from spatialplan.threads import THREADS_VARIABLE, thread_count

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["LOCAL", "Outcome", "PartitionJob", "connect", "require_address", "run_on_cluster"]

LOCAL = "local"
SCHEMES = ("tcp://", "tls://")

# How long a scheduler may take to answer, and how long a cluster may be without a worker, as while
# machines start or a killed worker is started again.
ANSWER_S = 15
PATIENCE_S = 60.0

# Tasks out for every thread of a worker: one is worked on while the next is on its way.
TASKS_PER_THREAD = 2
# A network folder that does not answer for a moment is asked again.
RETRIES = 2
# The client looks at this pace whether there still are workers.
LOOK_S = 2.0

End = Literal["done", "killed", "later"]


Part = TypeVar("Part")
Result = TypeVar("Result")
Part_contra = TypeVar("Part_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Told = Callable[[int], None]


class PartitionJob(Protocol[Part_contra, Result_co]):
    """What a worker does with a partition; both are small, and sent with every task."""

    def judge(self, partition: Part_contra) -> Result_co:
        """Read and judge a partition, write what is found, and return what the client needs."""

    def leave_open(self, partition: Part_contra, why: Message) -> Result_co:
        """Return what stands for a partition that could not be judged; runs here, not there."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Part, Result]):
    """What became of a partition; with a reason the result only stands for it."""

    partition: Part
    result: Result
    reason: Message | None = None


@contextmanager
def connect(scheduler: str, folder: Path) -> Iterator[Client]:
    """Connect to a scheduler that has workers, or start workers here for ``local``.

    Parameters
    ----------
    scheduler
        ``tcp://HOST:PORT``, ``tls://HOST:PORT`` or ``local``.
    folder
        For what workers that are started here put aside.

    Raises
    ------
    ClusterError
        If the extra is missing, the address is none, nobody answers, or there is no worker.
    """
    distributed = _load_distributed()
    _hush()
    with ExitStack() as stack:
        if scheduler == LOCAL:
            address = stack.enter_context(_start_local(distributed, folder)).scheduler_address
        else:
            address = require_address(scheduler)
        try:
            client = distributed.Client(address, timeout=ANSWER_S)
        except (OSError, TimeoutError) as error:
            raise _unreachable(scheduler, "cluster.no_answer", error) from None
        stack.enter_context(client)
        try:
            client.wait_for_workers(1, timeout=ANSWER_S)
        except TimeoutError as error:
            raise _unreachable(scheduler, "cluster.no_workers", error) from None
        yield client


def run_on_cluster(
    job: PartitionJob[Part, Result],
    partitions: Sequence[Part],
    *,
    client: Client,
    told: Told = lambda _: None,
    patience_s: float = PATIENCE_S,
) -> list[Outcome[Part, Result]]:
    """Run a job on every partition.

    Parameters
    ----------
    job
        Sent to workers as it is.
    partitions
        Of a file that workers see under the same path.
    client
        From `connect`; its workers agreed with `spatialplan.runs.agreement.require_agreement`.
    told
        Called with the position of every partition that is done.
    patience_s
        How long to wait while there is no worker at all.

    Returns
    -------
    outcomes
        One a partition, in their order.
    """
    run = _Run(job, partitions, client, told, patience_s)
    killed = run.work_off(range(len(partitions)), at_once=None)
    for position in run.work_off(killed, at_once=1):
        run.give_up(position, say("cluster.killed"))
    return [run.outcomes[position] for position in range(len(partitions))]


class _Run(Generic[Part, Result]):
    """One job on its way through a cluster; partitions are known by their position."""

    def __init__(
        self,
        job: PartitionJob[Part, Result],
        partitions: Sequence[Part],
        client: Client,
        told: Told,
        patience_s: float,
    ) -> None:
        self.job, self.partitions, self.client = job, partitions, client
        self.told, self.patience_s = told, patience_s
        self.outcomes: dict[int, Outcome[Part, Result]] = {}
        self.last_seen = time.monotonic()
        self.name = ""

    def work_off(self, positions: Iterable[int], *, at_once: int | None) -> list[int]:
        """Run the job on partitions; return those whose workers died too often."""
        waiting, killed = deque(positions), []
        out: dict[Future, int] = {}
        self.name = uuid4().hex  # many may use a scheduler, and a lost task is asked for anew
        while waiting or out:
            threads = self._count_threads()
            why = self._why_abandoned(threads)
            if why is not None:
                for position in (*out.values(), *waiting):
                    self.give_up(position, why)
                break
            room = (at_once or max(TASKS_PER_THREAD * threads, 1)) - len(out)
            for _ in range(min(room, len(waiting))):
                position = waiting.popleft()
                out[self._submit(position)] = position
            for future in self._wait(out):
                end = self._collect(future, out[future])
                if end == "killed":
                    killed.append(out[future])
                if end != "later":
                    del out[future]
        return killed

    def give_up(self, position: int, reason: Message) -> None:
        """Note a partition as not evaluated."""
        self._note(position, self.job.leave_open(self.partitions[position], reason), reason)

    def _submit(self, position: int) -> Future:
        return self.client.submit(
            judge_on_worker,
            self.job,
            self.partitions[position],
            own_versions(),
            key=f"spatialplan-{self.name}-{position}",
            retries=RETRIES,
            pure=False,
        )

    def _wait(self, out: dict[Future, int]) -> list[Future]:
        from distributed import wait

        # Tasks are cancelled where the scheduler is lost; each is looked at by itself.
        with suppress(TimeoutError, CancelledError):
            wait(list(out), timeout=LOOK_S, return_when="FIRST_COMPLETED")
        return [future for future in out if future.done()]

    def _collect(self, future: Future, position: int) -> End:
        """Take what came of a partition, if it can be had by now."""
        from distributed import KilledWorker

        if future.status == "finished":
            try:
                found = future.result(timeout=LOOK_S)
            except TimeoutError:
                return "later"  # the worker that held the result has died; it is worked out anew
            if isinstance(found, Message):
                self.give_up(position, found)
            else:
                self._note(position, found, None)
            return "done"
        error = future.exception() if future.status == "error" else None
        if error is None or isinstance(error, KilledWorker):
            return "killed"
        reason = f"{type(error).__name__}: {error}"
        self.give_up(position, say("cluster.broken", reason=reason))
        return "done"

    def _note(self, position: int, result: Result, reason: Message | None) -> None:
        self.outcomes[position] = Outcome(self.partitions[position], result, reason)
        self.told(position)

    def _count_threads(self) -> int:
        """Count the threads of all workers; none where the scheduler itself is gone."""
        try:
            return sum(self.client.nthreads().values())
        except OSError:
            return 0

    def _why_abandoned(self, threads: int) -> Message | None:
        """Say why nothing more will come; None while something may."""
        now = time.monotonic()
        if threads:
            self.last_seen = now
        if self.client.status != "running":
            return say("cluster.scheduler_gone")
        if now - self.last_seen > self.patience_s:
            return say("cluster.all_gone", seconds=f"{self.patience_s:.0f}")
        return None


def judge_on_worker(job: PartitionJob[Any, Any], partition: Any, expected: Versions) -> Any:
    """Do one task on a worker: return its result, or a message that says why there is none.

    The worker may have joined after versions were compared.
    """
    os.environ.setdefault(THREADS_VARIABLE, "1")
    for difference in find_difference(own_versions(), expected):
        return difference
    try:
        return job.judge(partition)
    except OSError:
        raise  # a folder that does not answer: Dask tries again
    except SpatialplanError as error:
        return error.faults[0].message
    except Exception as error:
        # Whatever it is, it concerns these parcels; the others are judged.
        logging.getLogger("spatialplan").exception("%s", partition)
        return say("cluster.broken", reason=f"{type(error).__name__}: {error}")


def _load_distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise ClusterError(Fault("--scheduler", say("cluster.extra_missing"))) from None
    return distributed


def _hush() -> None:
    """Keep Dask from telling on the screen what faults and outcomes tell in its place."""
    from distributed.versions import VersionMismatchWarning

    warnings.simplefilter("ignore", VersionMismatchWarning)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"distributed", "tornado"}:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _start_local(distributed: Any, folder: Path) -> Any:
    return distributed.LocalCluster(
        n_workers=thread_count(),
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(folder),
        env={THREADS_VARIABLE: "1"},
        silence_logs=logging.CRITICAL,
        scheduler_kwargs={
            # One death is enough to be tried alone: here nobody unplugs machines.
            "allowed_failures": 0,
            # Served even without a dashboard; else on a port that another one may have taken.
            "dashboard_address": "127.0.0.1:0",
        },
    )


def require_address(scheduler: str) -> str:
    """Return the address of a scheduler, or ``local``.

    Raises
    ------
    ClusterError
        If it is neither.
    """
    host, _, port = scheduler.partition("://")[2].rpartition(":")
    is_address = scheduler.startswith(SCHEMES) and host and port.isdecimal()
    if scheduler != LOCAL and not is_address:
        raise ClusterError(Fault("--scheduler", say("cluster.no_address", found=scheduler)))
    return scheduler


def _unreachable(scheduler: str, key: str, error: BaseException) -> ClusterError:
    message = say(key, address=scheduler, seconds=ANSWER_S, reason=str(error).split("\n")[0])
    return ClusterError(Fault("--scheduler", message))
