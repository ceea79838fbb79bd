package dev.unikernel.images;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** Layers whose bytes depend on nothing but names, contents and run bits. */
final class Layers {

  private static final FilePermissions DIRECTORY = FilePermissions.fromOctalString("755");
  private static final FilePermissions SHARED_DIRECTORY = FilePermissions.fromOctalString("777");

  private Layers() {}

  /** A directory's tree, put at a path of the image. */
  static FileEntriesLayer tree(String name, Path directory, String at) throws IOException {
    return tree(name, directory, at, path -> true);
  }

  /** The part of a directory's tree that a filter on relative paths lets through. */
  static FileEntriesLayer tree(String name, Path directory, String at, Predicate<Path> filter)
      throws IOException {
    var layer = FileEntriesLayer.builder().setName(name);
    var root = AbsoluteUnixPath.get(at);
    try (var paths = Files.walk(directory)) {
      for (var path : paths.sorted().toList()) {
        var relative = directory.relativize(path);
        if (!path.equals(directory) && filter.test(relative)) {
          layer.addEntry(path, root.resolve(relative), permissions(path));
        }
      }
    }
    return layer.build();
  }

  /** Files, put into one directory of the image. */
  static FileEntriesLayer files(String name, List<Path> files, String at) {
    var layer = FileEntriesLayer.builder().setName(name);
    for (var file : files) {
      layer.addEntry(file, AbsoluteUnixPath.get(at).resolve(file.getFileName()), permissions(file));
    }
    return layer.build();
  }

  private static FilePermissions permissions(Path path) {
    if (Files.isDirectory(path)) {
      return path.endsWith("tmp") ? SHARED_DIRECTORY : DIRECTORY;
    }
    return FilePermissions.fromOctalString(Files.isExecutable(path) ? "755" : "644");
  }
}
