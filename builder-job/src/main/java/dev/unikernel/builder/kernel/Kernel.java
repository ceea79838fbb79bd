package dev.unikernel.builder.kernel;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.file.Path;

/** A kernel that can hold one program and its files. */
public interface Kernel {

  /**
   * Makes what a VM boots from.
   *
   * @param tree the guest's root file system
   * @param scratch an existing directory in which the files are written
   * @throws BuildFailure {@code KernelLimit} where this kernel cannot hold the tree or the program
   */
  KernelImage build(FileTree tree, GuestProgram program, Path scratch) throws IOException;
}
