"""Time, ids, tables, SQL and the data of refusals.

Each law takes the tree and returns its offenders, one line each.
"""

import ast
import re

from tests.architecture.tree import Source, Tree, dotted

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


TABLE_READERS = {"scenarios/fingerprint.py"}  # hashes what two loads of the demo wrote, whichever door wrote it


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
            if isinstance(node, ast.Attribute) and node.attr == "objects" and source.floor in upper and not _is_user_model(node.value):
                offenders.append(f"{source.at(node)}: {dotted(node)}: this floor asks a department's queries and actions")
            elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "get_model" and source.floor != "foundation":
                offenders.append(f"{source.at(node)}: get_model goes round the door")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                foreign = {found for found in table.findall(node.value) if found.lower() != source.department}
                if foreign and source.floor != "project" and source.path not in TABLE_READERS:
                    offenders.append(f"{source.at(node)}: SQL names a table of {', '.join(sorted(foreign))}")
    return offenders


def _is_user_model(node: ast.expr) -> bool:
    """``get_user_model()``: log-in tables are Django's, and it is their door."""
    return isinstance(node, ast.Call) and dotted(node.func) == "get_user_model"


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
    name = dotted(node)
    return isinstance(node, ast.Constant) or name.rpartition(".")[2].isupper() or name.endswith("._meta.db_table")


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
