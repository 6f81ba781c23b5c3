"""The laws that an import graph cannot see. Each takes the tree and returns its offenders, one line each."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import Source, Tree, dotted

LONGEST_FILE_LINES = 400

# An action says who acts and when. These few begin before anybody is known, or run by the clock alone.
ACTIONS_WITHOUT_ACTOR = {
    "identity.request_login_code": "nobody is signed in yet, and this is how one begins",
    "identity.sign_in_with_code": "nobody is signed in yet, and the account is what comes back",
    "billing.lock_charges": "takes row locks in the one agreed order, and writes nothing",
    "scheduling.expire_holds": "the timetable sweeps, the system acts, for nobody in particular",
    "scheduling.mark_noshows": "the timetable sweeps, the system acts, for nobody in particular",
}

FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "shared",
    "lib",
    "tools",
    "functions",
    "base",
    "services",
    "views_helpers",
}

CLOCK_READS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "clock.now",
}

MEDICAL_WORDS = {
    "admission",
    "allergy",
    "appointment",
    "clinic",
    "diagnosis",
    "doctor",
    "drug",
    "encounter",
    "hospital",
    "medication",
    "nurse",
    "practitioner",
    "prescription",
    "ticket",
    "visit",
    "ward",
}


def files_parse(tree: Tree) -> list[str]:
    """Every file is Python of the oldest version we promise."""
    offenders = []
    for source in tree.sources:
        try:
            ast.parse(source.text, feature_version=(3, 11))
        except SyntaxError as error:
            offenders.append(f"{source.path}:{error.lineno}: {error.msg}")
    return offenders


def no_vague_names(tree: Tree) -> list[str]:
    """A file is named for what is in it."""
    return [
        f"{source.path}: a file is named for what is in it, not “{part}”"
        for source in tree.sources
        for part in source.parts
        if part in FORBIDDEN_NAMES
    ]


def short_files(tree: Tree) -> list[str]:
    """A file that needs a table of contents is two files."""
    return [
        f"{source.path}: {lines} lines, at most {LONGEST_FILE_LINES}"
        for source in tree.sources
        if not source.is_migration and (lines := source.text.count("\n")) > LONGEST_FILE_LINES
    ]


def departments_start_empty(tree: Tree) -> list[str]:
    """A department's ``__init__`` imports nothing: what stands there runs whenever any of its rooms is entered."""
    return [
        f"{source.path}: a department's __init__ holds at most a docstring"
        for source in tree.sources
        if source.floor == "domains" and len(source.parts) <= 3 and source.parts[-1] == "__init__"
        for node in source.tree.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


def documented_doors(tree: Tree) -> list[str]:
    """Every public function of words, rules, queries and actions has its sentence."""
    return [
        f"{source.at(node)}: {node.name} has no docstring"
        for source in tree.sources
        if source.room in {"words", "rules", "queries", "actions"}
        for node in source.functions()
        if not ast.get_docstring(node)
    ]


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


def rooms_are_entered_at_the_front(tree: Tree) -> list[str]:
    """Where a room is a folder, others import from the folder, not from the files inside."""
    insides = {source.module for source in tree.sources if source.room and len(source.parts) > 3 and source.parts[-1] != "__init__"}
    offenders = []
    for source in tree.sources:
        for node, name in source.imports():
            inside = next((module for module in insides if name == module or name.startswith(f"{module}.")), None)
            if inside and source.department != inside.split(".")[2] and not source.is_migration:
                offenders.append(f"{source.at(node)}: {inside}: import it from {inside.rpartition('.')[0]}")
    return offenders


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[list[str], list[str]]:
    positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return positional, [argument.arg for argument in node.args.kwonlyargs]


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
    for source in tree.sources:
        if source.room != "queries":
            continue
        models = {name.rpartition(".")[2] for _, name in source.imports() if f".{source.department}.models." in f".{name}"}
        for node in source.functions():
            named = {part.id for part in ast.walk(node.returns) if isinstance(part, ast.Name)} if node.returns else set()
            texts = {part.value for part in ast.walk(node.returns) if isinstance(part, ast.Constant)} if node.returns else set()
            whole = {dotted(part) for part in ast.walk(node.returns) if isinstance(part, ast.Attribute)} if node.returns else set()
            leaked = (named | texts) & models or {name for name in whole if name.startswith("models.")} or named & {"QuerySet"}
            if leaked:
                offenders.append(
                    f"{source.at(node)}: {node.name} returns {', '.join(sorted(map(str, leaked)))}; queries return frozen values"
                )
    return offenders


def now_is_an_argument(tree: Tree) -> list[str]:
    """Departments and journeys never look at a clock; a job, where time comes in, may."""
    offenders = []
    for source in tree.sources:
        if source.floor not in {"kernel", "domains", "journeys"} or source.is_migration or "tasks" in source.parts:
            continue
        for node in source.nodes:
            if isinstance(node, ast.Call) and (dotted(node.func) in CLOCK_READS or dotted(node.func) == "Now"):
                offenders.append(f"{source.at(node)}: reads the clock ({dotted(node.func)}); now is an argument")
            if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
                offenders.append(f"{source.path}:{node.value.lineno}: {node.arg} reads the clock; now is an argument")
    return offenders


def ids_are_made_in_one_place(tree: Tree) -> list[str]:
    """Ids come from ``kernel.ids``, so that all of them sort by time."""
    return [
        f"{source.at(node)}: {dotted(node.func)}(): ids come from jiuyi.kernel.ids.new_id"
        for source in tree.sources
        if source.path != "kernel/ids.py"
        for node in source.nodes
        if isinstance(node, ast.Call) and re.search(r"(^|\.)uuid[147]$", dotted(node.func))
    ]


def tables_are_private(tree: Tree) -> list[str]:
    """Upper floors ask doors: no manager, no look-up of a model by name, no SQL that names a department's table."""
    offenders = []
    upper = {"journeys", "desks", "interop", "insights", "scenarios"}
    names = "|".join(tree.departments()) or "none"
    table = re.compile(rf'\b(?:from|join|into|update|table|truncate|copy|only)\s+"?(?:public"?\."?)?({names})_[a-z]', re.IGNORECASE)
    for source in tree.sources:
        if source.is_migration:
            continue
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr == "objects" and source.floor in upper:
                offenders.append(f"{source.at(node)}: {dotted(node)}: this floor asks a department's queries and actions")
            elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "get_model" and source.floor != "foundation":
                offenders.append(f"{source.at(node)}: get_model goes round the door")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                foreign = {found for found in table.findall(node.value) if found.lower() != source.department}
                if foreign and source.floor != "project":
                    offenders.append(f"{source.at(node)}: SQL names a table of {', '.join(sorted(foreign))}")
    return offenders


def sql_is_constant(tree: Tree) -> list[str]:
    """SQL is never put together from strings: values travel as parameters, names through ``psycopg.sql``."""
    calls = {"execute", "executemany", "raw", "RawSQL", "RunSQL", "extra", "copy"}
    offenders = []
    for source in tree.sources:
        for node in source.nodes:
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = dotted(node.func).rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
            if name in calls and _is_built(node.args[0]):
                offenders.append(f"{source.at(node)}: {name}() with SQL built from strings")
    return offenders


def _is_built(argument: ast.expr) -> bool:
    """Whether the text is put together from anything but literals and CAPITAL constants."""
    if isinstance(argument, ast.JoinedStr):
        return not all(_is_fixed(value.value) for value in argument.values if isinstance(value, ast.FormattedValue))
    if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add):
        return any(
            _is_built(side) if isinstance(side, ast.BinOp | ast.JoinedStr) else not _is_fixed(side)
            for side in (argument.left, argument.right)
        )
    if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod):
        return True
    return (
        isinstance(argument, ast.Call)
        and isinstance(argument.func, ast.Attribute)
        and argument.func.attr in {"format", "join"}
        and not _is_composed(argument)
    )


def _is_composed(call: ast.Call) -> bool:
    """``sql.SQL("…").format(sql.Identifier(…))`` quotes what it puts in."""
    base = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(base, ast.Call) and dotted(base.func) in {"sql.SQL", "SQL"}


def _is_fixed(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or dotted(node).rpartition(".")[2].isupper()


def no_signals_of_our_own(tree: Tree) -> list[str]:
    """Upward talk is by event in a visible table. Django's own signals may only be heard where Django itself is fitted in."""
    return [
        f"{source.at(node)}: {name}: upward talk is by event, see project/wiring.py"
        for source in tree.sources
        if source.floor not in {"foundation", "project"}
        for node, name in source.imports()
        if name.startswith(("django.dispatch", "django.db.models.signals"))
    ]


def desks_hold_no_decision(tree: Tree) -> list[str]:
    """Desks parse, call and render: no query set, no transaction, no SQL."""
    return [
        f"{source.at(node)}: {name}: a desk calls an action, a journey or a query"
        for source in tree.sources
        if source.floor in {"desks", "interop", "insights"}
        for node, name in source.imports()
        if name.startswith(("django.db", "psycopg")) and "gate" not in source.parts
    ]


def foundation_knows_no_medicine(tree: Tree) -> list[str]:
    """The foundation would serve a library or a town hall as well."""
    offenders = []
    for source in tree.sources:
        if source.floor not in {"foundation", "kernel"}:
            continue
        for node in source.nodes:
            name = getattr(node, "name", None) if isinstance(node, ast.ClassDef | ast.FunctionDef) else None
            name = name or (node.arg if isinstance(node, ast.arg) else None) or (node.id if isinstance(node, ast.Name) else None)
            words = set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower())) if name else set()
            if words & MEDICAL_WORDS:
                offenders.append(f"{source.at(node)}: {name}: the foundation has no medical word")
    return offenders


def foreign_keys_by_label(tree: Tree) -> list[str]:
    """A key names its target as a string, goes nowhere backwards and protects what it points to."""
    offenders = []
    for source in tree.sources:
        if source.room != "models":
            continue
        for node in source.nodes:
            if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in {
                "ForeignKey",
                "OneToOneField",
                "ManyToManyField",
            }:
                continue
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            target = node.args[0] if node.args else keywords.get("to")
            if not (isinstance(target, ast.Constant) and isinstance(target.value, str)):
                offenders.append(f"{source.at(node)}: a foreign key names its target as a string label")
            related = keywords.get("related_name")
            if not (isinstance(related, ast.Constant) and related.value == "+"):
                offenders.append(f'{source.at(node)}: a foreign key has related_name="+"')
            on_delete = keywords.get("on_delete") or (node.args[1] if len(node.args) > 1 else None)
            if on_delete is None or dotted(on_delete).rpartition(".")[2] != "PROTECT":
                offenders.append(f"{source.at(node)}: a foreign key protects what it points to (on_delete=PROTECT)")
    return offenders


def refusals_carry_their_data(tree: Tree) -> list[str]:
    """Whoever raises a refusal fills the placeholders of its sentence."""
    needed = _placeholders(tree.sources)
    offenders = []
    for source in tree.sources:
        for node in source.nodes:
            call = node.exc if isinstance(node, ast.Raise) else None
            name = dotted(call.func if isinstance(call, ast.Call) else call).rpartition(".")[2] if call is not None else ""
            if name not in needed:
                continue
            keywords = call.keywords if isinstance(call, ast.Call) else []
            if any(keyword.arg is None for keyword in keywords):
                continue
            missing = needed[name] - {keyword.arg for keyword in keywords}
            if missing:
                offenders.append(f"{source.at(node)}: {name} is raised without {', '.join(sorted(missing))}, which its sentence names")
    return offenders


def _placeholders(sources: tuple[Source, ...]) -> dict[str, set[str]]:
    needed: dict[str, set[str]] = {}
    for source in sources:
        if source.parts[-1] not in {"words", "refusals"} and source.room != "words":
            continue
        for node in source.nodes:
            if not isinstance(node, ast.ClassDef):
                continue
            for statement in node.body:
                targets = [dotted(target) for target in statement.targets] if isinstance(statement, ast.Assign) else []
                if "message" in targets:
                    text = "".join(
                        part.value for part in ast.walk(statement) if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    )
                    needed[node.name] = set(re.findall(r"\{(\w+)", text))
    return {name: fields for name, fields in needed.items() if fields}


LAWS = (
    files_parse,
    no_vague_names,
    short_files,
    departments_start_empty,
    documented_doors,
    rooms_are_entered_at_the_front,
    actions_say_who_and_when,
    opened_records_know_the_actor,
    queries_return_values,
    now_is_an_argument,
    ids_are_made_in_one_place,
    tables_are_private,
    sql_is_constant,
    no_signals_of_our_own,
    desks_hold_no_decision,
    foundation_knows_no_medicine,
    foreign_keys_by_label,
    refusals_carry_their_data,
)
