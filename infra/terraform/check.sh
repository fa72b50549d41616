#!/usr/bin/env bash
# Everything that can be checked of the Terraform files without AWS and without the provider's binary: formatting, the
# check's own test, then all modules and environments against the provider's schema. Needs terraform, node and npm.
set -euo pipefail
cd "$(dirname "$0")"

# Nothing here uses a provider or a registry, so no settings of the machine matter.
export TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 npm_config_loglevel=error

step() { # NAME COMMAND…
  local name=$1
  shift
  echo "== $name"
  "$@" || { echo "terraform check FAILED: $name" >&2; exit 1; }
}

for tool in terraform node npm; do
  command -v "$tool" >/dev/null || { echo "terraform check FAILED: $tool is not installed" >&2; exit 1; }
done

# Whoever writes a queue's name here would have to change it in two places.
queue_names_stand_once() {
  local names
  names=$(node -p 'require("../../shared/src/main/resources/parley/queues.json").queues.map(({ name }) => name).join("\n")')
  ! grep -rnwF --include='*.tf' "$names" modules environments
}

step "formatting" terraform fmt -recursive -check -diff
step "installing the schema" npm --prefix check ci --no-progress
step "the check finds what is wrong" node --test --test-reporter=dot check/test/*.test.mjs
step "queue names come from queues.json only" queue_names_stand_once
step "all files against the schema" node check/check.mjs modules environments
