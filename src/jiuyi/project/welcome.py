"""What a person sees once everything runs: addresses and one log-in per role."""

import base64
import contextlib
import hmac
import json
import struct
import time
import unicodedata
from collections.abc import Sequence

from jiuyi.project.home import Home

ADDRESSES = (
    ("患者（手机）  patient", "/"),
    ("发件箱（短信验证码）  outbox", "/desk/admin/outbox/"),
    ("工作人员登录  staff", "/staff/"),
    ("自助机  kiosk", "/kiosk/"),
    ("叫号屏  wall", "/wall/"),
    ("界面零件  kit gallery", "/kit/"),
)
TOTP_SECONDS = 30


def welcome(home: Home, address: str, seconds: float) -> str:
    """The whole text."""
    lines = ["", f"就医 Jiuyi 已启动，用时 {seconds:.1f} 秒。", "", *table([(name, address + path) for name, path in ADDRESSES])]
    logins = _stored_logins(home)
    if logins:
        lines += ["", *login_table(logins), "", "  动态码每 30 秒一换，随时可查 (fresh codes): .venv/bin/jiuyi demo --logins"]
    lines += ["", f"数据目录 {home.directory}　日志 {home.log_directory}", "按 Ctrl-C 停止。"]
    return "\n".join(lines)


def login_table(logins: Sequence[Sequence[str]]) -> list[str]:
    """One line per (role, account, password, secret of the second factor), with the six digits of this moment."""
    rows = [("角色", "账号", "密码", "动态码（此刻）", "动态码密钥")]
    for role, account, password, secret in logins:
        rows.append((role, account, password or "短信验证码", totp(secret) if secret else "", secret))
    return table(rows)


def totp(secret: str, at: float | None = None) -> str:
    """The six digits an authenticator app shows (RFC 6238, SHA-1, 30 seconds)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = int(time.time() if at is None else at) // TOTP_SECONDS
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns in line although a Chinese character takes two cells."""
    if not rows:
        return []
    widths = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _stored_logins(home: Home) -> list[list[str]]:
    with contextlib.suppress(OSError, ValueError):
        return [[str(cell) for cell in row] for row in json.loads((home.directory / "logins.json").read_text(encoding="utf-8"))]
    return []
