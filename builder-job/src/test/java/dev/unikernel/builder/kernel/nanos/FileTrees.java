package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Trees to write, and what of a tree survives TFS. */
final class FileTrees {
  private FileTrees() {}

  /** Paths with what TFS keeps: kind, link target, content, and which names are one file. */
  static Map<String, String> essence(FileTree tree) {
    Map<String, String> essence = new TreeMap<>();
    IdentityHashMap<Content, String> firstNames = new IdentityHashMap<>();
    tree.entries()
        .forEach(
            (path, entry) ->
                essence.put(
                    path,
                    switch (entry) {
                      case Entry.Directory _ -> "directory";
                      case Entry.Symlink(var target) -> "link to " + target;
                      case Entry.File file -> {
                        String first = firstNames.putIfAbsent(file.content(), path);
                        yield first == null ? "file " + bytes(file.content()) : "same as " + first;
                      }
                    }));
    return essence;
  }

  static Arbitrary<FileTree> any() {
    Arbitrary<String> name =
        Arbitraries.strings()
            .withChars(" :|()[]\"\\.-_~%äß漢\uffee")
            .withCharRange('a', 'e')
            .ofMinLength(1)
            .ofMaxLength(12)
            .filter(text -> !text.equals(".") && !text.equals(".."));
    Arbitrary<List<String>> path = name.list().ofMinSize(1).ofMaxSize(5);
    return Arbitraries.integers()
        .between(0, 3)
        .flatMap(
            kind ->
                path.flatMap(
                    names ->
                        Arbitraries.integers()
                            .between(0, 3_000)
                            .edgeCases(edges -> edges.add(0, 1, 511, 512, 513, 1024))
                            .map(number -> new Step(kind, "/" + String.join("/", names), number))))
        .list()
        .ofMaxSize(40)
        .map(FileTrees::tree);
  }

  private record Step(int kind, String path, int number) {}

  private static FileTree tree(List<Step> steps) {
    FileTreeBuilder tree = FileTree.builder();
    List<Entry.File> files = new ArrayList<>();
    for (Step step : steps) {
      Entry entry =
          switch (step.kind) {
            case 0 -> new Entry.Directory(0755);
            case 1 -> new Entry.Symlink("../" + step.number);
            case 2 -> files.isEmpty() ? random(step.number) : files.get(step.number % files.size());
            default -> random(step.number);
          };
      if (entry instanceof Entry.File file) {
        files.add(file);
      }
      try {
        tree.put(step.path, entry);
      } catch (BuildFailure e) {
        // a file or a link is in the way: the tree goes without this step
      }
    }
    return tree.build();
  }

  private static Entry.File random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return new Entry.File(0644, Content.of(bytes));
  }

  private static String bytes(Content content) {
    try (var in = content.open()) {
      return HexFormat.of().formatHex(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
