package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.ReleaseFetcher;
import dev.unikernel.builder.kernel.Sha256;
import dev.unikernel.builder.plan.BuildPlan.KernelRelease;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No byte boots that the catalogue does not vouch for. */
class LinuxReleaseTest {
  @TempDir Path directory;
  private final Map<String, String> catalogue = new TreeMap<>();

  @BeforeEach
  void assemble() throws IOException {
    for (String file : List.of("vmlinuz", "init", "modules/10-net.ko", "modules/11-rng.ko")) {
      write(file, "the " + file);
      catalogue.put(file, sha256(file));
    }
  }

  @Test
  void modulesLoadInTheOrderOfTheirNames() throws IOException {
    LinuxRelease release = fetch();
    assertThat(release.kernel()).hasContent("the vmlinuz");
    assertThat(release.kernelSha256()).isEqualTo(catalogue.get("vmlinuz"));
    assertThat(release.init()).hasContent("the init");
    assertThat(release.modules())
        .extracting(Path::getFileName)
        .extracting(Path::toString)
        .containsExactly("10-net.ko", "11-rng.ko");
  }

  @Test
  void aModuleThatTheCatalogueDoesNotNameIsNoPartOfTheRelease() throws IOException {
    write("modules/evil.ko", "evil");
    assertThat(fetch().modules()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vmlinuz", "init", "modules/10-net.ko"})
  void anotherFileThanTheCatalogueSaysIsRefused(String file) throws IOException {
    write(file, "tampered");
    assertRefused(file + " of kernel linux 6.12 has sha256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vmlinuz", "init"})
  void aCatalogueThatNamesNoKernelOrNoFirstProgramIsRefused(String file) throws IOException {
    catalogue.remove(file);
    write(file, "tampered");
    assertRefused("names no file " + file);
  }

  @Test
  void aReleaseOnThisMachineIsVerifiedByItsOwnSums() throws IOException {
    StringBuilder sums = new StringBuilder();
    catalogue.forEach((file, sum) -> sums.append(sum).append("  ").append(file).append('\n'));
    write("SHA256SUMS", sums.toString());
    write("VERSION", "6.12\n");
    write("modules/evil.ko", "evil");
    assertThat(LinuxRelease.in(directory)).isEqualTo(fetch());

    write("init", "tampered");
    assertThatThrownBy(() -> LinuxRelease.in(directory))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("init of kernel linux 6.12 has sha256");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(this::fetch)
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> assertThat(failure.error().code()).isEqualTo(Code.KernelMismatch))
        .hasMessageContaining(message);
  }

  private LinuxRelease fetch() throws IOException {
    return LinuxRelease.fetch(
        new KernelRelease("linux", "6.12", directory.toString(), null, null, catalogue, List.of()),
        new ReleaseFetcher(directory, (image, wanted, into) -> {}));
  }

  private void write(String file, String content) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private String sha256(String file) throws IOException {
    return HexFormat.of()
        .formatHex(Sha256.digest().digest(Files.readAllBytes(directory.resolve(file))));
  }
}
