package dev.unikernel.operator.bench;

import dev.unikernel.operator.testing.Rights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

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
    return summary().values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many of each kind: {@code create events 201}. */
  Map<String, Long> summary() {
    var counts = new TreeMap<String, Long>();
    try (var lines = Files.lines(log)) {
      lines
          .skip(skipped)
          .forEach(
              line -> {
                try {
                  var entry = ApiCalls.JSON.readTree(line);
                  var resource = entry.at("/objectRef/resource").asText();
                  var part = entry.at("/objectRef/subresource").asText();
                  var what =
                      "%s %s%s %d"
                          .formatted(
                              entry.get("verb").asText(),
                              resource,
                              part.isEmpty() ? "" : "/" + part,
                              entry.at("/responseStatus/code").asInt());
                  counts.merge(what, 1L, Long::sum);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return counts;
  }
}
