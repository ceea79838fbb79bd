package dev.unikernel.builder.registry;

import com.google.cloud.tools.jib.api.InsecureRegistryException;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.http.ResponseException;
import dev.unikernel.builder.BuildFailure;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/**
 * What the client's exceptions mean to a user.
 *
 * @param place {@code registry/repository}
 * @param hasLogin whether a Secret gave a login for the place
 */
record RegistryFailure(Purpose purpose, String place, boolean hasLogin) {
  /** The client's exception for it is not public. */
  private static final String WRONG_DIGEST = "pulled BLOB has digest";

  BuildFailure of(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      switch (at) {
        case BuildFailure known -> {
          return known;
        }
        case RegistryException corrupt when corrupt.getMessage().contains(WRONG_DIGEST) -> {
          return new BuildFailure(
              purpose.corrupt,
              "%s sent a blob that is not what its digest says".formatted(place),
              "push the image again, or ask who runs the registry to check its storage",
              cause);
        }
        case InsecureRegistryException tls -> {
          return noTls(tls);
        }
        case ResponseException answer -> {
          return answered(answer);
        }
        default -> {}
      }
    }
    return new BuildFailure(
        purpose.unavailable,
        "cannot %s %s: %s".formatted(purpose.verb, place, reason(cause)),
        "check that the registry runs and that this cluster can reach it",
        cause);
  }

  private BuildFailure answered(ResponseException answer) {
    int status = answer.getStatusCode();
    String what = "cannot %s %s: the registry answers %d".formatted(purpose.verb, place, status);
    return switch (status) {
      case 401, 403 ->
          new BuildFailure(
              purpose.refused,
              what + (hasLogin ? " to the login it was given" : " to a request without login"),
              hasLogin
                  ? "check that the login in %s is valid and may %s here"
                      .formatted(purpose.loginField, purpose.verb)
                  : "name a Secret with a login for this registry in " + purpose.loginField,
              answer);
      case 404 ->
          new BuildFailure(
              purpose.refused,
              what + ", no such name",
              purpose == Purpose.PUSH
                  ? "create the repository, or correct spec.publish.registry.repository"
                  : "correct the reference, or push the image there first",
              answer);
      case 408, 429, 500, 502, 503, 504 ->
          new BuildFailure(
              purpose.unavailable,
              what,
              "it may pass; otherwise ask who runs the registry",
              answer);
      default ->
          new BuildFailure(
              status < 500 ? purpose.refused : purpose.unavailable,
              what,
              "ask who runs the registry what it objects to",
              answer);
    };
  }

  private BuildFailure noTls(InsecureRegistryException tls) {
    return new BuildFailure(
        purpose.refused,
        "cannot %s %s: no trusted TLS (%s)".formatted(purpose.verb, place, reason(tls.getCause())),
        "give the registry a certificate that a public authority signed, or ask the platform team"
            + " to name it among the plain HTTP registries",
        tls);
  }

  private static String reason(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return switch (root) {
      case UnknownHostException unknown -> "no such host";
      case ConnectException refused -> "connection refused";
      case SocketTimeoutException slow -> "no answer in time";
      default -> root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    };
  }
}
