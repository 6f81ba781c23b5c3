#!/usr/bin/env bash
# Lint, formatting, types, import contracts, templates, migrations: every check runs, the failed ones are named at the end.
set -uo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash "$ROOT/scripts/install.sh" dev || exit 1
cd "$ROOT" || exit 1
bin="$ROOT/.venv/bin"
logs=$(mktemp -d "$TOOLS/check.XXXXXX")
trap 'rm -rf "$logs"' EXIT
failed=()
names=()

# Each runs in the background: two cores, and most of them wait for one.
start() {
  local name=$1
  shift
  names+=("$name")
  { "$@" >"$logs/$name" 2>&1; echo $? >"$logs/$name.code"; } &
}

start mypy "$bin/python" -m mypy
start ruff "$bin/python" -m ruff check .
start format "$bin/python" -m ruff format --check .
start imports "$bin/lint-imports"
start templates "$bin/djlint" --lint src
start migrations "$bin/python" -m jiuyi.project.checks
wait
for name in "${names[@]}"; do
  if [ "$(cat "$logs/$name.code" 2>/dev/null)" != 0 ]; then
    failed+=("$name")
    printf '\n== %s\n' "$name"
    tail -n 40 "$logs/$name"
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  printf '\nfailed: %s\n' "${failed[*]}"
  exit 1
fi
say "all checks passed: ${names[*]}"
