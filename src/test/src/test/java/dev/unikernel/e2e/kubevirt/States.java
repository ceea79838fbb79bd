package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an operator can tell about a VM or a VMI at one moment, as one line, and the order in which
 * such lines come.
 */
final class States {

  private States() {}

  /** A VirtualMachine's: what kubectl prints, then what the conditions say. */
  static String ofMachine(JsonNode machine) {
    JsonNode status = machine.path("status");
    return "%s%s%s %s"
        .formatted(
            status.path("printableStatus").asText("-"),
            status.path("created").asBoolean() ? " created" : "",
            status.path("ready").asBoolean() ? " ready" : "",
            conditions(status));
  }

  /** A VirtualMachineInstance's: its phase, then what the conditions say. */
  static String ofInstance(JsonNode instance) {
    String deleting = instance.path("metadata").has("deletionTimestamp") ? " deleting" : "";
    return instance.at("/status/phase").asText("-")
        + deleting
        + " "
        + conditions(instance.path("status"));
  }

  private static List<String> conditions(JsonNode status) {
    List<String> lines = new ArrayList<>();
    for (String type : List.of("Ready", "PodScheduled", "Synchronized")) {
      for (JsonNode condition : status.path("conditions")) {
        if (condition.path("type").asText().equals(type)) {
          // Whether kubelet has already backed off from an image is a matter of time.
          String reason =
              condition.path("reason").asText("").replace("ErrImagePull", "ImagePullBackOff");
          lines.add(
              type
                  + "="
                  + condition.path("status").asText()
                  + (reason.isEmpty() ? "" : "/" + reason));
        }
      }
    }
    return lines;
  }

  /** The states of each object (by uid) in a stream, without repetitions. */
  static List<List<String>> sequences(
      List<JsonNode> stream, java.util.function.Function<JsonNode, String> state) {
    Map<String, List<String>> sequences = new LinkedHashMap<>();
    for (JsonNode object : stream) {
      List<String> sequence =
          sequences.computeIfAbsent(object.at("/metadata/uid").asText(), _ -> new ArrayList<>());
      String now = state.apply(object).replace("ErrImagePull", "ImagePullBackOff");
      if (sequence.isEmpty() || !sequence.getLast().equals(now)) {
        sequence.add(now);
      }
    }
    return List.copyOf(sequences.values());
  }

  /** Every pair of states of which the second was seen some time after the first. */
  static Set<String> orders(List<List<String>> sequences) {
    Set<String> orders = new HashSet<>();
    for (List<String> sequence : sequences) {
      for (int first = 0; first < sequence.size(); first++) {
        for (int second = first + 1; second < sequence.size(); second++) {
          orders.add(order(sequence.get(first), sequence.get(second)));
        }
      }
    }
    return orders;
  }

  static String order(String first, String second) {
    return first + "  ->  " + second;
  }

  /**
   * The words before the first space, without repetitions: phases of an instance, or what kubectl
   * prints of a machine.
   */
  static List<String> heads(List<String> sequence) {
    List<String> heads = new ArrayList<>();
    for (String state : sequence) {
      String head = state.split(" ", 2)[0];
      if (heads.isEmpty() || !heads.getLast().equals(head)) {
        heads.add(head);
      }
    }
    return heads;
  }
}
