package com.google.cloud.tools.jib.http;

import com.google.api.client.http.HttpTransport;
import java.util.function.Supplier;

/**
 * Jib's HTTP client over a transport of the caller's, a new one for each call, which tries nothing
 * twice. Jib keeps that constructor to its own package, hence this class is in it.
 */
public class TransportClient extends FailoverHttpClient {
  private static final boolean TRY_NOTHING_AGAIN = false;

  /**
   * A client for one kind of address.
   *
   * @param plainHttp whether it takes {@code http:} addresses, or {@code https:}
   */
  public TransportClient(boolean plainHttp, Supplier<HttpTransport> transport) {
    super(plainHttp, true, event -> {}, transport, transport, TRY_NOTHING_AGAIN);
  }
}
