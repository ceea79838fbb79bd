package dev.unikernel.operator.backend;

/**
 * Why an instance is as it is.
 *
 * @param reason one CamelCase word
 * @param message a sentence of the back end's, or null
 */
public record Cause(String reason, String message) {

  @Override
  public String toString() {
    return message == null || message.isBlank() ? reason : reason + ": " + message;
  }
}
