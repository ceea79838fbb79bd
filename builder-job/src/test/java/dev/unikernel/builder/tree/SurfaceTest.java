package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.builder.tree.Entry.File;
import dev.unikernel.builder.tree.Entry.Symlink;
import org.junit.jupiter.api.Test;

class SurfaceTest {
  @Test
  void countsWhatAnIntruderWouldFind() throws Exception {
    File shell = TestElf.amd64().interpreter("/lib/ld.so").file();
    FileTree tree =
        FileTree.builder()
            .put("/bin/dash", shell)
            .put("/bin/sh", new Symlink("dash"))
            .put("/bin/rbash", new Symlink("bash"))
            .put("/bin/bash", TestElf.amd64().interpreter("/lib/ld.so").file())
            .put("/bin/su", new File(04755, Content.of(TestElf.amd64().executable().bytes())))
            .put("/bin/wall", new File(02755, Content.of(TestElf.amd64().executable().bytes())))
            .put("/bin/script", new File(0755, Content.of("#!/bin/sh\n")))
            .put("/share/script", new File(0644, Content.of("#!/bin/sh\n")))
            .put("/share/zsh", new File(0644, Content.of("a word")))
            .put("/lib/ld.so", TestElf.amd64().soname("ld.so").file())
            .put("/lib/libc.so.6", TestElf.amd64().interpreter("/lib/ld.so").soname("c").file())
            .put("/lib/plugin.so", new File(0644, Content.of(TestElf.amd64().bytes())))
            .put("/lib/broken", new File(0755, Content.of("\u007fELF")))
            .build();
    assertThat(Surface.of(tree)).isEqualTo(new Surface(11, 5, 3, 2, 2));
    assertThat(Surface.of(tree.withoutSpecialModes())).isEqualTo(new Surface(11, 5, 3, 0, 2));
  }

  @Test
  void anEmptyTreeHasNone() throws Exception {
    assertThat(Surface.of(FileTree.empty())).isEqualTo(new Surface(0, 0, 0, 0, 0));
  }
}
