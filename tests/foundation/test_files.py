"""A file is there whole or not at all, and only inside the data directory."""

import os
import stat
from pathlib import Path

import pytest

from jiuyi.foundation import files


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.JIUYI_HOME = tmp_path / "家 of files"


def test_a_file_is_written_and_replaced():
    target = files.write("paper/2026-03-02/内科.pdf", b"first")
    assert target == files.data_directory() / "paper/2026-03-02/内科.pdf"
    assert files.write("paper/2026-03-02/内科.pdf", b"second") == target
    assert target.read_bytes() == b"second"
    assert [path.name for path in target.parent.iterdir()] == ["内科.pdf"]


def test_only_the_owner_can_read_it():
    target = files.write("paper/list.pdf", b"x")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../out.pdf", "paper/../../out.pdf", "/etc/out.pdf", "", ".", "paper/.."])
def test_no_name_leads_out(name):
    with pytest.raises(ValueError, match="data directory"):
        files.write(name, b"x")
    assert not files.data_directory().exists()


def test_a_failure_leaves_the_old_file_and_no_rest(monkeypatch):
    target = files.write("list.pdf", b"old")

    def fails(_):
        raise OSError

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError):
        files.write("list.pdf", b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["list.pdf"]


def test_without_a_home_files_go_below_the_working_directory(settings, tmp_path, monkeypatch):
    settings.JIUYI_HOME = None
    monkeypatch.chdir(tmp_path)
    assert files.data_directory() == Path.cwd() / "var"
