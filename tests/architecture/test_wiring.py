"""What is joined by name leads somewhere: jobs, listeners, ports."""

import ast
import importlib
import inspect
import typing
from pathlib import Path

from jiuyi.foundation import jobs, listeners, ports
from jiuyi.kernel.events import Event
from tests.architecture.test_vocabulary import every, where
from tests.architecture.tree import PACKAGE, Tree, dotted


def deferred_names(tree: Tree) -> list[tuple[str, str]]:
    """``(where, name)`` of each job that the code enqueues; the name is empty if it is not written out."""
    found = []
    for source in tree.sources:
        for node in source.nodes:
            if isinstance(node, ast.Call) and dotted(node.func) in {"jobs.defer", "defer"} and source.path != "foundation/jobs.py":
                first = node.args[0] if node.args else None
                found.append((source.at(node), first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""))
    return found


def test_every_job_name_resolves() -> None:
    for source in Tree(PACKAGE).sources:
        if source.parts[-1] == "tasks":
            importlib.import_module(source.module)
    offenders = [f"{at}: no task is called “{name}”" for at, name in deferred_names(Tree(PACKAGE)) if name not in jobs.task_names()]
    assert not offenders, "\n".join(offenders)


def test_a_wrong_job_name_is_seen(tmp_path: Path) -> None:
    (tmp_path / "journeys").mkdir()
    (tmp_path / "journeys" / "planted.py").write_text('jobs.defer("planted.nowhere", x=1)\njobs.defer(name)\n', encoding="utf-8")
    assert [name for _, name in deferred_names(Tree(tmp_path))] == ["planted.nowhere", ""]
    assert "planted.nowhere" not in jobs.task_names()


def test_every_listener_resolves_and_hears_an_event_that_exists() -> None:
    names = {event.name for event in every(Event) if "name" in event.__dict__}
    offenders = []
    for listener in listeners.registered_listeners():
        if listener.event_name not in names:
            offenders.append(f"{listener.path}: no event is called “{listener.event_name}”")
        if not callable(listener.resolve()):
            offenders.append(f"{listener.path}: not a function")
    assert not offenders, "\n".join(offenders)


def test_every_port_has_its_implementation() -> None:
    offenders = []
    for source in Tree(PACKAGE).sources:
        if source.room != "words":
            continue
        module = importlib.import_module(source.module)
        offenders += [
            f"{where(protocol)}: nothing implements it in project/wiring.py"
            for _, protocol in inspect.getmembers(module, inspect.isclass)
            if getattr(protocol, "_is_protocol", False) and protocol is not typing.Protocol and protocol.__module__ == source.module
            if not ports.is_provided(protocol)
        ]
    assert not offenders, "\n".join(offenders)
