package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.kernel.ResolverFile;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a machine learns from DHCP and Nanos does not hand to its program ({@code src/net/net.c}):
 * the name servers, and a host name that can be looked up.
 */
final class NetworkFiles {
  private static final String HOST_NAME_FILE = "/etc/hostname";
  private static final String HOSTS = "/etc/hosts";

  /** As the linux kernel's machines are called where DHCP gives them no name. */
  private static final String HOST_NAME = "unikernel";

  private NetworkFiles() {}

  /** The tree with these files, each where it has none of its own. */
  static FileTree in(FileTree tree, Optional<Content> resolver) throws IOException {
    FileTreeBuilder files = tree.toBuilder();
    if (resolver.isPresent() && tree.locate(ResolverFile.PATH).isEmpty()) {
      files.put(ResolverFile.PATH, new Entry.File(0644, resolver.get()));
    }
    String name = text(tree, HOST_NAME_FILE).strip();
    if (name.isEmpty()) {
      name = HOST_NAME;
      files.put(HOST_NAME_FILE, new Entry.File(0644, Content.of(name + "\n")));
    }
    String hosts = text(tree, HOSTS);
    String end = hosts.isEmpty() || hosts.endsWith("\n") ? "" : "\n";
    files.put(HOSTS, new Entry.File(0644, Content.of(hosts + end + "127.0.0.1\t" + name + "\n")));
    return files.build();
  }

  private static String text(FileTree tree, String path) throws IOException {
    return tree.resolve(path).map(FileTree.Resolved::entry).orElse(null) instanceof Entry.File file
        ? new String(file.content().open().readAllBytes(), StandardCharsets.UTF_8)
        : "";
  }
}
