package dev.unikernel.operator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unikernel.operator.testing.Rights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the operator wrote, by the API server's audit log: every attempt counts. */
final class AuditLog {
  private static final String POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived, ResponseStarted, Panic]
      rules:
      - {level: Metadata, users: ["%s"], verbs: [create, update, patch, delete, deletecollection]}
      - {level: None}
      """
          .formatted(Rights.USER);

  private final Path policy;
  private final Path log;
  private long skipped;

  private AuditLog(Path policy, Path log) {
    this.policy = policy;
    this.log = log;
  }

  static AuditLog in(Path directory) throws IOException {
    return new AuditLog(
        Files.writeString(directory.resolve("policy.yaml"), POLICY),
        Files.createFile(directory.resolve("audit.log")));
  }

  String policyFlag() {
    return "--audit-policy-file=" + policy;
  }

  String logFlag() {
    return "--audit-log-path=" + log;
  }

  /** Counts from here on. */
  void reset() {
    skipped = 0;
    skipped = count();
  }

  /** How many writes there were. */
  long count() {
    try (var lines = lines()) {
      return lines.count();
    }
  }

  /** How many of each kind: {@code create events 201}. */
  Map<String, Long> summary() {
    try (var lines = lines()) {
      return lines
          .map(AuditLog::entry)
          .collect(Collectors.groupingBy(AuditLog::kind, TreeMap::new, Collectors.counting()));
    }
  }

  /** How long the API server took at most for 99 of 100 writes. */
  double p99Milliseconds() {
    try (var lines = lines()) {
      var times = lines.map(AuditLog::entry).mapToLong(AuditLog::milliseconds).sorted().toArray();
      return times[times.length * 99 / 100];
    }
  }

  private static long milliseconds(JsonNode entry) {
    return Duration.between(time(entry, "requestReceivedTimestamp"), time(entry, "stageTimestamp"))
        .toMillis();
  }

  private static Instant time(JsonNode entry, String field) {
    return Instant.parse(entry.get(field).asText());
  }

  private static String kind(JsonNode entry) {
    var part = entry.at("/objectRef/subresource").asText();
    return "%s %s%s %d"
        .formatted(
            entry.get("verb").asText(),
            entry.at("/objectRef/resource").asText(),
            part.isEmpty() ? "" : "/" + part,
            entry.at("/responseStatus/code").asInt());
  }

  private static JsonNode entry(String line) {
    try {
      return ApiCalls.JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("StreamResourceLeak") // its callers close it
  private Stream<String> lines() {
    try {
      return Files.lines(log).skip(skipped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
