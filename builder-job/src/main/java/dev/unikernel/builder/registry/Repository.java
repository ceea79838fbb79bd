package dev.unikernel.builder.registry;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.blob.Blobs;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.image.json.ManifestListTemplate;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import com.google.cloud.tools.jib.registry.ManifestAndDigest;
import com.google.cloud.tools.jib.registry.RegistryClient;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
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
                EventHandlers.NONE, registry, name, new RegistryHttp(registry, access.plainHttp()))
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
    if (answer.getManifest() instanceof ManifestListTemplate index) {
      String child = forPlatform(index, qualifier, architecture);
      ManifestTemplate image = pullManifest(child).getManifest();
      return call(() -> Manifests.read(digest, image));
    }
    return call(() -> Manifests.read(digest, answer.getManifest()));
  }

  private ManifestAndDigest<ManifestTemplate> pullManifest(String qualifier) {
    return call(
        () -> {
          ManifestAndDigest<ManifestTemplate> answer =
              Manifests.sound(() -> client.pullManifest(qualifier));
          String digest = answer.getDigest().toString();
          if (qualifier.startsWith("sha256:") && !digest.equals(qualifier)) {
            throw new Malformed("it has digest %s instead of %s".formatted(digest, qualifier));
          }
          return answer;
        });
  }

  private String forPlatform(ManifestListTemplate index, String qualifier, String architecture) {
    return call(() -> Manifests.sound(() -> index.getDigestsForPlatform(architecture, "linux")))
        .stream()
        .findFirst()
        .orElseThrow(
            () ->
                new BuildFailure(
                    Code.WrongArchitecture,
                    "%s has no image for linux/%s at %s".formatted(place, architecture, qualifier),
                    "name a tag that was built for linux/" + architecture));
  }

  /** Downloads a blob whose digest and size are then the ones asked for. */
  public void pull(Manifest.Blob blob, Path target, LongConsumer bytesSoFar) {
    call(
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

  private static DescriptorDigest digest(String text) throws DigestException {
    return DescriptorDigest.fromDigest(text);
  }
}
