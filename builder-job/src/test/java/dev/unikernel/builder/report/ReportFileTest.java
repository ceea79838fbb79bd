package dev.unikernel.builder.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unikernel.builder.report.BuildReport.BuildError;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class ReportFileTest {
  @Property(tries = 200)
  void anyReportFits(
      @ForAll @StringLength(max = 9000) String message,
      @ForAll @StringLength(max = 9000) String remedy,
      @ForAll @StringLength(max = 5000) String user,
      @ForAll @Size(max = 100) List<@StringLength(max = 300) String> volumes)
      throws Exception {
    String json =
        ReportFile.fitting(
            new BuildReport(
                null,
                null,
                null,
                new BuildReport.Source("sha256:1", user, volumes),
                new BuildError(Code.PullRefused, message, remedy)));
    assertThat(json.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(4096);
    JsonNode error = new ObjectMapper().readTree(json).path("error");
    assertThat(error.path("code").asText()).isEqualTo("PullRefused");
    assertThat(message)
        .startsWith(error.path("message").asText().replaceFirst("(?s)…$", "").stripTrailing());
  }

  @Example
  void ashortReportIsWhole() {
    BuildError error = new BuildError(Code.Internal, "what", "do");
    assertThat(ReportFile.fitting(new BuildReport(null, null, null, null, error)))
        .isEqualTo("{\"error\":{\"code\":\"Internal\",\"message\":\"what\",\"remedy\":\"do\"}}");
  }
}
