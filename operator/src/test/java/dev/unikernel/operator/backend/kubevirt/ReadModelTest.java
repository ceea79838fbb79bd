package dev.unikernel.operator.backend.kubevirt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Machines and runs with any content are read, and become instances. */
class ReadModelTest {
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SPOILT = 20;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anyValueInAnyFieldIsRead(long seed) throws IOException {
    var random = new Random(seed);
    var machine = observed("vm");
    var run = observed("vmi");
    spoil(machine, random);
    spoil(run, random);

    var machines = List.of(KUBERNETES.unmarshal(machine.toString(), VirtualMachine.class));
    var runs = List.of(KUBERNETES.unmarshal(run.toString(), VirtualMachineInstance.class));

    assertThat(
            Instances.of(
                machines.stream().peek(Slim::machine).toList(),
                runs.stream().peek(Slim::run).toList(),
                List.of()))
        .hasSize(1);
  }

  private static ObjectNode observed(String kind) throws IOException {
    var file =
        Recordings.directory("kubevirt-observed").resolve("07-running-ready/" + kind + ".yaml");
    return (ObjectNode)
        JSON.readTree(KUBERNETES.asJson(KUBERNETES.unmarshal(Files.readString(file), Map.class)));
  }

  private static void spoil(ObjectNode object, Random random) {
    var containers = new ArrayList<JsonNode>();
    for (var part : List.of("spec", "status")) {
      if (random.nextInt(10) == 0) {
        object.set(part, anything(random));
      }
      collect(object.path(part), containers);
    }
    for (int i = 0; i < SPOILT && !containers.isEmpty(); i++) {
      switch (containers.get(random.nextInt(containers.size()))) {
        case ObjectNode map when !map.isEmpty() -> {
          var names = new ArrayList<String>();
          map.fieldNames().forEachRemaining(names::add);
          map.set(names.get(random.nextInt(names.size())), anything(random));
        }
        case ArrayNode list when !list.isEmpty() ->
            list.set(random.nextInt(list.size()), anything(random));
        default -> {}
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static JsonNode anything(Random random) {
    var make = JsonNodeFactory.instance;
    return switch (random.nextInt(9)) {
      case 0 -> make.nullNode();
      case 1 -> make.numberNode(BigInteger.TEN.pow(random.nextInt(300)));
      case 2 -> make.numberNode(-1.5e300);
      case 3 -> make.booleanNode(random.nextBoolean());
      case 4 -> make.arrayNode().add("http").add(make.arrayNode());
      case 5 -> make.objectNode().put("type", "Ready").put("status", 7);
      case 6 -> make.textNode("+1000000000-01-01T00:00:00Z");
      case 7 -> make.textNode("");
      default -> make.textNode("http");
    };
  }
}
