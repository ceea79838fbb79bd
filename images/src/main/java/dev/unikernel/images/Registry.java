package dev.unikernel.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * Where images are pushed: {@code host/path}, with the credentials of the user's Docker
 * configuration.
 *
 * @param insecure plain HTTP, or an untrusted certificate, is accepted
 * @param scratch a directory for layers that need not be written twice
 */
record Registry(String prefix, boolean insecure, Path scratch) {

  private static final String USER = "65532:65532";

  /**
   * Pushes under the image's version.
   *
   * @return the image by digest: {@code host/path/name@sha256:…}
   */
  String push(Image image) throws Exception {
    var repository = prefix + "/" + image.name();
    var reference = ImageReference.parse(repository + ":" + image.version());
    System.out.printf("Pushing %s%n", reference);
    // Without a word Jib keeps a login to itself on plain HTTP; who says insecure has said it.
    System.setProperty("sendCredentialsOverHttp", Boolean.toString(insecure));
    var target =
        RegistryImage.named(reference)
            .addCredentialRetriever(
                CredentialRetrieverFactory.forImage(reference, this::log)
                    .dockerConfig(dockerConfig()));
    var pushed =
        Jib.fromScratch()
            .setFormat(ImageFormat.OCI)
            .setCreationTime(Instant.EPOCH)
            .setFileEntriesLayers(image.layers())
            .setEntrypoint(image.entrypoint())
            .setUser(USER)
            .setWorkingDirectory(AbsoluteUnixPath.get("/"))
            .setEnvironment(Map.of("LANG", "C.UTF-8", "HOME", "/tmp"))
            .setLabels(
                Map.of(
                    "org.opencontainers.image.title", image.title(),
                    "org.opencontainers.image.version", image.version(),
                    "org.opencontainers.image.licenses", "Apache-2.0"))
            .containerize(
                Containerizer.to(target)
                    .setToolName("unikernel-operator")
                    .setAllowInsecureRegistries(insecure)
                    .setBaseImageLayersCache(scratch.resolve("jib/base"))
                    .setApplicationLayersCache(scratch.resolve("jib/layers"))
                    .addEventHandler(LogEvent.class, this::log));
    return repository + "@" + pushed.getDigest();
  }

  private static Path dockerConfig() {
    var directory = System.getenv("DOCKER_CONFIG");
    return directory == null
        ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
        : Path.of(directory, "config.json");
  }

  private void log(LogEvent event) {
    var warns = event.getLevel() == LogEvent.Level.WARN && !insecure;
    if (warns || event.getLevel() == LogEvent.Level.ERROR) {
      System.err.println(event.getMessage());
    }
  }
}
