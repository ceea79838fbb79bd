package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedLinuxTest {
  @TempDir Path scratch;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/init",
        "/dev/disk",
        "/dev/shm/a",
        "/proc/a",
        "/sys/a/b",
        "/sys",
        "/.unikernel/a"
      })
  void aFileThatTheGuestWouldNeverSeeIsRefusedByName(String path) {
    FileTreeBuilder files = FileTree.builder().put(path, new Entry.File(0644, Content.of("x")));

    assertThatThrownBy(() -> build(files))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> {
              assertThat(failure.error().code()).isEqualTo(Code.FileConflict);
              assertThat(failure.error().message()).startsWith(path + " ");
              assertThat(failure.error().remedy()).contains("spec.files", "contents: Minimal");
            });
  }

  @Test
  void whatImagesBringInThosePlacesIsNoObstacle() throws IOException {
    KernelImage image =
        build(
            FileTree.builder()
                .put("/dev/console", new Entry.File(0600, Content.of("")))
                .put("/dev/fd", new Entry.Symlink("/proc/self/fd"))
                .put("/dev/pts", new Entry.Directory(0755))
                .put("/proc", new Entry.Directory(0555))
                .put("/sys", new Entry.Directory(0555))
                .put("/developer/notes", new Entry.File(0644, Content.of("mine"))));
    assertThat(image.sizeBytes()).isPositive();
  }

  private KernelImage build(FileTreeBuilder files) throws IOException {
    Path file = Files.writeString(scratch.resolve("file"), "kernel and PID 1");
    return new SealedLinux(new LinuxRelease(file, "00", file, List.of()), Optional.empty())
        .build(files.build(), new GuestProgram("/a", List.of("a"), Map.of(), "/"), scratch);
  }
}
