package dev.unikernel.builder.registry;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Debian's docker-registry on a free loopback port. Images get into it and out of it by plain HTTP
 * requests, so that the code under test is on one side only.
 */
public final class TestRegistry implements AutoCloseable {
  public static final String USER = "robot";
  public static final String PASSWORD = "correct horse";

  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final String HTPASSWD =
      USER + ":$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n";

  private final Process process;
  private final Path storage;
  private final String host;
  private final boolean withLogin;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestRegistry(Process process, Path storage, String host, boolean withLogin) {
    this.process = process;
    this.storage = storage;
    this.host = host;
    this.withLogin = withLogin;
  }

  public static TestRegistry start(Path directory, boolean withLogin) throws Exception {
    assumeTrue(
        Files.isExecutable(PROGRAM), "needs " + PROGRAM + " (Debian package docker-registry)");
    int port = freePort();
    Path storage = Files.createDirectories(directory.resolve("storage"));
    Path config = directory.resolve("config.yml");
    String auth = "";
    if (withLogin) {
      Path passwords = Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
      auth = "auth: {htpasswd: {realm: test, path: %s}}%n".formatted(passwords);
    }
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error, accesslog: {disabled: true}}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "127.0.0.1:%d"}
        %s"""
            .formatted(storage, port, auth));
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    awaitOpen(port, process);
    return new TestRegistry(process, storage, "127.0.0.1:" + port, withLogin);
  }

  /** A port that nothing listens on, as far as one can know. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitOpen(int port, Process process) throws Exception {
    while (process.isAlive()) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
    }
    throw new IllegalStateException("docker-registry ended with " + process.exitValue());
  }

  public String host() {
    return host;
  }

  public Path storage() {
    return storage;
  }

  public RegistryAccess access(Logins logins) {
    return new RegistryAccess(Set.of(host), logins, Duration.ZERO, line -> {});
  }

  public Logins logins(String user, String password) {
    return Logins.parse(dockerConfig(user, password).getBytes(StandardCharsets.UTF_8));
  }

  public String dockerConfig(String user, String password) {
    return "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(host, basic(user, password));
  }

  /** Uploads a blob. */
  public Manifest.Blob put(String repository, byte[] content) throws Exception {
    String digest = digest(content);
    put(repository, digest, BodyPublishers.ofByteArray(content));
    return new Manifest.Blob(digest, content.length);
  }

  /** Uploads a blob too big for memory. */
  public Manifest.Blob put(String repository, Path content) throws Exception {
    var sha256 = Digest.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(content), sha256)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    String digest = Digest.text(sha256);
    put(repository, digest, BodyPublishers.ofFile(content));
    return new Manifest.Blob(digest, Files.size(content));
  }

  private void put(String repository, String digest, HttpRequest.BodyPublisher content)
      throws Exception {
    HttpResponse<byte[]> started =
        send(request("/v2/%s/blobs/uploads/".formatted(repository)).POST(BodyPublishers.noBody()));
    String location = started.headers().firstValue("Location").orElseThrow();
    URI upload = URI.create(location + "&digest=" + digest);
    expect(201, send(authorized(HttpRequest.newBuilder(upload)).PUT(content)));
  }

  /** Uploads a manifest or index under a tag. */
  public String putManifest(String repository, String tag, String mediaType, String json)
      throws Exception {
    expect(
        201,
        send(
            request("/v2/%s/manifests/%s".formatted(repository, tag))
                .header("Content-Type", mediaType)
                .PUT(BodyPublishers.ofString(json))));
    return digest(json.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] manifest(String repository, String qualifier) throws Exception {
    return expect(
            200,
            send(
                request("/v2/%s/manifests/%s".formatted(repository, qualifier))
                    .header("Accept", "application/vnd.oci.image.manifest.v1+json")))
        .body();
  }

  public byte[] blob(String repository, String digest) throws Exception {
    return expect(200, send(request("/v2/%s/blobs/%s".formatted(repository, digest)))).body();
  }

  public static String digest(byte[] content) {
    var sha256 = Digest.sha256();
    sha256.update(content);
    return Digest.text(sha256);
  }

  private HttpRequest.Builder request(String path) {
    return authorized(HttpRequest.newBuilder(URI.create("http://" + host + path)));
  }

  private HttpRequest.Builder authorized(HttpRequest.Builder request) {
    return withLogin ? request.header("Authorization", "Basic " + basic(USER, PASSWORD)) : request;
  }

  private static String basic(String user, String password) {
    return Base64.getEncoder()
        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> expect(int status, HttpResponse<byte[]> response) {
    if (response.statusCode() != status) {
      throw new IllegalStateException(
          response.request().uri()
              + " answers "
              + response.statusCode()
              + " "
              + new String(response.body(), StandardCharsets.UTF_8));
    }
    return response;
  }

  /** Files in which the registry keeps its blobs. */
  public List<Path> blobFiles() {
    try (var files = Files.walk(storage)) {
      return new ArrayList<>(files.filter(file -> file.endsWith("data")).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    process.onExit().join();
  }
}
