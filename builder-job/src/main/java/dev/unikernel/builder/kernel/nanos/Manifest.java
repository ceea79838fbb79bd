package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.kernel.nanos.Value.Vector;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.FileTree;

/**
 * What the root tuple of the root file system tells the kernel: which program to run, and how
 * (Nanos {@code src/kernel/stage3.c}, {@code src/unix/exec.c}). Every scalar is a string: the
 * kernel crashes on an integer among arguments or environment.
 */
final class Manifest {
  private Manifest() {}

  /**
   * The program is named by its real path, since {@code /proc/self/exe} becomes a link to what the
   * manifest says, and loaders look for libraries beside it.
   *
   * @param tree the guest's files
   * @param klibs whether to load every plug-in that lies on the boot file system
   */
  static Tuple of(FileTree tree, GuestProgram program, boolean klibs) {
    String executable =
        tree.resolve(program.path())
            .map(FileTree.Resolved::path)
            .orElseThrow(
                () ->
                    new BuildFailure(
                        Code.ProgramMissing,
                        "%s is not among the files of the guest".formatted(program.path()),
                        "correct spec.program"));
    Tuple environment = new Tuple();
    program.environment().forEach(environment::with);
    Tuple manifest =
        new Tuple()
            .with("program", executable)
            .with("arguments", Vector.of(program.arguments()))
            // present even when empty: without it uname(2) crashes the kernel
            .with("environment", environment)
            .with("cwd", program.workingDirectory());
    return klibs ? manifest.with("klibs", "bootfs") : manifest;
  }
}
