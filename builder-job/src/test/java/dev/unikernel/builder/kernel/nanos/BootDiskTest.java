package dev.unikernel.builder.kernel.nanos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.nanos.Value.Text;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.kernel.nanos.Value.Vector;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootDiskTest {
  private static final int KERNEL_BYTES = 1_700_000;

  private static final GuestProgram PROGRAM =
      new GuestProgram(
          "/bin/server", List.of("server", "", "-x"), Map.of("B", "2", "A", ""), "/srv");

  @TempDir Path scratch;

  @Test
  void holdsLoaderKernelAndRootWithItsManifest() throws IOException {
    Path out = scratch.resolve("disk");
    NanosRelease release = Releases.standIn(scratch, KERNEL_BYTES, "tls", "ntp");
    long size = BootDisk.write(out, tree(), PROGRAM, release);
    assertThat(size).isEqualTo(Files.size(out)).isEqualTo(29L << 20);
    try (FileChannel channel = FileChannel.open(out)) {
      BootDisk disk = BootDisk.read(channel);
      assertThat(disk.boot().files().entries().keySet())
          .containsExactly("/", "/kernel", "/klib", "/klib/ntp", "/klib/tls");
      Entry kernel = disk.boot().files().get("/kernel").orElseThrow();
      assertThat(((Entry.File) kernel).content().open())
          .hasBinaryContent(Files.readAllBytes(release.kernel()));
      assertThat(FileTrees.essence(disk.root().files())).isEqualTo(FileTrees.essence(tree()));
      Tuple root = disk.root().root();
      assertThat(root.get("program")).contains(new Text("/bin/server"));
      assertThat(root.get("arguments")).contains(Vector.of(List.of("server", "", "-x")));
      assertThat(root.get("cwd")).contains(new Text("/srv"));
      assertThat(root.get("klibs")).contains(new Text("bootfs"));
      assertThat(((Tuple) root.get("environment").orElseThrow()).entries())
          .containsExactly(Map.entry("A", new Text("")), Map.entry("B", new Text("2")));
      assertThat(crashLog(channel)).containsOnly(0);
    }
  }

  @Test
  void withoutKlibsAndEnvironmentTheManifestStillHasAnEnvironment() {
    GuestProgram bare = new GuestProgram("/bin/server", List.of(), Map.of(), "/");
    assertThat(Manifest.of(tree(), bare, false).entries())
        .containsOnlyKeys("program", "arguments", "environment", "cwd");
  }

  @Test
  void theManifestNamesTheProgramBehindLinks() {
    var links = tree().toBuilder();
    links.put("/usr/bin/serve", new Entry.Symlink("../../alternatives/serve"));
    links.put("/alternatives/serve", new Entry.Symlink("/bin/server"));
    GuestProgram program = new GuestProgram("/usr/bin/serve", List.of("serve"), Map.of(), "/");
    assertThat(Manifest.of(links.build(), program, false).get("program"))
        .contains(new Text("/bin/server"));
    assertThatThrownBy(() -> Manifest.of(tree(), program, false))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("/usr/bin/serve");
  }

  @Test
  void theSameInputsMakeTheSameDiskOverWhatWasThere() throws IOException {
    NanosRelease release = Releases.standIn(scratch, KERNEL_BYTES, "tls");
    Path one = scratch.resolve("one");
    Path other = Files.write(scratch.resolve("other"), new byte[40 << 20]);
    Files.writeString(other, "left over from before");
    BootDisk.write(one, tree(), PROGRAM, release);
    BootDisk.write(other, tree(), PROGRAM, release);
    assertThat(Files.mismatch(one, other)).isEqualTo(-1);
  }

  @Test
  void isPublishedAsAContainerDisk() throws IOException {
    NanosRelease release = Releases.standIn(scratch, KERNEL_BYTES);
    KernelImage image = new NanosKernel(release, Optional.empty()).build(tree(), PROGRAM, scratch);
    assertThat(image.kernelSha256()).isEqualTo(release.kernelSha256());
    assertThat(image.files())
        .singleElement()
        .satisfies(
            file -> {
              assertThat(file.path()).isEqualTo("/disk/disk.img");
              assertThat(Files.size(file.content())).isEqualTo(image.sizeBytes());
            });
  }

  @Test
  void refusesALoaderThatIsNone() throws IOException {
    NanosRelease release = Releases.standIn(scratch, KERNEL_BYTES);
    Files.write(release.loader(), new byte[48_640]);
    assertFails(Code.KernelMismatch, "boot.img", release);
  }

  @Test
  void refusesAKernelThatIsTooBig() throws IOException {
    assertFails(Code.KernelLimit, "12 MiB", Releases.standIn(scratch, 13 << 20));
  }

  private void assertFails(Code code, String message, NanosRelease release) {
    assertThatThrownBy(() -> BootDisk.write(scratch.resolve("d"), tree(), PROGRAM, release))
        .isInstanceOfSatisfying(
            BuildFailure.class, failure -> assertThat(failure.error().code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private static FileTree tree() {
    var tree = FileTree.builder();
    tree.put("/bin/server", new Entry.File(0755, Content.of("program")));
    tree.put("/etc/motd", new Entry.File(0644, Content.of("")));
    tree.put("/lib", new Entry.Symlink("usr/lib"));
    tree.put("/srv", new Entry.Directory(0755));
    return tree.build();
  }

  private static byte[] crashLog(FileChannel disk) throws IOException {
    ByteBuffer log = ByteBuffer.allocate(BootDisk.CRASH_LOG_BYTES);
    disk.read(log, 95 * 512L);
    return log.array();
  }
}
