"""Files for people when pages are not to be had (paper lists): written whole or not at all."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from django.conf import settings


def data_directory() -> Path:
    """Where this installation keeps its files: ``settings.JIUYI_HOME``, or ``var`` in the working directory."""
    return settings.JIUYI_HOME or Path.cwd() / "var"


def write(name: str, content: bytes) -> Path:
    """Put a file under the data directory (``paper/2026-03-02/internal.pdf``), replacing an older one in one step.

    A reader sees the old file or the new one, never half of one, also over a power cut. Only its owner can read it.
    A name that leads out of the directory is a ``ValueError``.
    """
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or not relative.name:
        message = f"not a name inside the data directory: {name!r}"
        raise ValueError(message)
    target = data_directory() / relative
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)
    return target


def newest_at(folder: str) -> datetime | None:
    """When the newest file below a folder of the data directory was written; None if there is none."""
    files = (file for file in (data_directory() / folder).glob("**/*") if file.is_file() and not file.name.startswith("."))
    written = max((file.stat().st_mtime for file in files), default=None)
    return None if written is None else datetime.fromtimestamp(written, tz=UTC)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
