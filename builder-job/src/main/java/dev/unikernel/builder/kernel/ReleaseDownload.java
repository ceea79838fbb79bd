package dev.unikernel.builder.kernel;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A release behind a URL: one file each, or a {@code .tar.gz} of all. */
final class ReleaseDownload {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** For one file, its last byte included. */
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** Bytes of one file, or of the archive. Kernels have some 10 MB. */
  private static final long LARGEST = 512 << 20;

  private ReleaseDownload() {}

  static void download(String url, Set<String> wanted, Path directory) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    try {
      if (url.endsWith(".tar.gz")) {
        Path archive = directory.resolve("release.tar.gz");
        get(client, url, archive);
        unpack(archive, wanted, directory);
        Files.delete(archive);
      } else {
        for (String name : wanted) {
          get(client, url.replaceFirst("/*$", "/") + name, directory.resolve(name));
        }
      }
    } finally {
      client.shutdownNow();
    }
  }

  private static void unpack(Path archive, Set<String> wanted, Path directory) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
      for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
        String name = entry.getName().replaceFirst("^(\\./)+", "");
        if (entry.isFile() && wanted.contains(name)) {
          if (entry.getSize() > LARGEST) {
            throw new IOException("%s has %d bytes".formatted(name, entry.getSize()));
          }
          Path target = directory.resolve(name);
          Files.createDirectories(target.getParent());
          Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static void get(HttpClient client, String url, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).build();
      int status =
          client
              .sendAsync(request, BodyHandlers.limiting(toFile(file), LARGEST))
              .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
              .statusCode();
      if (status != 200) {
        throw answered(url, status);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(url + " is no address", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("%s is not done after %s".formatted(url, TIMEOUT), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static BodyHandler<?> toFile(Path file) {
    return answer ->
        answer.statusCode() == 200
            ? BodySubscribers.mapping(
                BodySubscribers.ofFile(file, CREATE, TRUNCATE_EXISTING, WRITE), written -> null)
            : BodySubscribers.replacing(null);
  }

  private static IOException answered(String url, int status) {
    String what = "%s answers %d".formatted(url, status);
    if (status < 400 || status >= 500 || status == 408 || status == 429) {
      return new IOException(what);
    }
    throw new BuildFailure(
        Code.KernelRefused,
        "a kernel release cannot be fetched: " + what,
        "ask the platform team to correct the address in their kernel catalogue");
  }
}
