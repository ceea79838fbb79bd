package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import java.time.Instant;
import java.util.List;

/** An image that the operator finds published, so that it starts no builder Job. */
public final class PublishedImage {
  /** The builder image and registry that the operator must be set to: they are among the inputs. */
  public static final String BUILDER = Images.SETTINGS.builder().image();

  public static final String PLAIN_HTTP =
      String.join(",", Images.SETTINGS.plainHttpRegistries().orElseThrow());

  private PublishedImage() {}

  /** Its status is to be written through the subresource. */
  public static UnikernelImage named(String name, String namespace) {
    var image = Images.image("{}");
    var inputs = Images.inputs(image).digest();
    image.getMetadata().setUid(null);
    image.getMetadata().setName(name);
    image.getMetadata().setNamespace(namespace);
    var report = Images.report("a".repeat(64));
    var artifact =
        new UnikernelImageStatus.Artifact(
            report.artifact().digest(),
            report.artifact().registry(),
            report.artifact().kernel(),
            report.artifact().kernelVersion(),
            report.artifact().kernelSha256(),
            report.artifact().sizeBytes(),
            report.artifact().unpackedBytes(),
            "114Mi");
    var build = new PastBuild(inputs, artifact, null, null, Instant.EPOCH.toString());
    image.setStatus(
        new UnikernelImageStatus(
            null, null, inputs, artifact, null, null, null, List.of(build), null));
    return image;
  }
}
