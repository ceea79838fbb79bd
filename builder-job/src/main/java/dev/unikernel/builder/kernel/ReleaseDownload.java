package dev.unikernel.builder.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A release behind a URL: one file each, or a {@code .tar.gz} of all. */
final class ReleaseDownload {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  private ReleaseDownload() {}

  static void download(String url, Set<String> wanted, Path directory) throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      if (url.endsWith(".tar.gz")) {
        try (InputStream body = get(client, url)) {
          unpack(body, wanted, directory);
        }
      } else {
        for (String name : wanted) {
          try (InputStream body = get(client, url.replaceFirst("/*$", "/") + name)) {
            store(body, directory.resolve(name));
          }
        }
      }
    }
  }

  private static void unpack(InputStream archive, Set<String> wanted, Path directory)
      throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(archive))) {
      for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
        String name = entry.getName().replaceFirst("^(\\./)+", "");
        if (entry.isFile() && wanted.contains(name)) {
          store(tar, directory.resolve(name));
        }
      }
    }
  }

  private static void store(InputStream content, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static InputStream get(HttpClient client, String url) throws IOException {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_TIMEOUT).build();
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        response.body().close();
        throw new IOException(url + " answers " + response.statusCode());
      }
      return response.body();
    } catch (IllegalArgumentException e) {
      throw new IOException(url + " is no address", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
