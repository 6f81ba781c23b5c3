"""A newcomer's first minutes: clone, install, migrate, load the demo, first page; then restart, stop, and memory at rest."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench.installation import REPOSITORY, answers, free_port, installation, scratch_directory, start, stop
from bench.outcome import Options, Outcome
from bench.reference import tpcb

RESTARTS = 3
REST_SECONDS = 10
QUICK_REST_SECONDS = 2
READY_SECONDS = 600.0
BOUNDS = {"migrations_seconds": 15, "demo_seconds": 45, "restart_seconds": 5, "stop_seconds": 5, "family_pss_megabytes": 700}


def run(options: Options) -> Outcome:
    """With ``--quick`` the clone is left out: it installs every package into an environment of its own."""
    figures: dict[str, Any] = {"bounds": BOUNDS, "layout": "one machine, embedded PostgreSQL"}
    if not options.quick:
        figures |= clone_to_first_page()
    home = scratch_directory()
    try:
        with installation(Options(quick=options.quick), directory=home) as place:
            figures["start_on_empty_directory_seconds"] = round(place.seconds_to_first_page, 1)
            figures |= steps_of(home)
            time.sleep(QUICK_REST_SECONDS if options.quick else REST_SECONDS)
            if place.process is not None:
                figures |= memory_of_family(place.process.pid)
            reference = tpcb(place.administrator_url, quick=options.quick)
        starts, stops = [], []
        for _ in range(1 if options.quick else RESTARTS):
            process, _, seconds = start(home)
            starts.append(seconds)
            stops.append(stop(process))
        figures["restart_seconds"] = round(max(starts), 2)
        figures["stop_seconds"] = round(max(stops), 2)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return Outcome("startup", figures=figures, reference=reference, ratios=_ratios(figures))


def clone_to_first_page() -> dict[str, Any]:
    """``git clone`` and ``make up``, until the first page answers; packages come from the cache that the machine has."""
    folder = Path(tempfile.mkdtemp(prefix="jiuyi-clone-"))
    home = scratch_directory()
    port = free_port()
    begun = time.monotonic()
    process = None
    try:
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(folder / "jiuyi")], check=True)
        cloned = time.monotonic()
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV"}}
        with (folder / "up.log").open("wb") as stream:
            process = subprocess.Popen(
                ["make", "up", f"UP=--port {port}"],
                cwd=folder / "jiuyi",
                env={**environment, "JIUYI_HOME": str(home)},
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while not answers(f"http://127.0.0.1:{port}/"):
            if process.poll() is not None or time.monotonic() - begun > READY_SECONDS:
                message = f"make up shows no page:\n{(folder / 'up.log').read_text(errors='replace')[-3000:]}"
                raise RuntimeError(message)
            time.sleep(0.05)
        return {"clone_seconds": round(cloned - begun, 1), "clone_to_first_page_seconds": round(time.monotonic() - begun, 1)}
    finally:
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def steps_of(home: Path) -> dict[str, Any]:
    """What ``jiuyi up`` noted about its own steps."""
    names = {"更新数据库表": "migrations_seconds", "装入演示数据": "demo_seconds", "收集静态文件": "static_files_seconds"}
    found: dict[str, Any] = {}
    for line in (home / "log" / "supervisor.log").read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if entry.get("step") in names:
                found[names[entry["step"]]] = entry.get("seconds")
    return found


def memory_of_family(first: int) -> dict[str, Any]:
    """Proportional set size of a process and all its descendants: shared pages are counted once over all of them."""
    family = [psutil.Process(first), *psutil.Process(first).children(recursive=True)]
    by_part: dict[str, float] = {}
    for process in family:
        with contextlib.suppress(psutil.Error, OSError):
            kilobytes = _pss_kilobytes(process.pid)
            part = _part(process.cmdline() or [process.name()])
            by_part[part] = by_part.get(part, 0.0) + kilobytes / 1024
    return {
        "family_processes": len(family),
        "family_pss_megabytes": round(sum(by_part.values()), 1),
        "pss_megabytes_by_part": {part: round(megabytes, 1) for part, megabytes in sorted(by_part.items())},
    }


def _pss_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _part(command: list[str]) -> str:
    text = " ".join(command)
    for name in ("postgres", "jiuyi.project.web", "jiuyi.project.worker", "jiuyi.project.command"):
        if name in text:
            return name.rpartition(".")[2].replace("command", "supervisor")
    return Path(command[0]).name


def _ratios(figures: dict[str, Any]) -> dict[str, float]:
    """Each bounded figure as a share of its bound: 1 is the bound itself."""
    return {
        name.removesuffix("_seconds").removesuffix("_megabytes") + "_of_bound": round(figures[name] / bound, 2)
        for name, bound in BOUNDS.items()
        if isinstance(figures.get(name), int | float)
    }
