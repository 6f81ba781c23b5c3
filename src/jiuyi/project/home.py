"""Where an installation keeps what it makes: data, secrets, logs. One directory, one running ``jiuyi up``."""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jiuyi.project import environment
from jiuyi.project.postgres.cluster import APPLICATION, OWNER, Cluster, write_private

PACKAGE = Path(__file__).resolve().parent.parent


class AlreadyRunning(RuntimeError):  # noqa: N818  # names what is so
    """Another ``jiuyi up`` holds the directory; the text names its process and address."""


def checkout() -> Path | None:
    """The source tree that this package runs from, or None if it was installed as a wheel."""
    root = PACKAGE.parent.parent
    return root if (root / "pyproject.toml").exists() else None


def default_directory() -> Path:
    """``JIUYI_HOME``; else ``var/`` in the checkout; as root, below /var/lib/jiuyi, which the database's account can reach."""
    chosen = environment.path("JIUYI_HOME")
    if chosen is not None:
        return chosen
    root = checkout()
    if os.geteuid() == 0:
        label = hashlib.sha256(os.fsencode(root or PACKAGE)).hexdigest()[:12]
        return Path("/var/lib/jiuyi") / label
    if root is not None:
        return root / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jiuyi"


@dataclass(frozen=True, slots=True)
class Home:
    """One installation's directory."""

    directory: Path

    @property
    def log_directory(self) -> Path:
        """Where the processes write their logs."""
        return self.directory / "log"

    def has_own_database(self) -> bool:
        """Whether PostgreSQL is ours to start: no ``DATABASE_URL`` is set."""
        return not environment.text("DATABASE_URL")

    def cluster(self) -> Cluster:
        """The PostgreSQL of this installation (started or not)."""
        return Cluster(self.directory)

    def secrets(self) -> dict[str, str]:
        """Keys generated at the first call, by variable name."""
        file = self.directory / "secrets.json"
        if not file.exists():
            self.make()
            made = {
                "JIUYI_SECRET_KEY": secrets.token_urlsafe(48),
                "JIUYI_MASTER_KEYS": f"k1:{_new_key()}",
                "JIUYI_FINGERPRINT_KEY": f"fingerprint:{_new_key()}",
                "JIUYI_PAYMENT_KEY": secrets.token_urlsafe(32),
            }
            write_private(file, json.dumps(made, indent=1))
        return dict(json.loads(file.read_text()))

    def environment(self, cluster: Cluster | None, *, owner: bool = False) -> dict[str, str]:
        """What a child process gets; values that the administrator set win. ``owner``: for migrations."""
        result = dict(os.environ)
        for name, value in self.secrets().items():
            result.setdefault(name, value)
        result["JIUYI_HOME"] = str(self.directory)
        result.setdefault("DJANGO_SETTINGS_MODULE", "jiuyi.project.settings")
        result["PYTHONUTF8"] = "1"
        if cluster is not None:
            result["DATABASE_URL"] = cluster.url(APPLICATION)
            result["DATABASE_OWNER_URL"] = cluster.url(OWNER)
        if owner and result.get("DATABASE_OWNER_URL"):
            result["DATABASE_URL"] = result["DATABASE_OWNER_URL"]
        return result

    def make(self) -> None:
        """Create the directories, closed to others as far as the database's account allows."""
        self.directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        self.log_directory.mkdir(mode=0o700, exist_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator["Lock"]:
        """Hold the directory. Refuses with ``AlreadyRunning`` when another process holds it; a dead one never does."""
        self.make()
        with (self.directory / "lock").open("a+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                stream.seek(0)
                holder = _read(stream.read())
                at = f", {holder['address']}" if holder.get("address") else ""
                message = f"jiuyi is already running on {self.directory} (process {holder.get('pid', '?')}{at})"
                raise AlreadyRunning(message) from None
            lock = Lock(Path(stream.name))
            lock.write({"pid": str(os.getpid())})
            try:
                yield lock
            finally:
                lock.write({})

    def holder(self) -> dict[str, str] | None:
        """Who runs on this directory now (``pid``, ``address``), or None."""
        file = self.directory / "lock"
        if not file.exists():
            return None
        with file.open("r") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _read(stream.read())
        return None


@dataclass(frozen=True, slots=True)
class Lock:
    """The held directory; says who holds it and where its pages are."""

    file: Path

    def write(self, content: dict[str, str]) -> None:
        """Replace what a second ``up`` will be told."""
        self.file.write_text(json.dumps(content))  # in place: the lock belongs to this inode


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(environment.KEY_BYTES)).decode()


def _read(text: str) -> dict[str, str]:
    try:
        return dict(json.loads(text or "{}"))
    except ValueError:
        return {}
