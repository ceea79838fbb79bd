package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel leaves before the first partition when it ends with a status other than 0 (Nanos
 * {@code src/kernel/log.c}).
 *
 * @param status exit code, number of the fatal signal, or 127 for a panic
 * @param console the end of the console's text
 */
record CrashLog(int status, String console) {
  private static final int CONSOLE = 16;

  static Optional<CrashLog> read(FileChannel disk) throws IOException {
    ByteBuffer sector = ByteBuffer.allocate(Sectors.SIZE);
    disk.read(sector, 0);
    List<Mbr.Partition> partitions = Mbr.read(sector.array());
    ByteBuffer log = ByteBuffer.allocate(BootDisk.CRASH_LOG_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    disk.read(log, partitions.getFirst().firstSector() * Sectors.SIZE - BootDisk.CRASH_LOG_BYTES);
    String magic = new String(log.array(), 0, 4, UTF_8);
    String console = new String(log.array(), CONSOLE, log.capacity() - CONSOLE, UTF_8);
    return magic.equals("KLOG")
        ? Optional.of(new CrashLog(log.getInt(12), console.split("\0", 2)[0]))
        : Optional.empty();
  }
}
