package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.operator.kube.Digest;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One builder Job and the ConfigMap that tells it what to build. Pure: the same inputs, number and
 * settings make the same two objects under the same name.
 */
record BuilderJob(Job job, ConfigMap plan) {
  /** Annotation: digest of what it builds. */
  static final String INPUTS = "unikernel.dev/inputs";

  /** Annotation: hash of how it builds. */
  static final String SETTINGS = "unikernel.dev/settings";

  private static final Pattern NAME = Pattern.compile("(.+)-[0-9a-f]{10}(?:-([0-9]{1,9}))?");

  /**
   * The Job that builds {@code inputs}.
   *
   * @param attempt 1 for the first Job of these inputs
   */
  static BuilderJob of(
      UnikernelImage image, BuildInputs inputs, int attempt, BuilderSettings.Builder settings) {
    var name = name(image, inputs, attempt);
    var labels = Map.of(Owned.IMAGE, image.getMetadata().getName());
    var build = image.getSpec().build();
    var job =
        new JobBuilder()
            .withMetadata(Owned.meta(image, name, labels))
            .editMetadata()
            .addToAnnotations(INPUTS, inputs.digest())
            .addToAnnotations(SETTINGS, settings(image, inputs, settings))
            .endMetadata()
            .withNewSpec()
            .withBackoffLimit(build.backoffLimit())
            .withTtlSecondsAfterFinished((int) settings.keepFinished().toSeconds())
            .withNewPodFailurePolicy()
            .addNewRule()
            .withAction("Ignore")
            .addNewOnPodCondition("True", "DisruptionTarget")
            .endRule()
            .addNewRule()
            .withAction("FailJob")
            .withNewOnExitCodes()
            .withContainerName(BuilderPod.CONTAINER)
            .withOperator("In")
            .withValues(BuildReport.EXIT_PERMANENT)
            .endOnExitCodes()
            .endRule()
            .endPodFailurePolicy()
            .withNewTemplate()
            .withNewMetadata()
            .addToLabels(Owned.MANAGED_BY, Owned.OPERATOR)
            .addToLabels(labels)
            .addToLabels(BuilderPod.NO_SIDECARS)
            .addToAnnotations(BuilderPod.NO_SIDECARS)
            .endMetadata()
            .withSpec(BuilderPod.of(image, name, settings))
            .endTemplate()
            .endSpec()
            .build();
    var plan =
        new ConfigMapBuilder()
            .withMetadata(Owned.meta(image, name, labels))
            .addToData("plan.json", inputs.planJson())
            .addToData(inputs.texts())
            .addToBinaryData(inputs.binaries())
            .build();
    return new BuilderJob(job, plan);
  }

  /** Hash of all that says how to build and nothing that says what: a failure may be due to it. */
  static String settings(
      UnikernelImage image, BuildInputs inputs, BuilderSettings.Builder settings) {
    var build = image.getSpec().build();
    return Digest.sha256(
            String.join(
                "\n",
                Serialization.asJson(BuilderPod.of(image, "", settings)),
                String.valueOf(build.timeoutSeconds()),
                String.valueOf(build.backoffLimit()),
                inputs.planJson()))
        .substring(0, 16);
  }

  /** The number of a builder Job, out of its name, which cannot be edited. */
  static int number(String job) {
    var name = NAME.matcher(job);
    return name.matches() && name.group(2) != null ? Integer.parseInt(name.group(2)) : 1;
  }

  /** The image that a Job of this name builds; empty where it is not a builder Job's name. */
  static Optional<String> image(String job) {
    return Optional.of(NAME.matcher(job)).filter(Matcher::matches).map(name -> name.group(1));
  }

  private static String name(UnikernelImage image, BuildInputs inputs, int attempt) {
    var first = image.getMetadata().getName() + "-" + inputs.shortDigest();
    return attempt == 1 ? first : first + "-" + attempt;
  }
}
