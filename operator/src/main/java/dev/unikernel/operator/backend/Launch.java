package dev.unikernel.operator.backend;

import dev.unikernel.operator.kube.Owned;
import java.util.regex.Pattern;

/**
 * One instance to start.
 *
 * @param name {@code <service>-<revision>-<ordinal>}, at most 63 characters: the same launch twice
 *     is one instance
 * @param attempt how often its place has been tried before
 */
public record Launch(String name, Guest guest, Attempt attempt) {

  /** Room for two dashes, a revision and ordinals up to 9999. */
  private static final int SERVICE_NAME_MAX = Owned.LABEL_MAX - 2 - 8 - 4;

  private static final Pattern REVISION = Pattern.compile("-([a-z0-9]+)-\\d+$");

  /** The revision in an instance's name; empty in a name of another form. */
  public static String revision(String name) {
    var found = REVISION.matcher(name);
    return found.find() ? found.group(1) : "";
  }

  /** The name of a service's instance. */
  public static String name(String service, String revision, int ordinal) {
    return Owned.shortened(service, SERVICE_NAME_MAX) + "-" + revision + "-" + ordinal;
  }
}
