package dev.unikernel.operator.backend;

/**
 * Why an instance is as it is.
 *
 * @param reason one CamelCase word
 * @param message a sentence of the back end's, or null; cut at {@link #MESSAGE_MAX}
 */
public record Cause(String reason, String message) {

  /** Characters of a message that are kept. */
  static final int MESSAGE_MAX = 1000;

  public Cause {
    message =
        message == null || message.length() <= MESSAGE_MAX
            ? message
            : message.substring(0, MESSAGE_MAX - 1) + "…";
  }

  /** Reason of an instance whose guest was never let boot: quota, policy or admission. */
  public static final String REFUSED = "Refused";

  /** Reason of an instance whose disk is not in the registry. */
  public static final String DISK_MISSING = "DiskMissing";

  /** Reads what {@link #toString()} wrote. */
  public static Cause parse(String text) {
    int colon = text.indexOf(": ");
    return colon < 0
        ? new Cause(text, null)
        : new Cause(text.substring(0, colon), text.substring(colon + 2));
  }

  @Override
  public String toString() {
    return message == null || message.isBlank() ? reason : reason + ": " + message;
  }
}
