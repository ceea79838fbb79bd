package dev.unikernel.operator.status;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** Why a change was not made, by the code of the API server's answer. */
public enum Refusal {
  /**
   * The operator acted on an older state than the API server's: the object has been written or
   * created since it was cached. That is no fault of the user's, and the next pass knows it.
   */
  STALE,

  /** The object, or its namespace, does not exist any more. */
  GONE,

  /** A quota or a policy forbids the change, which may give way. */
  FORBIDDEN,

  /** The API server finds the object invalid, which it stays. */
  INVALID,

  /** The API server cannot read the request, or an admission plugin rejects it as bad. */
  BAD_REQUEST,

  /** Any other fault, which a retry can heal. */
  FAULT;

  private static final int UNPROCESSABLE = 422;

  /** Of what a call of the client threw. */
  public static Refusal of(RuntimeException fault) {
    int code = fault instanceof KubernetesClientException refused ? refused.getCode() : 0;
    return switch (code) {
      case HttpURLConnection.HTTP_CONFLICT -> STALE;
      case HttpURLConnection.HTTP_NOT_FOUND -> GONE;
      case HttpURLConnection.HTTP_FORBIDDEN -> FORBIDDEN;
      case UNPROCESSABLE -> INVALID;
      case HttpURLConnection.HTTP_BAD_REQUEST -> BAD_REQUEST;
      default -> FAULT;
    };
  }
}
