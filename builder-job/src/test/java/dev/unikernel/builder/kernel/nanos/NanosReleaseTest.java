package dev.unikernel.builder.kernel.nanos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.ReleaseFetcher;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NanosReleaseTest {
  private static final String SHA256_OF_NOTHING =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @TempDir Path directory;

  @Test
  void takesKlibsWithAllThatTheyNeed() throws IOException {
    NanosRelease release =
        fetch(List.of("firewall", "ntp"), "firewall", "ntp", "radar", "tls", "tun");
    assertThat(release.klibs().keySet()).containsExactly("firewall", "ntp", "radar", "tls");
    assertThat(release.kernelSha256()).isEqualTo(SHA256_OF_NOTHING);
    assertThat(release.kernel()).isEqualTo(directory.resolve("kernel.img"));
  }

  @Test
  void takesNoKlibsWhereNoneAreAskedFor() throws IOException {
    assertThat(fetch(null, "tls").klibs()).isEmpty();
  }

  @Test
  void namesAKlibThatTheReleaseLacks() {
    assertFails(Code.KernelLimit, "klib tls", List.of("gcp"), "gcp");
    assertFails(Code.KernelLimit, "klib nope", List.of("nope"), "tls");
  }

  private void assertFails(Code code, String message, List<String> asked, String... released) {
    assertThatThrownBy(() -> fetch(asked, released))
        .isInstanceOfSatisfying(
            BuildFailure.class, failure -> assertThat(failure.error().code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private NanosRelease fetch(List<String> asked, String... released) throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put("boot.img", SHA256_OF_NOTHING);
    files.put("kernel.img", SHA256_OF_NOTHING);
    for (String klib : released) {
      files.put("klibs/" + klib, SHA256_OF_NOTHING);
    }
    for (String file : files.keySet()) {
      Path path = directory.resolve(file);
      Files.createDirectories(path.getParent());
      Files.write(path, new byte[0]);
    }
    var plan =
        new BuildPlan.KernelRelease("nanos", "1", directory.toString(), null, null, files, asked);
    return NanosRelease.fetch(plan, new ReleaseFetcher(directory, (image, wanted, into) -> {}));
  }
}
