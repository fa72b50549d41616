#!/usr/bin/env bash
# Runs the fault suite for as long as is wanted: real processes, killed, stopped and cut off while people chat, by a schedule
# that the seed decides. Ends with 1 where a promise was not kept; the report is in local/target/faults/.
#
#   ./scripts/faults.sh --minutes 30 --seed 42
#
# Options: --minutes N, --seed N, --rate N (messages a second, 150), --users N (40), --chats N (12),
#   --faults-per-round N (20), --redis memory|append-only|both (both); or --sabotage confirm|dedupe|repair, which breaks the
#   instances on purpose and ends with 1 where that is not found
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
. scripts/jdk.sh
echo "Building …"
mvn -q -Dstyle.color=never -pl local -am -DskipTests -Dspotless.check.skip -Denforcer.skip package
exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx1g --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow \
  -cp "local/target/test-classes:local/target/classes:$(cat local/target/test-class-path)" \
  dev.parley.local.faults.Faults "$@"
