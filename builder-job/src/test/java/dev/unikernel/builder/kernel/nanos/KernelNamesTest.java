package dev.unikernel.builder.kernel.nanos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import org.junit.jupiter.api.Test;

class KernelNamesTest {
  private static final Entry FILE = new Entry.File(0644, Content.of("x"));

  @Test
  void leavesOutWhatTheKernelMakesAndKeepsTheRest() {
    var tree = FileTree.builder();
    tree.put("/dev/null", FILE);
    tree.put("/dev/shm", new Entry.Directory(0755));
    tree.put("/proc/self/exe", new Entry.Symlink("/bin/x"));
    tree.put("/proc/sys/net", FILE);
    tree.put("/sys/devices/system/cpu/online", FILE);
    tree.put("/etc/hostname", FILE);
    assertThat(KernelNames.removedFrom(tree.build()).entries().keySet())
        .containsExactly(
            "/",
            "/dev",
            "/dev/shm",
            "/etc",
            "/etc/hostname",
            "/proc",
            "/proc/self",
            "/proc/sys",
            "/proc/sys/net",
            "/sys",
            "/sys/devices",
            "/sys/devices/system",
            "/sys/devices/system/cpu");
  }

  @Test
  void leavesOutWhatIsInTheWayOfItsDirectories() {
    var tree = FileTree.builder();
    tree.put("/dev", new Entry.Symlink("other"));
    tree.put("/other/null", FILE);
    tree.put("/proc/self", FILE);
    tree.put("/sys/devices/system", FILE);
    tree.put("/etc/hostname/oops", FILE);
    assertThat(KernelNames.removedFrom(tree.build()).entries().keySet())
        .containsExactly("/", "/etc", "/other", "/other/null", "/proc", "/sys", "/sys/devices");
  }

  @Test
  void refusesNamesThatNoProgramCouldOpen() {
    var tree = FileTree.builder();
    tree.put("/" + "ä".repeat(128), FILE);
    assertThatThrownBy(() -> KernelNames.removedFrom(tree.build()))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("longer");
  }
}
