"""How files are named, sized and started.

Each law takes the tree and returns its offenders, one line each.
"""

import ast
import re

from tests.architecture.tree import Tree

LONGEST_FILE_LINES = 400

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
