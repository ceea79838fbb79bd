package dev.unikernel.builder.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.cloud.tools.jib.api.InsecureRegistryException;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.http.ResponseException;
import dev.unikernel.builder.BuildFailure;
import java.net.ConnectException;
import java.net.MalformedURLException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.DigestException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.apache.http.conn.ConnectTimeoutException;

/**
 * What the client's exceptions mean to a user.
 *
 * @param place {@code registry/repository}
 * @param hasLogin whether a Secret gave a login for the place
 * @param redact takes secrets out of what a registry says
 */
record RegistryFailure(
    Purpose purpose, String place, boolean hasLogin, UnaryOperator<String> redact) {
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
        case PlainHttpRefused refused -> {
          return plainHttp(refused);
        }
        case Malformed malformed -> {
          return malformed(malformed.getMessage(), cause);
        }
        case JsonProcessingException noJson -> {
          return malformed("it is not the JSON that registries write", cause);
        }
        case DigestException noDigest -> {
          return malformed("it names a digest that is none", cause);
        }
        case InsecureRegistryException tls when !isBroken(tls) -> {
          return noTls(tls, tls.getCause());
        }
        case ResponseException answer -> {
          return answered(answer);
        }
        case NoToken noToken -> {
          return noToken(noToken);
        }
        case SSLException tls when !isBroken(tls) -> {
          return noTls(tls, tls);
        }
        case MalformedURLException nowhere -> {
          return malformed("it names an address that is none", cause);
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

  /** Whether the same request may be answered otherwise later. */
  static boolean mayPass(int status) {
    return status >= 500 || status == 408 || status == 429;
  }

  private BuildFailure malformed(String how, Throwable cause) {
    return new BuildFailure(
        purpose.corrupt,
        "cannot %s %s: the answer makes no sense, %s".formatted(purpose.verb, place, how),
        purpose.whatToCorrect + ", and see that a registry is at that address",
        cause);
  }

  private BuildFailure plainHttp(PlainHttpRefused refused) {
    return new BuildFailure(
        purpose.refused,
        "cannot %s %s: the registry sends its callers to http://%s, without TLS"
            .formatted(purpose.verb, place, refused.host()),
        "have the registry name an https address, or ask the platform team whether to name %s among"
                .formatted(refused.host())
            + " the plain HTTP registries",
        refused);
  }

  private BuildFailure noToken(NoToken cause) {
    return new BuildFailure(
        purpose.refused,
        "cannot %s %s: its token service gives no token".formatted(purpose.verb, place),
        purpose.checkLogin(hasLogin),
        cause);
  }

  private BuildFailure answered(ResponseException answer) {
    int status = answer.getStatusCode();
    String what = "cannot %s %s: the registry answers %d".formatted(purpose.verb, place, status);
    String why = Complaint.in(answer.getContent(), redact).map(" (%s)"::formatted).orElse("");
    return switch (status) {
      case 401, 403 ->
          new BuildFailure(
              purpose.refused,
              what
                  + (hasLogin ? " to the login it was given" : " to a request without login")
                  + why,
              purpose.checkLogin(hasLogin),
              answer);
      case 404 ->
          new BuildFailure(
              purpose.refused, what + ", no such name" + why, purpose.whatToCorrect, answer);
      case 408, 429, 500, 502, 503, 504 ->
          new BuildFailure(
              purpose.unavailable,
              what + why,
              "it may pass; otherwise ask who runs the registry",
              answer);
      default ->
          new BuildFailure(
              status < 500 ? purpose.refused : purpose.unavailable,
              what + why,
              why.isEmpty()
                  ? "ask who runs the registry what it objects to"
                  : "do what the registry says, or ask who runs it",
              answer);
    };
  }

  /** A connection that broke is no matter of trust. */
  private static boolean isBroken(Exception tls) {
    return root(tls) instanceof SocketException;
  }

  private BuildFailure noTls(Exception tls, Throwable why) {
    return new BuildFailure(
        purpose.refused,
        "cannot %s %s: no trusted TLS (%s)".formatted(purpose.verb, place, reason(why)),
        "give the registry a certificate that a public authority signed, or ask the platform team"
            + " to name it among the plain HTTP registries",
        tls);
  }

  private static String reason(Throwable cause) {
    Throwable root = root(cause);
    return switch (root) {
      case UnknownHostException unknown -> "no such host";
      case ConnectException refused -> "connection refused";
      case SocketTimeoutException slow -> "no answer in time";
      case ConnectTimeoutException slow -> "no answer in time";
      default -> root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    };
  }

  private static Throwable root(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
