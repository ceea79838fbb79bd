package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code src/test/c/dhcp_test.c} against the DHCP messages of PID 1. */
class DhcpTest {

  @Test
  void messagesAreReadAndNoBytesDoHarm(@TempDir Path scratch) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "needs a C compiler (Debian: gcc)");
    Path test = scratch.resolve("dhcp_test");
    run(
        "cc",
        "-std=c17",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-g",
        "-O1",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover",
        "-Isrc/main/c",
        "-o",
        test.toString(),
        "src/test/c/dhcp_test.c",
        "src/main/c/dhcp_message.c");
    String seed = String.valueOf(System.nanoTime() & 0xffff);
    run(test.toString(), seed);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s%n%s", String.join(" ", command), output).isZero();
  }
}
