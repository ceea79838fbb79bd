package dev.unikernel.operator.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedTextTest {
  private final ObjectMapper mapper = new ObjectMapper();

  @BeforeEach
  void share() {
    new SharedText().decodedBy(mapper);
  }

  @Test
  void equalTextsOfObjectsAndTreesAreOne() throws JsonProcessingException {
    var json = "{\"name\": \"web\", \"labels\": {\"app\": \"web\"}}";
    var meta = mapper.readValue(json, ObjectMeta.class);
    var tree = mapper.readTree(json);
    assertThat(meta.getName()).isEqualTo("web").isSameAs(meta.getLabels().get("app"));
    assertThat(tree.get("name").textValue()).isSameAs(meta.getName());
    assertThat(mapper.treeToValue(tree, ObjectMeta.class).getName()).isSameAs(meta.getName());
  }

  @Test
  void everyTextStaysWhatItIs() {
    var shared = new SharedText();
    IntStream.range(0, 50_000)
        .mapToObj(i -> "text-" + i % 20_000)
        .forEach(text -> assertThat(shared.of(text)).isEqualTo(text));
    assertThat(shared.of(null)).isNull();
  }
}
