"""Partitions on a real scheduler and real workers, with jobs whose answers are plain to see."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cluster.conftest import Cluster, running_cluster
from cluster.stand_ins import Counting

from spatialplan.errors import ClusterError
from spatialplan.runs import agreement
from spatialplan.runs.agreement import require_agreement
from spatialplan.runs.cluster import connect, run_on_cluster


def squares(count: int) -> list[int]:
    return [number**2 for number in range(count)]


def test_every_partition_is_done_once_and_by_both_workers(client: Any, tmp_path: Path) -> None:
    told: list[int] = []
    partitions = range(40)
    found = run_on_cluster(Counting(str(tmp_path)), partitions, client=client, told=told.append)
    assert [outcome.result for outcome in found] == squares(40)
    assert sorted(told) == list(range(40))
    assert len({file.read_text() for file in tmp_path.glob("*.done")}) == 2


def test_what_goes_wrong_with_a_partition_is_said_of_it_alone(client: Any, tmp_path: Path) -> None:
    job = Counting(str(tmp_path), failing=(3,), refusing=(7,), stumbling=(5,))
    found = run_on_cluster(job, range(12), client=client)
    lost = {outcome.partition: outcome for outcome in found if outcome.reason is not None}
    assert lost.keys() == {3, 7}
    assert "by nought" in str(lost[3].reason)
    assert "no geometry" in str(lost[7].reason)
    assert {outcome.result for outcome in lost.values()} == {-1}
    results = [outcome.result for outcome in found if outcome.reason is None]
    assert results == [number**2 for number in range(12) if number not in lost]


def test_a_killed_worker_costs_time_and_no_results(
    cluster: Cluster, client: Any, tmp_path: Path
) -> None:
    victim = cluster.add_worker()
    client.wait_for_workers(3, timeout=120)
    job, count = Counting(str(tmp_path), seconds=0.1), 60
    killer = threading.Thread(target=kill_at_first_result, args=(victim, tmp_path))
    killer.start()
    found = run_on_cluster(job, range(count), client=client)
    killer.join()
    assert victim.wait(timeout=120) != 0
    assert [outcome.result for outcome in found] == squares(count)


def kill_at_first_result(victim: Any, folder: Path) -> None:
    """Kill a worker as soon as it has done something, while it does something else."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(OSError):
            if any(file.read_text() == str(victim.pid) for file in folder.glob("*.done")):
                break
        time.sleep(0.01)
    victim.kill()


def test_a_partition_that_kills_its_workers_is_told_from_its_neighbours(
    tmp_path: Path,
) -> None:
    """Workers that are started again, as those of a cluster are, and die of one partition."""
    with connect("local", tmp_path) as client:
        job = Counting(str(tmp_path), killing=(4,))
        found = run_on_cluster(job, range(9), client=client)
    lost = [outcome for outcome in found if outcome.reason is not None]
    assert [outcome.partition for outcome in lost] == [4]
    assert "died" in str(lost[0].reason)
    assert lost[0].result == -1


@pytest.mark.parametrize(("victim", "told"), [(1, "no worker"), (0, "connection to the scheduler")])
def test_without_workers_or_scheduler_the_rest_is_not_evaluated(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, victim: int, told: str
) -> None:
    with (
        running_cluster(tmp_path_factory.mktemp("lonely"), workers=1) as lonely,
        connect(lonely.address, tmp_path) as client,
    ):
        found = run_on_cluster(
            Counting(str(tmp_path), seconds=0.1),
            range(50),
            client=client,
            told=lambda _: lonely.processes[victim].kill(),
            patience_s=1.0,
        )
    done = [outcome for outcome in found if outcome.reason is None]
    assert 0 < len(done) < 50
    assert len(found) == 50
    assert told in str(found[-1].reason)


def test_machines_that_agree_are_accepted(client: Any, tmp_path: Path) -> None:
    parcels = tmp_path / "parcels.parquet"
    parcels.write_bytes(b"parcels")
    require_agreement(client, tmp_path, [parcels])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["parcels.parquet"]


def test_another_version_is_refused_for_every_machine_that_has_it(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {**agreement.own_versions(), "GEOS": "3.9.0", "spatialplan": "9.0 (abc)"}
    monkeypatch.setattr(agreement, "own_versions", lambda: ours)
    with pytest.raises(ClusterError) as caught:
        require_agreement(client, tmp_path, [])
    told = [fault.text() for fault in caught.value.faults]
    assert len(told) == 2 * 3, "scheduler and two workers, two differences each"
    assert sum(text.startswith("worker tcp://") for text in told) == 4
    assert any("GEOS is 3." in text and "3.9.0 here" in text for text in told)
    assert all("same versions" in text for text in told)


def test_a_folder_that_workers_do_not_see_is_refused(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "_mark", lambda name: "another mark")
    with pytest.raises(ClusterError) as caught:
        require_agreement(client, tmp_path, [])
    assert len(caught.value.faults) == 2
    assert "every machine sees under the same path" in caught.value.text()


def test_a_worker_that_joins_late_with_another_version_judges_nothing(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spatialplan.runs import cluster as driving

    ours = {**agreement.own_versions(), "PROJ": "9.0.0"}
    monkeypatch.setattr(driving, "own_versions", lambda: ours)
    found = run_on_cluster(Counting(str(tmp_path)), range(2), client=client)
    assert all("PROJ is" in str(outcome.reason) for outcome in found)
    assert not list(tmp_path.glob("*.done"))


@pytest.mark.parametrize("address", ["here", "tcp://", "tcp://host", "http://host:80", "tcp://h:p"])
def test_an_address_that_is_none_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(ClusterError) as caught, connect(address, tmp_path):
        pass
    assert "tcp://HOST:PORT" in caught.value.text()


def test_nobody_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spatialplan.runs import cluster as driving

    monkeypatch.setattr(driving, "ANSWER_S", 1)
    with pytest.raises(ClusterError) as caught, connect("tcp://127.0.0.1:1", tmp_path):
        pass
    assert "dask scheduler" in caught.value.text()


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError) as caught, connect("local", tmp_path):
        pass
    assert "spatialplan[dask]" in caught.value.text()
