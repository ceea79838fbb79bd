package dev.unikernel.builder.tree;

import java.util.Objects;

/** One name in a {@link FileTree}. Modes are permission bits, at most {@code 07777}. */
public sealed interface Entry {

  /** A directory. */
  record Directory(int mode) implements Entry {
    public Directory {
      requirePermissions(mode);
    }
  }

  /**
   * A regular file. Two names are hard links of one file when they share the same content object.
   */
  record File(int mode, Content content) implements Entry {
    public File {
      requirePermissions(mode);
      Objects.requireNonNull(content);
    }

    public long size() {
      return content.size();
    }

    public boolean executable() {
      return (mode & 0111) != 0;
    }

    /** Whether a process that runs it becomes another user or group. */
    public boolean changesUser() {
      return (mode & 06000) != 0;
    }
  }

  /** A symbolic link; the target is kept as written, relative or absolute, dangling or not. */
  record Symlink(String target) implements Entry {
    public Symlink {
      if (target.isEmpty()) {
        throw new IllegalArgumentException("a symbolic link needs a target");
      }
    }
  }

  private static void requirePermissions(int mode) {
    if ((mode & ~07777) != 0) {
      throw new IllegalArgumentException("not permission bits: 0" + Integer.toOctalString(mode));
    }
  }
}
