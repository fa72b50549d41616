# Sourced by ./parley and ./test: finds JDK 25 and Maven, or says in one line what is missing.

find_jdk25() {
  local candidate
  for candidate in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v javac 2>/dev/null || echo /nowhere)")")")" \
      /usr/lib/jvm/* /opt/jdk* /opt/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if [ -x "$candidate/bin/javac" ] && grep -qs '^JAVA_VERSION="25[".]' "$candidate/release"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

if ! JAVA_HOME=$(find_jdk25); then
  echo "JDK 25 is missing: install one (for example Temurin 25) under /usr/lib/jvm, or point JAVA_HOME at it." >&2
  exit 1
fi
export JAVA_HOME
# Maven's own libraries still use what JDK 25 warns of.
export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
if ! command -v mvn > /dev/null; then
  echo "Maven is missing: install version 3.8 or later (Debian: apt-get install maven)." >&2
  exit 1
fi
