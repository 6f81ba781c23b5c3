#!/usr/bin/env bash
# All tests (options are passed on to pytest). As root, what the browser tests need is installed when it is missing.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

has_chromium() {
  local candidate
  for candidate in "${JIUYI_TEST_CHROMIUM:-}" chromium chromium-browser google-chrome /usr/bin/chromium; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}
has_chinese_font() {
  if command -v fc-list >/dev/null 2>&1; then [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]; else ls /usr/share/fonts/*/*/*CJK* >/dev/null 2>&1; fi
}

missing=()
has_chromium || missing+=(chromium)
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
has_chinese_font || missing+=(fonts-noto-cjk)
if [ ${#missing[@]} -gt 0 ]; then
  command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing ${missing[*]} ..."
    DEBIAN_FRONTEND=noninteractive bash -c "$command" >"$TOOLS/apt.log" 2>&1 || { tail -n 5 "$TOOLS/apt.log" >&2; fail "This failed: $command"; }
  else
    fail "The tests need ${missing[*]}. Install once: sudo sh -c '$command'"
  fi
fi

bash "$ROOT/scripts/install.sh" dev
cd "$ROOT"
# Everything: two processes, because a test waits for its database half of the time. What was asked for by name: one, as usual.
if [ $# -eq 0 ]; then set -- -q -n 2; fi
exec "$ROOT/.venv/bin/python" -m pytest "$@"
