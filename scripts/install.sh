#!/usr/bin/env bash
# scripts/install.sh [run|dev]: a virtual environment in .venv with exactly the locked packages; quick when nothing changed.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

kind=${1:-run}
case $kind in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) fail "usage: scripts/install.sh [run|dev]" ;;
esac
cd "$ROOT"

# Two at once (make up and make test in two terminals) wait for each other.
exec 9>"$TOOLS/install.lock"
if command -v flock >/dev/null 2>&1; then flock 9; fi

stamp_file="$ROOT/.venv/jiuyi-installed"
# The path belongs to the stamp: a copied tree carries an environment that points to the original.
stamp_of() { { printf '%s\n' "$ROOT"; cat "$1" pyproject.toml; } | cksum; }
wanted="$kind $(stamp_of "$lock")"
dev_stamp="dev $(stamp_of requirements-dev.lock)"
have=$(cat "$stamp_file" 2>/dev/null || true)
if [ -x .venv/bin/jiuyi ] && .venv/bin/python -c '' 2>/dev/null; then
  # What the tests need includes all that running needs.
  if [ "$have" = "$wanted" ] || [ "$have" = "$dev_stamp" ]; then exit 0; fi
fi

python=$(find_python) || fail "Python 3.11 or newer is needed (on Debian: apt-get install python3 python3-venv)."
uv=$(find_uv "$python") || fail "uv could not be installed. Install it once (https://docs.astral.sh/uv/), or on Debian: apt-get install python3-venv"

say "Installing packages ($kind) ..."
if [ "$(cat .venv/jiuyi-root 2>/dev/null)" != "$ROOT" ] || ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv
  "$uv" venv --quiet --python "$python" .venv
fi
rm -f "$stamp_file"
export VIRTUAL_ENV="$ROOT/.venv"
"$uv" pip sync --quiet --require-hashes "$lock"
"$uv" pip install --quiet --no-deps --editable .
printf '%s' "$ROOT" > .venv/jiuyi-root
printf '%s' "$wanted" > "$stamp_file"
