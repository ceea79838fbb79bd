package dev.unikernel.builder;

import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.util.Set;

/** Lets the kernels' boot tests start from what a build hands to a kernel. */
public final class StandardFilesOf {
  private StandardFilesOf() {}

  /** The files of an image, all of them kept, with what every program expects. */
  public static FileTree completed(FileTree image) throws IOException {
    return new StandardFiles(image, Set.of()).in(image);
  }
}
