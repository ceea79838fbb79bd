package dev.unikernel.images;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The chart values that name pushed images by digest and the kernels that they carry. */
final class Values {

  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build());

  private Values() {}

  static void write(Path file, String operator, String builder, List<Map<String, Object>> kernels)
      throws IOException {
    var values = new LinkedHashMap<String, Object>();
    values.put("operator", Map.of("image", operator));
    values.put("builder", Map.of("image", builder));
    values.put("kernels", kernels);
    Files.createDirectories(file.toAbsolutePath().getParent());
    YAML.writeValue(file.toFile(), values);
  }
}
