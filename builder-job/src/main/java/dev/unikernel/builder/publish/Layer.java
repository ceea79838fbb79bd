package dev.unikernel.builder.publish;

import dev.unikernel.builder.kernel.KernelImage.ImageFile;
import dev.unikernel.builder.registry.Digest;
import dev.unikernel.builder.registry.Manifest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * One file as a layer. gzip, since every registry, runtime and importer takes it.
 *
 * @param file the packed layer
 * @param diffId digest of its tar
 */
record Layer(Path file, Manifest.Blob blob, String diffId) {
  /** The user that KubeVirt's virt-launcher runs QEMU as. */
  private static final int QEMU = 107;

  private static final int BUFFER = 1 << 16;

  static Layer pack(ImageFile content, Path target) throws IOException {
    MessageDigest packed = Digest.sha256();
    MessageDigest plain = Digest.sha256();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(target), packed);
        OutputStream gzip = new BufferedOutputStream(new Gzip(out), BUFFER);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(new DigestOutputStream(gzip, plain), "UTF-8")) {
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      write(content, tar);
    }
    Manifest.Blob blob = new Manifest.Blob(Digest.text(packed), Files.size(target));
    return new Layer(target, blob, Digest.text(plain));
  }

  private static void write(ImageFile content, TarArchiveOutputStream tar) throws IOException {
    String path = content.path().substring(1);
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      put(new TarArchiveEntry(path.substring(0, slash + 1)), 0755, tar);
      tar.closeArchiveEntry();
    }
    TarArchiveEntry file = new TarArchiveEntry(path);
    file.setSize(Files.size(content.content()));
    put(file, 0444, tar);
    Files.copy(content.content(), tar);
    tar.closeArchiveEntry();
  }

  private static void put(TarArchiveEntry entry, int mode, TarArchiveOutputStream tar)
      throws IOException {
    entry.setMode(mode);
    entry.setIds(QEMU, QEMU);
    entry.setUserName("");
    entry.setGroupName("");
    entry.setModTime(FileTime.fromMillis(0));
    tar.putArchiveEntry(entry);
  }

  /** The fastest level: a disk's many zeros shrink at any. */
  private static final class Gzip extends GZIPOutputStream {
    Gzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
