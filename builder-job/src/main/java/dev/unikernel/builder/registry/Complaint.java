package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A registry's own words for why it refuses (distribution-spec, error codes). */
final class Complaint {
  private static final int LONGEST = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Complaint() {}

  /**
   * The first error of an answer's body as one line: {@code CODE: sentence}.
   *
   * @param redact takes secrets out
   */
  static Optional<String> in(String body, UnaryOperator<String> redact) {
    if (body == null) {
      return Optional.empty();
    }
    JsonNode error;
    try {
      error = JSON.readTree(body).path("errors").path(0);
    } catch (IOException noJson) {
      return Optional.empty();
    }
    String code = error.path("code").asText("");
    if (!code.matches("[A-Z][A-Z0-9_]{0,39}")) {
      return Optional.empty();
    }
    String sentence = line(redact.apply(error.path("message").asText("")));
    return Optional.of(sentence.isEmpty() ? code : code + ": " + sentence);
  }

  private static String line(String text) {
    String plain = text.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
    int length = plain.codePointCount(0, plain.length());
    return length <= LONGEST
        ? plain
        : plain.substring(0, plain.offsetByCodePoints(0, LONGEST)) + "…";
  }
}
