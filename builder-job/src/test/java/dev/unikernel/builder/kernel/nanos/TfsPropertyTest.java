package dev.unikernel.builder.kernel.nanos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class TfsPropertyTest {

  @Provide
  Arbitrary<FileTree> trees() {
    return FileTrees.any();
  }

  @Property(tries = 80)
  void whatIsWrittenIsRead(
      @ForAll("trees") FileTree tree, @ForAll @LongRange(max = 3) long startSector)
      throws IOException {
    try (Disk disk = new Disk()) {
      Tfs tfs = new Tfs(tree, new Tuple().with("program", "/p"), "label");
      tfs.writeTo(disk.channel, startSector * Sectors.SIZE);
      disk.endAt(startSector * Sectors.SIZE + tfs.sizeBytes());
      TfsVolume volume = TfsVolume.read(disk.channel, startSector * Sectors.SIZE);
      assertThat(volume.label()).isEqualTo("label");
      assertThat(volume.root().get("program")).contains(new Value.Text("/p"));
      assertThat(FileTrees.essence(volume.files())).isEqualTo(FileTrees.essence(tree));
    }
  }

  @Property(tries = 20)
  void theSameTreeMakesTheSameBytes(@ForAll("trees") FileTree tree) throws IOException {
    try (Disk one = new Disk();
        Disk other = new Disk()) {
      new Tfs(tree, new Tuple(), "").writeTo(one.channel, 0);
      new Tfs(tree.toBuilder().build(), new Tuple(), "").writeTo(other.channel, 0);
      assertThat(Files.mismatch(one.path, other.path)).isEqualTo(-1);
    }
  }

  /** Trees whose metadata takes more than one log extension. */
  @Example
  void manyFilesTakeSeveralExtensions() throws IOException {
    var builder = FileTree.builder();
    for (int i = 0; i < 12_000; i++) {
      String name = "/directory-%02d/file-with-a-long-name-%06d".formatted(i % 50, i);
      builder.put(name, new Entry.File(0644, Content.of(i % 3 == 0 ? "" : name)));
    }
    FileTree tree = builder.build();
    try (Disk disk = new Disk()) {
      Tfs tfs = new Tfs(tree, new Tuple(), "");
      tfs.writeTo(disk.channel, 0);
      disk.endAt(tfs.sizeBytes());
      assertThat(FileTrees.essence(TfsVolume.read(disk.channel, 0).files()))
          .isEqualTo(FileTrees.essence(tree));
    }
  }

  /** The log's cut between extensions is right for every length near the limits. */
  @Property(tries = 25)
  void anyLengthOfMetadataIsCutSoundly(
      @ForAll @IntRange(min = 1, max = 3) int extensions,
      @ForAll @IntRange(min = -60, max = 60) int beyond)
      throws IOException {
    int length = extensions * TfsLog.CAPACITY + beyond;
    try (Disk disk = new Disk()) {
      String filler = "x".repeat(length);
      Tfs tfs = new Tfs(FileTree.empty(), new Tuple().with("filler", filler), "");
      tfs.writeTo(disk.channel, 0);
      disk.endAt(tfs.sizeBytes());
      assertThat(TfsVolume.read(disk.channel, 0).root().get("filler"))
          .contains(new Value.Text(filler));
    }
  }

  /** For any bytes: an answer or a {@link TfsException}, soon. */
  @Property(tries = 150)
  void damagedBytesAreRefusedOrRead(
      @ForAll("trees") FileTree tree,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 30) int hits)
      throws IOException {
    try (Disk disk = new Disk()) {
      Tfs tfs = new Tfs(tree, new Tuple(), "");
      Assume.that(tfs.sizeBytes() < 4 << 20);
      tfs.writeTo(disk.channel, 0);
      disk.endAt(tfs.sizeBytes());
      Random random = new Random(seed);
      for (int i = 0; i < hits; i++) {
        int within = random.nextBoolean() ? 64 : 2048;
        long at = random.nextInt(2) * (long) Sectors.SIZE + random.nextInt(within);
        disk.channel.write(ByteBuffer.wrap(new byte[] {(byte) random.nextInt(256)}), at);
      }
      readSome(disk.channel);
    }
  }

  @Property(tries = 150)
  void foreignTuplesAreRefusedOrRead(@ForAll byte[] noise) throws IOException {
    try (Disk disk = new Disk()) {
      for (var extension :
          TfsLog.extensions(new byte[TfsLog.UUID_BYTES], "", noise, TfsLog.EXTENSION_SECTORS + 1)) {
        disk.channel.write(extension.content(), extension.sector() * Sectors.SIZE);
      }
      disk.endAt(2L * TfsLog.EXTENSION_SECTORS * Sectors.SIZE);
      readSome(disk.channel);
    }
  }

  @Property(tries = 150)
  void foreignPartitionTablesAreRefusedOrRead(@ForAll @Size(512) byte[] sector) throws IOException {
    try (Disk disk = new Disk()) {
      sector[510] = 0x55;
      sector[511] = (byte) 0xaa;
      disk.channel.write(ByteBuffer.wrap(sector), 0);
      disk.endAt(1 << 20);
      BootDisk.read(disk.channel);
    } catch (TfsException refused) {
      assertThat(refused).hasMessageMatching("\\S.*");
    }
  }

  private static void readSome(FileChannel disk) throws IOException {
    try {
      for (Entry entry : TfsVolume.read(disk, 0).files().entries().values()) {
        if (entry instanceof Entry.File file) {
          file.content().read(ByteBuffer.allocate(4096), 0);
        }
      }
    } catch (TfsException refused) {
      assertThat(refused).hasMessageMatching("\\S.*");
    }
  }

  private static final class Disk implements AutoCloseable {
    final Path path = Files.createTempFile("tfs", ".img");
    final FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);

    Disk() throws IOException {}

    void endAt(long size) throws IOException {
      if (channel.size() < size) {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
      Files.delete(path);
    }
  }
}
