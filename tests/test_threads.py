"""Tasks beside one another: the same answers as one after another, and no error lost."""

from __future__ import annotations

import threading

import pytest

from spatialplan.threads import THREADS_VARIABLE, beside


@pytest.mark.parametrize("threads", ["1", "2"])
def test_answers_come_to_those_who_ask(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, threads)
    with beside() as begin:
        squares = [begin(lambda number=number: number**2) for number in range(9)]
        assert [square() for square in reversed(squares)] == [64, 49, 36, 25, 16, 9, 4, 1, 0]


def test_tasks_run_while_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other; one after another they would wait for ever."""
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    here, there = threading.Event(), threading.Event()
    with beside() as begin:
        answer = begin(lambda: (there.set(), here.wait(60))[1])
        assert there.wait(60)
        here.set()
        assert answer()


def test_one_thread_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    with beside() as begin:
        assert begin(threading.get_ident)() == threading.get_ident()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_an_error_is_raised_where_the_answer_is_asked_for(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, threads)

    def fail() -> None:
        raise LookupError("lost")

    with beside() as begin:
        answer = begin(fail)
        with pytest.raises(LookupError, match="lost"):
            answer()
