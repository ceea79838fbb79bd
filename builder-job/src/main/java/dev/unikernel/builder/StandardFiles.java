package dev.unikernel.builder;

import dev.unikernel.builder.kernel.ResolverFile;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What every program expects of a root file system, and finds in a container: how names are looked
 * up, who the users are, and where it may write. A file of the user's is left as it is; of the
 * source image's, what container runtimes lay over is laid over here too.
 *
 * @param source the source image's files
 * @param users real paths of the user's files
 */
record StandardFiles(FileTree source, Set<String> users) {
  private static final int LARGEST = 1 << 20;
  private static final String HOSTS = "/etc/hosts";
  private static final String HOSTS_CONTENT =
      "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
  private static final String NAME_SERVICES = "/etc/nsswitch.conf";

  /** glibc's own default asks for a service that a guest does not have before DNS. */
  private static final String NAME_SERVICES_CONTENT =
      "passwd: files\ngroup: files\nhosts: files dns\n";

  /** No guest has a login. */
  private static final List<String> SECRETS =
      List.of("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-");

  /** The name of the machine that built the image. */
  private static final String HOST_NAME = "/etc/hostname";

  private static final int EVERYONE = 01777;
  private static final Map<String, Integer> DIRECTORIES = new LinkedHashMap<>();
  private static final String RUN = "/run";
  private static final String OLD_RUN = "/var/run";

  static {
    DIRECTORIES.put("/dev/shm", EVERYONE);
    DIRECTORIES.put("/root", 0700);
    DIRECTORIES.put(RUN, EVERYONE);
    DIRECTORIES.put("/tmp", EVERYONE);
    DIRECTORIES.put("/var/tmp", EVERYONE);
  }

  /** The guest's files, completed. */
  FileTree in(FileTree guest) throws IOException {
    FileTree tree = guest;
    for (String secret : SECRETS) {
      tree = without(tree, secret);
    }
    tree = without(tree, HOST_NAME);
    tree = with(tree, HOSTS, HOSTS_CONTENT);
    tree = resolver(tree);
    if (tree.resolve(NAME_SERVICES).isEmpty()) {
      tree = with(tree, NAME_SERVICES, NAME_SERVICES_CONTENT);
    }
    for (Accounts accounts : List.of(Accounts.USERS, Accounts.GROUPS)) {
      String known = sourceText(accounts.path()).orElse("");
      tree = with(tree, accounts.path(), accounts.complete(known));
    }
    for (var directory : DIRECTORIES.entrySet()) {
      tree = withDirectory(tree, directory.getKey(), directory.getValue());
    }
    return tree.locate(OLD_RUN).isEmpty() && isFree(tree, OLD_RUN)
        ? tree.toBuilder().put(OLD_RUN, new Entry.Symlink(RUN)).build()
        : tree;
  }

  private FileTree resolver(FileTree tree) throws IOException {
    Optional<String> text = sourceText(ResolverFile.PATH).filter(ResolverFile::namesServer);
    return text.isPresent()
        ? with(tree, ResolverFile.PATH, text.get())
        : without(tree, ResolverFile.PATH);
  }

  private FileTree with(FileTree tree, String path, String text) {
    if (!isFree(tree, path)) {
      return tree;
    }
    Content content = Content.of(text.getBytes(StandardCharsets.ISO_8859_1));
    return tree.toBuilder().put(path, new Entry.File(0644, content)).build();
  }

  private FileTree without(FileTree tree, String path) {
    return isFree(tree, path) ? tree.toBuilder().remove(path).build() : tree;
  }

  /** A link to a directory stays one. */
  private FileTree withDirectory(FileTree tree, String path, int mode) {
    String place = tree.resolve(path + "/").map(FileTree.Resolved::path).orElse(path);
    return isFree(tree, place)
        ? tree.toBuilder().put(place, new Entry.Directory(mode)).build()
        : tree;
  }

  /** Neither is the path the user's, nor is something in its way that is no directory. */
  private boolean isFree(FileTree tree, String path) {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      String parent = path.substring(0, slash);
      if (tree.locate(parent).isPresent() && tree.resolve(parent + "/").isEmpty()) {
        return false;
      }
    }
    return tree.locate(path).filter(users::contains).isEmpty();
  }

  /** Any bytes are text of one byte each, so that names in other encodings stay what they are. */
  private Optional<String> sourceText(String path) throws IOException {
    Entry entry = source.resolve(path).map(FileTree.Resolved::entry).orElse(null);
    if (!(entry instanceof Entry.File file) || file.size() > LARGEST) {
      return Optional.empty();
    }
    return Optional.of(
        new String(file.content().open().readAllBytes(), StandardCharsets.ISO_8859_1));
  }
}
