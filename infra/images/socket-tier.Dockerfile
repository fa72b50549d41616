# syntax=docker/dockerfile:1
# Build from the root of the repository: docker build -f infra/images/socket-tier.Dockerfile .

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
# The formatter checks sources before they are merged; an image only needs them compiled.
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp -DskipTests -Dspotless.check.skip=true -pl socket-tier -am package

FROM eclipse-temurin:25-jre
RUN apt-get update \
 && apt-get install -y --no-install-recommends curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin parley
WORKDIR /app
# Libraries change less often than the program: they are a layer of their own.
COPY --from=build /src/socket-tier/target/lib lib
COPY --from=build /src/socket-tier/target/socket-tier.jar ./
USER 10001
ENV PORT=8080
# Measured on two processors (bench/RESULTS.md). With more of them and gigabytes of heap, override it.
ENV JDK_JAVA_OPTIONS="-XX:+UseSerialGC -Xmn128m"
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["sh", "-c", "exec curl -fsS -o /dev/null http://127.0.0.1:${PORT}/health/readiness"]
# Exec form: the JVM is process 1, so SIGTERM starts its drain.
STOPSIGNAL SIGTERM
ENTRYPOINT ["java", "-XX:+UseCompactObjectHeaders", "-XX:MaxRAMPercentage=70", "-XX:+ExitOnOutOfMemoryError", \
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-jar", "/app/socket-tier.jar"]
