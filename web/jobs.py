"""Long work behind a page: prefilling a county, turning forms into PDF. It runs in threads of its own, tells how far it is,
can be stopped, and is kept in memory (one process serves the desk): after a restart it is simply begun anew."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from fastapi import Request

from consolidation.service import desk as use
from consolidation.service.people import CannotDo, Problem

LOG = logging.getLogger("yibiao.jobs")
_STATES = {"waiting": "排队等候", "finished": "完成", "failed": "没有办成", "stopped": "已停止"}
_AT_ONCE, _MOST, _KEPT_SECONDS = 2, 40, 3600


class Stopped(Exception):
    """Somebody stopped the work."""


@dataclass
class Job:
    """One piece of long work. `owner`: the account that began it; only it gets the result. `key`: what is being done, so that
    the same is not begun twice; `done`, `total`: steps."""

    id: str
    key: str
    owner: str
    title: str
    total: int
    back: str
    done: int = 0
    now: str = "排队等候"
    state: str = "waiting"  # waiting, running, finished, failed, stopped
    problems: list[Problem] = field(default_factory=list)
    name: str = ""
    data: bytes | None = None
    at: float = field(default_factory=time.monotonic)
    stop: bool = False

    @property
    def live(self) -> bool:
        return self.state in ("waiting", "running")

    def step(self, now: str, done: int | None = None) -> None:
        """Says what is done now; ends the work when somebody asked for it. Raises Stopped."""
        if self.stop:
            raise Stopped
        self.now = now
        self.done = self.done if done is None else done

    def skip(self, error: CannotDo) -> None:
        """Goes on after a part that could not be done."""
        self.problems.append(error.problem)

    @property
    def said(self) -> str:
        """How it stands, in words."""
        return f"{_STATES.get(self.state, self.now)}（{self.done}/{self.total}）"


Work = Callable[[Job], None]


class Jobs:
    """The work of one application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="job")

    def begin(self, job: Job, work: Work) -> Job:
        """Begins the work, or gives the one that does the same for the same person already."""
        with self._lock:
            for other in self._jobs.values():
                if other.live and (other.key, other.owner) == (job.key, job.owner):
                    return other
            self._forget()
            if sum(other.live for other in self._jobs.values()) >= _MOST:
                raise use.Clash("desk.too-busy")
            self._jobs[job.id] = job
        self._pool.submit(self._run, job, work)
        return job

    def of(self, owner: str, id_: str) -> Job:
        """A person's own job. Raises NotThere."""
        job = self._jobs.get(id_)
        if job is None or job.owner != owner:
            raise use.NotThere("这项工作")
        return job

    def latest(self, key: str) -> Job | None:
        """The newest job that does this."""
        return max((job for job in list(self._jobs.values()) if job.key == key), key=lambda job: job.at, default=None)

    def _run(self, job: Job, work: Work) -> None:
        try:
            if not job.stop:
                job.state = "running"
                work(job)
            job.state = "stopped" if job.stop else "finished"
        except Stopped:
            job.state = "stopped"
        except CannotDo as error:
            job.skip(error)
            job.state = "failed"
        except Exception as error:  # noqa: BLE001 - a thread has nobody to tell: the page says it failed, the log says where
            LOG.error("job %s failed: %s", job.key.partition(" ")[0], type(error).__name__)
            job.state = "failed"
        job.at = time.monotonic()

    def _forget(self) -> None:
        """Drops what nobody fetched for an hour; of the rest the oldest results."""
        ended = sorted((job for job in self._jobs.values() if not job.live), key=lambda job: job.at)
        now = time.monotonic()
        for number, job in enumerate(ended):
            if now - job.at > _KEPT_SECONDS or len(ended) - number > _MOST // 2:
                del self._jobs[job.id]


def new_job(key: str, owner: str, title: str, total: int, back: str) -> Job:
    return Job(secrets.token_urlsafe(16), key, owner, title, max(total, 1), back)


def jobs_of(request: Request) -> Jobs:
    """The jobs of the application that answers."""
    found: Jobs = request.app.state.jobs
    return found
