package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.blob.Blobs;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import com.google.cloud.tools.jib.http.ResponseException;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import com.google.cloud.tools.jib.registry.RegistryClient;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.DigestException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** One repository of a registry. What a retry can heal is retried for a while before it fails. */
public final class Repository {
  private static final String AGENT = "unikernel-builder";
  private static final String DIGEST_HEADER = "Docker-Content-Digest";

  /** An index may hold an index, as tools write that publish for several registries. */
  private static final int DEEPEST_INDEX = 3;

  private static final long LARGEST_CONFIG = 8 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String registry;
  private final String name;
  private final Purpose purpose;
  private final RegistryHttp http;
  private final RegistryClient client;
  private final Retry retry;

  private Repository(
      String registry,
      String name,
      Purpose purpose,
      RegistryHttp http,
      RegistryClient client,
      Retry retry) {
    this.registry = registry;
    this.name = name;
    this.purpose = purpose;
    this.http = http;
    this.client = client;
    this.retry = retry;
  }

  static Repository open(String registry, String name, Purpose purpose, RegistryAccess access) {
    Optional<Credential> login = access.logins().of(registry, name);
    PlainHttpHosts plainHttp = PlainHttpHosts.of(access.plainHttp());
    Session session =
        new Session(
            "repository:%s:%s".formatted(name, purpose == Purpose.PUSH ? "pull,push" : "pull"),
            login,
            RegistryHttp.ofTokenServices(registry, plainHttp));
    RegistryHttp http = RegistryHttp.ofRegistry(registry, plainHttp, session);
    RegistryClient client =
        RegistryClient.factory(EventHandlers.NONE, registry, name, http)
            .setUserAgent(AGENT)
            .newRegistryClient();
    RegistryFailure failure =
        new RegistryFailure(purpose, registry + "/" + name, login.isPresent(), session::redact);
    Retry retry = new Retry(failure, access.patience(), access.log());
    return new Repository(registry, name, purpose, http, client, retry);
  }

  /**
   * The image of {@code architecture} (as in GOARCH, on Linux) behind a tag or digest; of several
   * in an index, the one that containerd takes.
   */
  public Manifest manifest(String qualifier, String architecture) {
    Document document = document(qualifier);
    if (!document.isIndex()) {
      return retry.call(() -> document.image(document.digest()));
    }
    return inIndex(document, document.digest(), architecture, DEEPEST_INDEX)
        .orElseThrow(
            () ->
                new BuildFailure(
                    Code.WrongArchitecture,
                    "%s has no image for linux/%s at %s"
                        .formatted(place(), architecture, qualifier),
                    "name a tag that was built for linux/" + architecture));
  }

  private Optional<Manifest> inIndex(
      Document index, String reported, String architecture, int depth) {
    for (Candidates.Candidate candidate : Candidates.of(index.json(), architecture)) {
      Document document = document(retry.call(() -> digest(candidate.digest()).toString()));
      if (document.isIndex()) {
        Optional<Manifest> found =
            depth == 0 ? Optional.empty() : inIndex(document, reported, architecture, depth - 1);
        if (found.isPresent()) {
          return found;
        }
      } else {
        Manifest image = retry.call(() -> document.image(reported));
        if (candidate.known() || isFor(image, architecture)) {
          return Optional.of(image);
        }
      }
    }
    return Optional.empty();
  }

  private boolean isFor(Manifest image, String architecture) {
    Manifest.Blob config = image.config();
    if (config.size() > LARGEST_CONFIG) {
      return false;
    }
    return retry.call(
        () -> {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          client.pullBlob(digest(config.digest()), size -> {}, count -> {}).writeTo(bytes);
          return Candidates.isFor(JSON.readTree(bytes.toByteArray()), architecture);
        });
  }

  private Document document(String qualifier) {
    return retry.call(
        () -> {
          try (Response answer = http.call("GET", manifestUrl(qualifier), manifestRequest())) {
            Document document = Document.parse(answer.getBody().readAllBytes());
            if (document.isSchema1()) {
              throw schema1(qualifier);
            }
            if (qualifier.startsWith("sha256:") && !document.digest().equals(qualifier)) {
              throw new Malformed(
                  "it has digest %s instead of %s".formatted(document.digest(), qualifier));
            }
            return document;
          }
        });
  }

  private BuildFailure schema1(String qualifier) {
    return new BuildFailure(
        purpose.corrupt,
        "%s has a manifest of Docker's schema 1 at %s, which is no longer supported"
            .formatted(place(), qualifier),
        "push the image again with a current tool: it then gets an OCI or Docker schema 2 manifest");
  }

  /** Downloads a blob whose digest and size are then the ones asked for. */
  public void pull(Manifest.Blob blob, Path target, LongConsumer bytesSoFar) {
    retry.call(
        () -> {
          try (BlobSink file = new BlobSink(target, blob.size(), bytesSoFar)) {
            client.pullBlob(digest(blob.digest()), size -> {}, count -> {}).writeTo(file);
            file.requireWhole();
          }
          return null;
        });
  }

  /**
   * Uploads a file, unless the repository has it.
   *
   * @return whether it had to be sent
   */
  public boolean push(Manifest.Blob blob, Path content, LongConsumer bytesSoFar) {
    return retry.call(
        () -> {
          DescriptorDigest digest = digest(blob.digest());
          if (client.checkBlob(digest).isPresent()) {
            return false;
          }
          long[] done = {0};
          client.pushBlob(
              digest, Blobs.from(content), null, count -> bytesSoFar.accept(done[0] += count));
          return true;
        });
  }

  /**
   * Puts a manifest whose blobs are there.
   *
   * @param qualifier a tag, or the manifest's own digest
   * @return its digest
   */
  public String push(ManifestTemplate manifest, String qualifier) {
    return retry.call(() -> client.pushManifest(manifest, qualifier)).toString();
  }

  /** The digest that a tag leads to; empty where it leads nowhere, or the registry does not say. */
  public Optional<String> digestOf(String tag) {
    return retry.call(
        () -> {
          try (Response answer = http.call("HEAD", manifestUrl(tag), manifestRequest())) {
            return answer.getHeader(DIGEST_HEADER).stream().findFirst();
          } catch (ResponseException unknown) {
            if (RegistryFailure.mayPass(unknown.getStatusCode())) {
              throw unknown;
            }
            return Optional.empty(); // it is not there, or who may push may not look
          }
        });
  }

  private URL manifestUrl(String qualifier) throws IOException {
    return URI.create("https://%s/v2/%s/manifests/%s".formatted(registry, name, qualifier)).toURL();
  }

  private static Request manifestRequest() {
    return Request.builder().setAccept(List.copyOf(Document.TYPES)).setUserAgent(AGENT).build();
  }

  private String place() {
    return registry + "/" + name;
  }

  private static DescriptorDigest digest(String text) throws DigestException {
    return DescriptorDigest.fromDigest(text);
  }
}
