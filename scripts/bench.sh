#!/usr/bin/env bash
# All benchmarks, or the ones named (options are passed on to `python -m bench`).
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash "$ROOT/scripts/install.sh" dev
cd "$ROOT"
exec "$ROOT/.venv/bin/python" -m bench "$@"
