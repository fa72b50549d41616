#!/usr/bin/env bash
# Checks docker-compose.yml without an engine: that it is valid, that it refuses to start without each secret, that
# ports are open on this machine only, and that the images of the functions differ in nothing but their name.
set -euo pipefail
cd "$(dirname "$0")/.."

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose=(docker-compose)
else
  echo "check-compose: neither 'docker compose' nor 'docker-compose' is installed" >&2
  exit 2
fi

failures=0
fail() {
  echo "check-compose: $*" >&2
  failures=$((failures + 1))
}

secrets=(JWT_SECRET REDIS_PASSWORD RABBITMQ_PASSWORD MONGO_PASSWORD)
empty=$(mktemp)
trap 'rm -f "$empty"' EXIT
config() { # NAME=VALUE… → the configuration with these variables and without any .env of a developer
  env -i PATH="$PATH" HOME="${HOME:-/}" "$@" "${compose[@]}" -f docker-compose.yml --env-file "$empty" config
}
dummies=()
for secret in "${secrets[@]}"; do dummies+=("$secret=dummy-$secret-0123456789abcdef"); done

if ! output=$(config "${dummies[@]}" 2>&1); then
  fail "docker-compose.yml is not valid:"
  echo "$output" >&2
else
  for secret in "${secrets[@]}"; do
    grep -q "dummy-$secret-" <<<"$output" || fail "$secret reaches no service"
    grep -q "^$secret=$" .env.example || fail "$secret is missing in .env.example, or has a value there"
  done
fi

for missing in "${secrets[@]}"; do
  rest=()
  for dummy in "${dummies[@]}"; do [[ $dummy == "$missing="* ]] || rest+=("$dummy"); done
  if config "${rest[@]}" >/dev/null 2>&1; then fail "it starts without $missing"; fi
done

# Every published port is written as a quoted mapping; anything but the loopback address in front is public.
public=$(awk '/^ *ports:/ { inside = 1; next } inside && /^ *- / { print; next } { inside = 0 }' docker-compose.yml \
  | grep -vE '^ *- "127\.0\.0\.1:' || true)
[[ -z $public ]] || fail "ports that are open to the network: $public"

for service in socket-tier persist notify index; do
  file=infra/images/$service.Dockerfile
  grep -q "dockerfile: $file" docker-compose.yml || fail "$file is not used"
  grep -qE '^USER [1-9]' "$file" || fail "$file does not leave root"
  grep -q '^HEALTHCHECK ' "$file" || fail "$file has no health check"
  grep -q '^ENTRYPOINT \["java", ' "$file" || fail "the JVM is not process 1 in $file"
done
for function in notify index; do
  diff <(sed "s/\b$function\b/persist/g" "infra/images/$function.Dockerfile") infra/images/persist.Dockerfile >&2 \
    || fail "infra/images/$function.Dockerfile has drifted from persist.Dockerfile"
done

if [[ $failures -gt 0 ]]; then
  echo "check-compose: $failures problems" >&2
  exit 1
fi
echo "check-compose: docker-compose.yml and the images are sound"
