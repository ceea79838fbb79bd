package dev.unikernel.builder.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.report.BuildReport.BuildError;
import dev.unikernel.builder.report.BuildReport.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The container's termination message, of which the kubelet reads {@value #LARGEST} bytes. */
public record ReportFile(Path path) {
  /** Bytes. */
  public static final int LARGEST = 4096;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public void write(BuildReport report) throws IOException {
    Files.writeString(path, fitting(report));
  }

  /** The report as JSON; where it is too long, its longest texts end in an ellipsis. */
  static String fitting(BuildReport report) {
    String json = json(report);
    for (int longest = 1024; json.getBytes(StandardCharsets.UTF_8).length > LARGEST; longest /= 2) {
      json = json(shortened(report, longest));
    }
    return json;
  }

  private static BuildReport shortened(BuildReport report, int longest) {
    BuildError error = report.error();
    Source source = report.source();
    return new BuildReport(
        report.artifact(),
        report.surface(),
        report.sourceSurface(),
        source == null
            ? null
            : new Source(source.digest(), cut(source.user(), longest), some(source.volumes())),
        error == null
            ? null
            : new BuildError(
                error.code(), cut(error.message(), longest), cut(error.remedy(), longest)));
  }

  private static List<String> some(List<String> volumes) {
    return volumes == null
        ? null
        : volumes.stream().limit(8).map(volume -> cut(volume, 64)).toList();
  }

  private static String cut(String text, int longest) {
    if (text == null || text.length() <= longest) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(longest - 2)) ? longest - 2 : longest - 1;
    return text.substring(0, end) + "…";
  }

  private static String json(BuildReport report) {
    try {
      return JSON.writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers are always JSON", e);
    }
  }
}
