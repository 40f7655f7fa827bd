#!/bin/sh
# A Chromium for the tests: the machine's own, or the distribution's package where it may be installed.
# Nothing is downloaded from anywhere else.
found() {
  for name in chromium chromium-browser google-chrome chrome; do
    command -v "$name" && return
  done
  return 1
}
found && exit
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  apt-get update -q && apt-get install -q -y --no-install-recommends chromium && found && exit
fi
echo "error: no Chromium here, and it couldn't be installed; install your distribution's package (Debian: sudo apt-get install chromium) and try again" >&2
exit 1
