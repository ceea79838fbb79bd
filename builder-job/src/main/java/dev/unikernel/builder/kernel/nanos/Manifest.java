package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.kernel.nanos.Value.Vector;

/**
 * What the root tuple of the root file system tells the kernel: which program to run, and how
 * (Nanos {@code src/kernel/stage3.c}, {@code src/unix/exec.c}). Every scalar is a string: the
 * kernel crashes on an integer among arguments or environment.
 */
final class Manifest {
  private Manifest() {}

  /**
   * @param klibs whether to load every plug-in that lies on the boot file system
   */
  static Tuple of(GuestProgram program, boolean klibs) {
    Tuple environment = new Tuple();
    program.environment().forEach(environment::with);
    Tuple manifest =
        new Tuple()
            .with("program", program.path())
            .with("arguments", Vector.of(program.arguments()))
            // present even when empty: without it uname(2) crashes the kernel
            .with("environment", environment)
            .with("cwd", program.workingDirectory());
    return klibs ? manifest.with("klibs", "bootfs") : manifest;
  }
}
