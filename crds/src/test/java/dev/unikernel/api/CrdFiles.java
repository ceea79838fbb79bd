package dev.unikernel.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The CRD files: what the records say they hold, and where they lie. */
final class CrdFiles {
  static final String UPDATE_COMMAND = "make crds";

  private static final String HEADER =
      "# Generated from the records in crds/src/main/java/dev/unikernel/api; edit those, then run\n"
          + "#   "
          + UPDATE_COMMAND
          + "\n";

  private static final List<Class<? extends CustomResource<?, ?>>> KINDS =
      List.of(UnikernelImage.class, UnikernelService.class);

  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .build());

  private CrdFiles() {}

  /** File name to content, from the records as they are compiled now. */
  static Map<String, String> generated() {
    Map<String, String> files = new TreeMap<>();
    for (var kind : KINDS) {
      JsonNode crd = generate(kind);
      String name = crd.at("/metadata/name").textValue();
      files.put(name + ".yaml", HEADER + write(SchemaFinish.of(kind, crd)));
    }
    return files;
  }

  /** The directories that hold a copy: the one for people and the chart's. */
  static List<Path> directories() {
    return List.of(
        RealApiServer.repository().resolve("crds"),
        RealApiServer.repository().resolve("helm/unikernel-operator/files/crds"));
  }

  private static JsonNode generate(Class<? extends CustomResource<?, ?>> kind) {
    var out = new InMemory();
    new CRDGenerator()
        .customResourceClasses(List.of(kind))
        .forCRDVersions("v1")
        .withOutput(out)
        .generate();
    try {
      return YAML.readTree(out.bytes.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String write(JsonNode tree) {
    try {
      return YAML.writeValueAsString(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class InMemory implements CRDGenerator.CRDOutput<OutputStream> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public OutputStream outputFor(String crdName) {
      return bytes;
    }

    @Override
    public URI crdURI(String crdName) {
      return URI.create("file:/" + crdName);
    }

    @Override
    public void close() {}
  }
}
