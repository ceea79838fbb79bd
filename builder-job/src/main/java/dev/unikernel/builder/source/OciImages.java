package dev.unikernel.builder.source;

import dev.unikernel.builder.kernel.ImageFiles;
import dev.unikernel.builder.registry.Purpose;
import dev.unikernel.builder.registry.RegistryAccess;
import dev.unikernel.builder.registry.RegistryAccess.Place;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Container images of one architecture, wherever their registry is. */
public record OciImages(RegistryAccess access, String architecture, Progress progress)
    implements ImageFiles {

  /**
   * Pulls an image.
   *
   * @param scratch where its files are spooled
   */
  public OciImage pull(String reference, Purpose purpose, Path scratch) throws IOException {
    Place place = access.open(reference, purpose);
    return OciImage.pull(
        place.repository(), place.qualifier(), reference, architecture, scratch, progress);
  }

  @Override
  public void extract(String reference, Set<String> wanted, Path directory) throws IOException {
    Path scratch = Files.createTempDirectory(directory, "image-");
    try (OciImage image = pull(reference, Purpose.PULL_KERNEL, scratch)) {
      for (String name : wanted) {
        FileTree.Resolved found = image.tree().resolve("/" + name).orElse(null);
        if (found != null && found.entry() instanceof Entry.File file) {
          write(file, directory.resolve(name));
        }
      }
    }
  }

  private static void write(Entry.File file, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    try (FileChannel out =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      file.content().copyTo(out);
    }
  }
}
