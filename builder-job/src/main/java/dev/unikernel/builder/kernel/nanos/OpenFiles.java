package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files on disk as entries of a tree, open until the tree is written. */
final class OpenFiles implements AutoCloseable {
  private final List<FileChannel> channels = new ArrayList<>();

  Entry.File open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path);
    channels.add(channel);
    return new Entry.File(0644, Content.of(channel, 0, channel.size()));
  }

  @Override
  public void close() throws IOException {
    for (FileChannel channel : channels) {
      channel.close();
    }
  }
}
