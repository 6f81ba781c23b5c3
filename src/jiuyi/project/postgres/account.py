"""PostgreSQL refuses to run as root: which unprivileged account runs it then."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "jiuyi"
FALLBACKS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged system account."""

    name: str
    uid: int
    gid: int

    def popen_options(self) -> dict[str, Any]:
        """How ``subprocess`` becomes this account, with none of the caller's groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, directory: Path) -> bool:
        """Whether the account may reach the directory through all its parents."""
        # The answer belongs to the kernel, not to an imitation of its rules: ask it as that account.
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
        return subprocess.run(command, check=False, capture_output=True, cwd="/", **self.popen_options()).returncode == 0


def service_account() -> Account | None:
    """The account that runs PostgreSQL when we are root (made if it is missing); None when we are an ordinary user."""
    if os.geteuid() != 0:
        return None
    account = _find(NAME)
    if account is None and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True)
        account = _find(NAME)
    for fallback in FALLBACKS:
        account = account or _find(fallback)
    if account is None:
        names = ", ".join((NAME, *FALLBACKS))
        message = f"PostgreSQL may not run as root, and none of the accounts {names} exists: run as a user, or set DATABASE_URL"
        raise RuntimeError(message)
    return account


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None
