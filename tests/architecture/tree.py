"""The source tree as the laws see it: every Python file, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "src" / "jiuyi"


@dataclass(frozen=True)
class Source:
    """One Python file; ``path`` is relative to the package: ``domains/billing/actions.py``."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file; empty if it does not parse, which is a finding of its own (``laws.files_parse``)."""
        try:
            return ast.parse(self.text, filename=self.path)
        except SyntaxError:
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.removesuffix(".py").split("/"))

    @property
    def module(self) -> str:
        return ".".join(("jiuyi", *self.parts)).removesuffix(".__init__")

    @property
    def floor(self) -> str:
        return self.parts[0]

    @property
    def department(self) -> str | None:
        """``billing`` for anything in ``domains/billing``, None on other floors."""
        return self.parts[1] if self.floor == "domains" and len(self.parts) > 2 else None

    @property
    def room(self) -> str | None:
        """``actions`` for ``domains/billing/actions.py`` and for every file of ``domains/billing/actions/``."""
        return self.parts[2] if self.department else None

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts

    def at(self, node: ast.AST) -> str:
        """``domains/billing/actions.py:12``, for the report."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Public functions of the module itself, not of its classes."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield node

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """``(statement, dotted name)`` of everything imported, wherever it stands."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                for alias in node.names:
                    yield node, f"{base}.{alias.name}" if base else alias.name


@dataclass(frozen=True)
class Tree:
    """All Python files below a package folder."""

    root: Path

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        files = sorted(path for path in self.root.rglob("*.py") if "__pycache__" not in path.parts)
        return tuple(Source(path.relative_to(self.root).as_posix(), path.read_text(encoding="utf-8")) for path in files)

    def departments(self) -> list[str]:
        domains = self.root / "domains"
        return sorted(path.name for path in domains.iterdir() if (path / "__init__.py").exists()) if domains.exists() else []


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a chain of names and attributes, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
