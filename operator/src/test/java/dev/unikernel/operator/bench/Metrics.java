package dev.unikernel.operator.bench;

import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** One reading of the operator's metrics, in Prometheus' text format. */
record Metrics(String text) {
  private static final Pattern BUCKET = Pattern.compile("le=\"([^\"]+)\"");
  private static final String PASS = "reconciliations_execution_duration_seconds";

  /** How many passes have ended, of both controllers. */
  double passes() {
    return sum(PASS + "_count", line -> true);
  }

  /** How many passes failed. */
  double failures() {
    return sum("reconciliations_failure_total", line -> true);
  }

  /** How many objects wait for their pass or are in it. */
  double unfinished() {
    return sum("reconciliations_queue", line -> true) + sum("reconciliations_active", line -> true);
  }

  /** Seconds of all passes of services. */
  double serviceSeconds() {
    return sum(PASS + "_sum", Metrics::ofServices);
  }

  /** How many passes of services have ended. */
  double servicePasses() {
    return sum(PASS + "_count", Metrics::ofServices);
  }

  /**
   * The duration, in seconds, that this share of the services' passes since {@code before} did not
   * exceed, between the bounds of its bucket as Prometheus reckons it.
   */
  double quantile(double share, Metrics before) {
    var earlier = before.buckets();
    var passes = new TreeMap<Double, Double>();
    buckets()
        .forEach((bound, count) -> passes.put(bound, count - earlier.getOrDefault(bound, 0.0)));
    double rank = share * passes.lastEntry().getValue();
    double lower = 0;
    double below = 0;
    for (var bucket : passes.entrySet()) {
      if (bucket.getValue() >= rank && bucket.getKey() < Double.POSITIVE_INFINITY) {
        return lower + (bucket.getKey() - lower) * (rank - below) / (bucket.getValue() - below);
      }
      if (bucket.getKey() < Double.POSITIVE_INFINITY) {
        lower = bucket.getKey();
      }
      below = bucket.getValue();
    }
    return lower;
  }

  private TreeMap<Double, Double> buckets() {
    var buckets = new TreeMap<Double, Double>();
    text.lines()
        .filter(line -> line.startsWith(PASS + "_bucket"))
        .filter(Metrics::ofServices)
        .forEach(
            line -> {
              var bound = BUCKET.matcher(line);
              if (bound.find()) {
                var le = bound.group(1);
                buckets.put(
                    le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le),
                    value(line));
              }
            });
    if (buckets.isEmpty()) {
      throw new IllegalStateException(
          "the operator's metrics have no histogram of its passes:\n"
              + text.lines().filter(line -> line.contains("reconcil")).toList());
    }
    return buckets;
  }

  private double sum(String name, Predicate<String> wanted) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(wanted)
        .mapToDouble(Metrics::value)
        .sum();
  }

  private static boolean ofServices(String line) {
    return line.contains("\"unikernelservices\"");
  }

  private static double value(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }
}
