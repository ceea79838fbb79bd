package dev.unikernel.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** An OCI image that holds nothing but {@code /program}, which is its entry point. */
final class OneFileImage {
  private static final int ELF_MACHINE = 18;

  private final byte[] program;

  private OneFileImage(byte[] program) {
    this.program = program;
  }

  static OneFileImage of(byte[] program) {
    return new OneFileImage(program);
  }

  /** The same with another {@code e_machine} in its ELF header. */
  OneFileImage withMachine(int machine) {
    var changed = program.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putShort(ELF_MACHINE, (short) machine);
    return new OneFileImage(changed);
  }

  /** Pushes it as {@code name} and returns its reference by digest. */
  String push(DevCluster cluster, String name) throws IOException {
    var scratch = Files.createTempDirectory("one-file-image");
    try {
      var file = Files.write(scratch.resolve("program"), program);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      var layout = scratch.resolve("layout");
      new Command(
              List.of(
                  DevCluster.SCRIPTS.resolve("oci-image").toString(),
                  layout.toString(),
                  file.toString(),
                  name),
              Map.of())
          .run();
      return cluster.push(layout, name);
    } finally {
      new Command(List.of("rm", "-r", scratch.toString()), Map.of()).run();
    }
  }
}
