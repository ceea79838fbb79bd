package dev.unikernel.builder.registry;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.blob.Blobs;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate;
import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate.ContentDescriptorTemplate;
import com.google.cloud.tools.jib.image.json.ManifestListTemplate;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import com.google.cloud.tools.jib.registry.ManifestAndDigest;
import com.google.cloud.tools.jib.registry.RegistryClient;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestException;
import java.util.Optional;
import java.util.function.LongConsumer;

/** One repository of a registry. What a retry can heal is retried for a while before it fails. */
public final class Repository {
  private final String place;
  private final Purpose purpose;
  private final RegistryClient client;
  private final Retry retry;
  private boolean authenticated;
  private final Optional<Credential> login;

  private Repository(
      String place,
      Purpose purpose,
      RegistryClient client,
      Optional<Credential> login,
      Retry retry) {
    this.place = place;
    this.purpose = purpose;
    this.client = client;
    this.login = login;
    this.retry = retry;
  }

  static Repository open(String registry, String name, Purpose purpose, RegistryAccess access) {
    String place = registry + "/" + name;
    Optional<Credential> login = access.logins().of(registry, name);
    RegistryClient client =
        RegistryClient.factory(
                EventHandlers.NONE, registry, name, new RegistryHttp(access.plainHttp()))
            .setUserAgent("unikernel-builder")
            .setCredential(login.orElse(null))
            .newRegistryClient();
    RegistryFailure failure = new RegistryFailure(purpose, place, login.isPresent());
    Retry retry = new Retry(failure, access.patience(), access.log());
    return new Repository(place, purpose, client, login, retry);
  }

  /** The image of {@code architecture} (as in GOARCH, on Linux) behind a tag or digest. */
  public Manifest manifest(String qualifier, String architecture) {
    ManifestAndDigest<ManifestTemplate> answer = pullManifest(qualifier);
    String digest = answer.getDigest().toString();
    return switch (answer.getManifest()) {
      case ManifestListTemplate index ->
          withDigest(
              digest, pullManifest(forPlatform(index, qualifier, architecture)).getManifest());
      case ManifestTemplate single -> withDigest(digest, single);
    };
  }

  private ManifestAndDigest<ManifestTemplate> pullManifest(String qualifier) {
    ManifestAndDigest<ManifestTemplate> answer = call(() -> client.pullManifest(qualifier));
    if (qualifier.startsWith("sha256:") && !answer.getDigest().toString().equals(qualifier)) {
      throw new BuildFailure(
          purpose.corrupt,
          "%s sent a manifest with digest %s for %s"
              .formatted(place, answer.getDigest(), qualifier),
          "push the image again, or ask who runs the registry to check its storage");
    }
    return answer;
  }

  private String forPlatform(ManifestListTemplate index, String qualifier, String architecture) {
    return index.getDigestsForPlatform(architecture, "linux").stream()
        .findFirst()
        .orElseThrow(
            () ->
                new BuildFailure(
                    Code.WrongArchitecture,
                    "%s has no image for linux/%s at %s".formatted(place, architecture, qualifier),
                    "name a tag that was built for linux/" + architecture));
  }

  private Manifest withDigest(String digest, ManifestTemplate template) {
    if (template instanceof BuildableManifestTemplate manifest
        && manifest.getContainerConfiguration() != null) {
      return new Manifest(
          digest,
          blob(manifest.getContainerConfiguration()),
          manifest.getLayers().stream().map(Repository::blob).toList());
    }
    throw new BuildFailure(
        purpose.corrupt,
        "%s holds a manifest of an old or unknown kind at %s".formatted(place, digest),
        "push the image again with a current tool: OCI or Docker schema 2");
  }

  private static Manifest.Blob blob(ContentDescriptorTemplate descriptor) {
    return new Manifest.Blob(String.valueOf(descriptor.getDigest()), descriptor.getSize());
  }

  /** Downloads a blob whose digest is then the one asked for. */
  public void pull(Manifest.Blob blob, Path target, LongConsumer bytesSoFar) {
    call(
        () -> {
          long[] done = {0};
          try (OutputStream out =
              new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
            client
                .pullBlob(
                    digest(blob.digest()), size -> {}, count -> bytesSoFar.accept(done[0] += count))
                .writeTo(out);
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
    return call(
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
    return call(() -> client.pushManifest(manifest, qualifier)).toString();
  }

  private <T> T call(Retry.Call<T> call) {
    return retry.call(
        () -> {
          authenticate();
          return call.run();
        });
  }

  private void authenticate() throws Exception {
    if (!authenticated) {
      boolean bearer =
          purpose == Purpose.PUSH ? client.doPushBearerAuth() : client.doPullBearerAuth();
      if (!bearer && login.filter(known -> !known.isOAuth2RefreshToken()).isPresent()) {
        client.configureBasicAuth();
      }
      authenticated = true;
    }
  }

  private static DescriptorDigest digest(String text) throws IOException {
    try {
      return DescriptorDigest.fromDigest(text);
    } catch (DigestException e) {
      throw new IOException("no sha256 digest: " + text, e);
    }
  }
}
