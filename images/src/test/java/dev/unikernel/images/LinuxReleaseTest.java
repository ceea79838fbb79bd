package dev.unikernel.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxReleaseTest {

  @TempDir Path release;

  @Test
  void catalogue_names_what_boots_and_where_it_lies_in_the_image() throws IOException {
    Files.createDirectory(release.resolve("modules"));
    Files.writeString(release.resolve("VERSION"), "6.1.1-1\n");
    Files.writeString(release.resolve("copyright"), "GPL-2");
    Files.writeString(release.resolve("SHA256SUMS"), "");
    Files.writeString(release.resolve("vmlinuz"), "abc");
    Files.writeString(release.resolve("modules/10-virtio.ko"), "");

    var entry = LinuxRelease.in(release).catalogueEntry();

    assertThat(entry)
        .containsEntry("name", "linux")
        .containsEntry("version", "6.1.1-1")
        .containsEntry("directory", "/kernels/linux")
        .containsEntry(
            "files",
            Map.of(
                "modules/10-virtio.ko",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "vmlinuz",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  }
}
