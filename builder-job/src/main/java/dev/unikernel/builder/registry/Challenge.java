package dev.unikernel.builder.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a 401 asks for (RFC 9110, 11.6.1).
 *
 * @param scheme {@code bearer}, {@code basic} or another, in lower case
 * @param parameters by name in lower case, such as {@code realm}
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final Pattern PART =
      Pattern.compile(
          "[\\s,]*(?:([A-Za-z0-9_-]+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,\"]*))|([A-Za-z0-9_-]+))");

  /** The challenges of all {@code WWW-Authenticate} headers; what cannot be read ends the list. */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String header : headers) {
      Matcher part = PART.matcher(header);
      while (part.lookingAt()) {
        if (part.group(4) != null) {
          challenges.add(new Challenge(part.group(4).toLowerCase(Locale.ROOT), new HashMap<>()));
        } else if (!challenges.isEmpty()) {
          String value = part.group(2) != null ? part.group(2) : part.group(3);
          challenges
              .getLast()
              .parameters
              .putIfAbsent(part.group(1).toLowerCase(Locale.ROOT), value);
        }
        part.region(part.end(), header.length());
      }
    }
    return challenges;
  }

  static Optional<Challenge> first(List<Challenge> challenges, String scheme) {
    return challenges.stream().filter(challenge -> challenge.scheme.equals(scheme)).findFirst();
  }
}
