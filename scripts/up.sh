#!/usr/bin/env bash
# Everything on an empty machine: install what is missing, then `jiuyi up` (options are passed on).
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash "$ROOT/scripts/install.sh" run
cd "$ROOT"
exec "$ROOT/.venv/bin/python" -m jiuyi.project.command up "$@"
