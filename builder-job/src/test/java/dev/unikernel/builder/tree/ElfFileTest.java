package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ElfFileTest {
  private static final TestElf RICH =
      TestElf.amd64()
          .interpreter("/lib64/ld-linux-x86-64.so.2")
          .needs("liba.so.1", "libb.so.2")
          .soname("libme.so")
          .rpath("/r1:$ORIGIN/r2")
          .runpath("/run");

  @Test
  void readsWhatTheLoaderReads() throws Exception {
    ElfFile elf = ElfFile.read(Content.of(RICH.bytes())).orElseThrow();
    assertThat(elf)
        .isEqualTo(
            new ElfFile(
                64,
                62,
                ElfFile.TYPE_SHARED,
                "/lib64/ld-linux-x86-64.so.2",
                List.of("liba.so.1", "libb.so.2"),
                List.of("/r1", "$ORIGIN/r2"),
                List.of("/run"),
                "libme.so"));
  }

  @Test
  void readsTheProgramThatRunsThisTest() throws Exception {
    String java = ProcessHandle.current().info().command().orElseThrow();
    try (FileChannel file = FileChannel.open(Path.of(java))) {
      ElfFile elf = ElfFile.read(Content.of(file, 0, file.size())).orElseThrow();
      assertThat(elf.interpreter()).startsWith("/lib");
      assertThat(elf.needed()).contains("libc.so.6");
    }
  }

  @Test
  void tellsOtherFilesFromBrokenOnes() throws Exception {
    assertThat(ElfFile.read(Content.of("#!/bin/sh"))).isEmpty();
    assertThat(ElfFile.read(Content.of(""))).isEmpty();
    assertThatThrownBy(() -> ElfFile.read(Content.of("\u007fELF and no more")))
        .isInstanceOf(ElfFile.Malformed.class);
  }

  @Property(tries = 3000)
  void brokenFilesAreMalformedAndNothingWorse(@ForAll Random random) throws Exception {
    byte[] bytes = RICH.bytes();
    byte[] extremes = {0, 1, 2, 3, 5, 14, 29, 0x7f, (byte) 0x80, (byte) 0xff};
    for (int i = random.nextInt(1, 16); i > 0; i--) {
      bytes[random.nextInt(4, bytes.length)] = extremes[random.nextInt(extremes.length)];
    }
    int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
    Content content = Content.of(Arrays.copyOf(bytes, length));
    try {
      ElfFile.read(content).ifPresent(elf -> assertThat(elf.bits()).isIn(32, 64));
    } catch (ElfFile.Malformed expected) {
      assertThat(expected).hasMessageMatching(".+");
    }
  }
}
