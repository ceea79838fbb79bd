package dev.unikernel.e2e.kubevirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The terminal of the user who started the cluster: shows what has failed in it; the log has it,
 * too.
 */
record Terminal(Path file) {
  private static final Logger LOG = Logger.getLogger(Terminal.class.getName());

  void say(String line) {
    LOG.warning(line);
    try {
      Files.write(
          file, ("KubeVirt stand-in: " + line + "\n").getBytes(UTF_8), StandardOpenOption.WRITE);
    } catch (IOException failure) {
      LOG.log(Level.WARNING, "cannot write to " + file, failure);
    }
  }
}
