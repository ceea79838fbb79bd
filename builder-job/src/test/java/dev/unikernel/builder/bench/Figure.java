package dev.unikernel.builder.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One measured figure, beside what it should be and what it is compared to.
 *
 * @param goal the value should be at most this
 * @param peer the same of something known, in the same unit
 */
public record Figure(
    String name, double value, String unit, double goal, String peerName, double peer) {

  /** A figure that nothing known can be compared to. */
  public Figure(String name, double value, String unit, double goal) {
    this(name, value, unit, goal, null, 0);
  }

  /** One line of JSON on the output, which {@code src/build/bench} collects. */
  public void print() throws JsonProcessingException {
    Map<String, Object> figure = new LinkedHashMap<>();
    figure.put("name", name);
    figure.put("value", rounded(value));
    figure.put("unit", unit);
    figure.put("goal", "<= %s %s".formatted(rounded(goal), unit).strip());
    if (peerName != null) {
      figure.put("peer", "%s: %s %s".formatted(peerName, rounded(peer), unit).strip());
      figure.put("ratio", rounded(value / peer));
    }
    System.out.println(new ObjectMapper().writeValueAsString(figure));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
