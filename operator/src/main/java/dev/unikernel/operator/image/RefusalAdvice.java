package dev.unikernel.operator.image;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the API server says when it refuses a builder pod or Job, followed by what to write. What
 * differs from try to try is left out: the generated name of the pod, and how much of a quota
 * others use at the moment. So the same refusal has the same words.
 */
final class RefusalAdvice {
  /** The API server cuts what a name is generated from to this length, and adds five letters. */
  private static final int GENERATED_FROM = 58;

  private static final String RESOURCE = "(cpu|memory|ephemeral-storage)";
  private static final Pattern FIELD =
      Pattern.compile("\\b(?:(limits|requests)\\.)?" + RESOURCE + "\\b");

  private record Rule(Pattern says, Function<MatchResult, String> advice) {}

  private static final List<Rule> RULES =
      List.of(
          rule("failed quota: [^:]+: must specify (.+)", m -> "Set " + fields(m.group(1)) + "."),
          rule(
              "exceeded quota: ([^,]+), requested: ([^,]*(?:cpu|memory|ephemeral-storage)\\S*),",
              m -> "Lower %s, or ask for a larger quota.".formatted(fields(m.group(2)))),
          rule(
              "exceeded quota: ([^,]+),",
              m ->
                  "Delete what is no longer needed, or ask for a larger quota %s."
                      .formatted(m.group(1))),
          rule(
              "must be less than or equal to " + RESOURCE + " limit of (\\S+)",
              m ->
                  "Set spec.build.resources.limits.%1$s: a LimitRange of the namespace gives %2$s where it is absent. Or lower spec.build.resources.requests.%1$s to that."
                      .formatted(m.group(1), plain(m.group(2)))),
          rule(
              "maximum " + RESOURCE + " usage per \\w+ is (\\S+?)[,.]? +(?:but|No)",
              m ->
                  "Set spec.build.resources.limits.%s to %s or less."
                      .formatted(m.group(1), plain(m.group(2)))),
          rule(
              "minimum " + RESOURCE + " usage per \\w+ is (\\S+?)[,.]? +(?:but|No)",
              m ->
                  "Set spec.build.resources.requests.%1$s and limits.%1$s to %2$s or more."
                      .formatted(m.group(1), plain(m.group(2)))),
          rule(
              RESOURCE + " max limit to request ratio per \\w+ is (\\S+?),",
              m ->
                  "Set spec.build.resources.limits.%1$s to at most %2$s times requests.%1$s."
                      .formatted(m.group(1), plain(m.group(2)))));

  private RefusalAdvice() {}

  /**
   * The sentence for the user.
   *
   * @param message as the API server or the Job controller words it
   * @param job name of the Job whose pod is refused, or which is refused itself
   */
  static String of(String message, String job) {
    var stable = stable(message, job);
    return RULES.stream()
        .flatMap(rule -> rule.says().matcher(stable).results().limit(1).map(rule.advice()))
        .findFirst()
        .map(advice -> (stable.endsWith(".") ? stable : stable + ".") + " " + advice)
        .orElse(stable);
  }

  private static String stable(String message, String job) {
    var prefix = job + "-";
    var generated =
        Pattern.quote(prefix.substring(0, Math.min(prefix.length(), GENERATED_FROM)))
            + "-?[a-z0-9]{5}\\b";
    return Optional.of(message)
        .map(text -> text.replaceFirst("^Error creating: ", ""))
        .map(text -> text.replaceAll("(?i)\\bpods? \"?" + generated + "\"?", "the pod"))
        .map(text -> text.replaceAll("\"?" + generated + "\"?", "the pod"))
        .map(text -> text.replaceAll(", used: \\S*,", ","))
        .orElseThrow();
  }

  /** The fields of {@code spec.build.resources} that a list of resources of a quota is about. */
  private static String fields(String resources) {
    return FIELD
        .matcher(resources)
        .results()
        .map(
            m ->
                "spec.build.resources.%s.%s"
                    .formatted(m.group(1) == null ? "requests" : m.group(1), m.group(2)))
        .distinct()
        .collect(Collectors.joining(" and "));
  }

  private static String plain(String quantity) {
    return quantity.replaceAll("[,.;\\]]+$", "");
  }

  private static Rule rule(String says, Function<MatchResult, String> advice) {
    return new Rule(Pattern.compile(says), advice);
  }
}
