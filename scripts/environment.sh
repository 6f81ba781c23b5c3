# Sourced by the other scripts: a sane environment whatever the caller's (empty HOME, no locale, blanks in the path).
# Sets ROOT, TOOLS; offers say, fail.

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TOOLS="$ROOT/var"
mkdir -p "$TOOLS" 2>/dev/null || fail "Cannot write to $TOOLS: run this in a directory of your own."

export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
  # uv, pip and Chromium all want a place for their caches.
  export HOME="$TOOLS/home"
  mkdir -p "$HOME"
fi
export PYTHONUTF8=1
export PIP_DISABLE_PIP_VERSION_CHECK=1
# A company's own certificate authority lies in the system's store, not in uv's.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
export UV_LINK_MODE="${UV_LINK_MODE:-copy}"
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME

# A Python that is new enough, and really runs (a shim of a version manager may not).
find_python() {
  local candidate
  for candidate in python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3 python; do
    if "$candidate" -c 'import sys, ssl, sqlite3; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return 0
    fi
  done
  return 1
}

# Prints a uv that runs: the caller's, or one of our own below var/.
find_uv() {
  local candidate python=$1
  for candidate in uv "$TOOLS/uv/bin/uv" "$TOOLS/uv-target/bin/uv"; do
    if "$candidate" --version >/dev/null 2>&1; then
      command -v "$candidate"
      return 0
    fi
  done
  say "Installing uv into $TOOLS/uv ..." >&2
  rm -rf "$TOOLS/uv"
  if "$python" -m venv "$TOOLS/uv" >/dev/null 2>&1 && "$TOOLS/uv/bin/python" -m pip install --quiet uv >&2; then
    say "$TOOLS/uv/bin/uv"
    return 0
  fi
  rm -rf "$TOOLS/uv"
  # Debian without python3-venv can still have pip.
  if "$python" -m pip install --quiet --target "$TOOLS/uv-target" uv >&2; then
    say "$TOOLS/uv-target/bin/uv"
    return 0
  fi
  return 1
}
