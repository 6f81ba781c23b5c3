"""What the doors of a department promise: documented, keyword-only, with an actor and a time, values out.

Each law takes the tree and returns its offenders, one line each.
"""

import ast
from collections.abc import Iterator

from tests.architecture.tree import Source, Tree, dotted

# An action says who acts and when. These few begin before anybody is known, or run by the clock alone.
ACTIONS_WITHOUT_ACTOR = {
    "identity.request_login_code": "nobody is signed in yet, and this is how one begins",
    "identity.sign_in_with_code": "nobody is signed in yet, and the account is what comes back",
    "billing.lock_charges": "takes row locks in the one agreed order, and writes nothing",
    "encounters.load_reference_codes": "run by migrate, before there is anybody: shipped lists, the same everywhere",
    "scheduling.lock_appointments": "takes row locks in the one agreed order, and writes nothing",
}


def _door_functions(tree: Tree, room: str) -> Iterator[tuple[Source, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Public functions of a room. Where the room is a folder, those that its ``__init__`` shows."""
    shown: dict[str, set[str]] = {
        source.module: {name.rpartition(".")[2] for _, name in source.imports()}
        for source in tree.sources
        if source.room == room and source.parts[-1] == "__init__"
    }
    for source in tree.sources:
        if source.room == room:
            front = shown.get(f"jiuyi.domains.{source.department}.{room}")
            for node in source.functions():
                if front is None or source.parts[-1] == "__init__" or node.name in front:
                    yield source, node


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[list[str], list[str]]:
    positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return positional, [argument.arg for argument in node.args.kwonlyargs]


def documented_doors(tree: Tree) -> list[str]:
    """Every public function of words, rules, queries and actions has its sentence."""
    return [
        f"{source.at(node)}: {node.name} has no docstring"
        for source in tree.sources
        if source.room in {"words", "rules", "queries", "actions"}
        for node in source.functions()
        if not ast.get_docstring(node)
    ]


def rooms_are_entered_at_the_front(tree: Tree) -> list[str]:
    """Where a room is a folder, its files are doors too, except those whose names begin with an underscore (ADR 19)."""
    offenders = []
    for source in tree.sources:
        for node, name in source.imports():
            parts = name.split(".")
            if parts[:2] != ["jiuyi", "domains"] or source.is_migration:
                continue
            private = next((part for part in parts[3:] if part.startswith("_")), None)
            if private and source.department != parts[2]:
                offenders.append(f"{source.at(node)}: {name}: {private} is the department's own")
    return offenders


def actions_say_who_and_when(tree: Tree) -> list[str]:
    """Actions are keyword-only and take ``actor`` and ``now``; the exceptions are listed with their reason."""
    offenders = []
    unused = set(ACTIONS_WITHOUT_ACTOR)
    for source, node in _door_functions(tree, "actions"):
        name = f"{source.department}.{node.name}"
        positional, keywords = _arguments(node)
        excused = name in ACTIONS_WITHOUT_ACTOR
        unused.discard(name)
        if positional:
            offenders.append(f"{source.at(node)}: {name} takes {', '.join(positional)} by position; actions are keyword-only")
        missing = [word for word in ("actor", "now") if word not in keywords + positional]
        if missing and not excused:
            offenders.append(f"{source.at(node)}: {name} lacks {' and '.join(missing)}")
        if excused and not missing:
            offenders.append(f"{source.at(node)}: {name} takes an actor now; strike it from ACTIONS_WITHOUT_ACTOR")
    known = {name for name in unused if name.split(".")[0] in tree.departments()}
    return offenders + [f"{name}: excused in ACTIONS_WITHOUT_ACTOR, but there is no such action" for name in sorted(known)]


def opened_records_know_the_actor(tree: Tree) -> list[str]:
    """A query named ``open_…`` takes the actor and the time: opening a record leaves a row in the audit."""
    offenders = []
    for source, node in _door_functions(tree, "queries"):
        positional, keywords = _arguments(node)
        missing = [word for word in ("actor", "now") if word not in positional + keywords]
        if node.name.startswith("open_") and missing:
            offenders.append(f"{source.at(node)}: {node.name} opens a record without {' and '.join(missing)}")
    return offenders


def queries_return_values(tree: Tree) -> list[str]:
    """No model instance leaves a query: its caller could write through it."""
    offenders = []
    for source, node in _door_functions(tree, "queries"):
        models = {name.rpartition(".")[2] for _, name in source.imports() if f".{source.department}.models." in f".{name}"}
        returned = tuple(ast.walk(node.returns)) if node.returns else ()
        words = {part.id for part in returned if isinstance(part, ast.Name)}
        words |= {part.value for part in returned if isinstance(part, ast.Constant) and isinstance(part.value, str)}
        whole = {dotted(part) for part in returned if isinstance(part, ast.Attribute)}
        leaked = words & (models | {"QuerySet"}) | {name for name in whole if name.startswith("models.")}
        if leaked:
            offenders.append(f"{source.at(node)}: {node.name} returns {', '.join(sorted(leaked))}; queries return frozen values")
    return offenders


def desks_hold_no_decision(tree: Tree) -> list[str]:
    """Desks parse, call and render: no query set, no transaction, no SQL."""
    return [
        f"{source.at(node)}: {name}: a desk calls an action, a journey or a query"
        for source in tree.sources
        if source.floor in {"desks", "interop", "insights"}
        for node, name in source.imports()
        if name.startswith(("django.db", "psycopg")) and "gate" not in source.parts
    ]


def no_signals_of_our_own(tree: Tree) -> list[str]:
    """Upward talk is by event in a visible table. Django's own signals may only be heard where Django itself is fitted in."""
    return [
        f"{source.at(node)}: {name}: upward talk is by event, see project/wiring.py"
        for source in tree.sources
        if source.floor not in {"foundation", "project"}
        for node, name in source.imports()
        if name.startswith(("django.dispatch", "django.db.models.signals"))
    ]
