"""What a person sees once everything runs: addresses and one log-in per role."""

import contextlib
import json
import unicodedata

from jiuyi.project.home import Home

ADDRESSES = (
    ("患者（手机）", "/"),
    ("工作人员登录", "/staff/"),
    ("自助机", "/kiosk/"),
    ("叫号屏", "/wall/"),
    ("界面零件", "/kit/"),
)


def welcome(home: Home, address: str, seconds: float) -> str:
    """The whole text."""
    lines = ["", f"就医 Jiuyi 已启动，用时 {seconds:.1f} 秒。", "", *table([(name, address + path) for name, path in ADDRESSES])]
    logins = _logins(home)
    if logins:
        lines += ["", *table([("角色", "账号", "密码", "第二步验证"), *logins])]
    lines += ["", f"数据目录 {home.directory}　日志 {home.log_directory}", "按 Ctrl-C 停止。"]
    return "\n".join(lines)


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns in line although a Chinese character takes two cells."""
    widths = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _logins(home: Home) -> list[tuple[str, ...]]:
    with contextlib.suppress(OSError, ValueError):
        return [tuple(str(cell) for cell in row) for row in json.loads((home.directory / "logins.json").read_text())]
    return []
