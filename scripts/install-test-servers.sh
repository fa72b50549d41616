#!/usr/bin/env bash
# Installs what the tests need and this machine lacks, where that is possible: as root, with apt. Says what it cannot.
set -euo pipefail

missing=()
need() { command -v "$1" > /dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need redis-server redis-server
need rabbitmq-server rabbitmq-server
need chromium chromium
need chromedriver chromium-driver
need node nodejs
need npm npm
need docker-compose docker-compose
need nginx nginx-light
need mvn maven

if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  echo "Missing for the tests: ${missing[*]}. Install them (Debian package names), then run again." >&2
  exit 1
fi
echo "Installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# The packages would start servers of their own; the tests start theirs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
