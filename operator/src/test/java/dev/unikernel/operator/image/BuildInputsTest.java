package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.configMap;
import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildInputsTest {
  private static final String BASE = inputs(image("{}")).digest();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{source: {image: {reference: 'registry.example/node:21'}}}",
        "{program: /usr/bin/node}",
        "{args: [/other.js]}",
        "{env: [{name: A, value: b}]}",
        "{workingDir: /srv}",
        "{kernel: {name: nanos}}",
        "{kernel: {name: nanos, klibs: [tls]}}",
        "{contents: All}",
        "{keep: ['/usr/share/**']}",
        "{publish: {registry: {repository: registry.example/other}}}",
        "{files: [{path: /a, content: x, mode: '0644'}]}"
      })
  void whatGoesIntoTheDiskIsInTheDigest(String spec) {
    assertThat(inputs(image(spec)).digest()).isNotEqualTo(BASE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{build: {timeoutSeconds: 60, backoffLimit: 0}}",
        "{build: {timeoutSeconds: 600, backoffLimit: 2, nodeSelector: {disk: fast}}}",
        "{build: {timeoutSeconds: 600, backoffLimit: 2, resources: {limits: {memory: 1Gi}}}}",
        "{source: {image: {reference: 'registry.example/node:20', pullSecret: login}}}",
        "{publish: {registry: {repository: registry.example/hello, pushSecret: login}}}",
        "{kernel: {name: linux, version: 6.12.48}}"
      })
  void howItIsBuiltIsNotButMakesOtherSettings(String spec) {
    var changed = image(spec);
    assertThat(inputs(changed).digest()).isEqualTo(BASE);
    if (!spec.contains("kernel")) {
      assertThat(settings(changed)).isNotEqualTo(settings(image("{}")));
    }
  }

  @Test
  void theContentOfAConfigMapIsInTheDigestAndItsOtherKeysAreNot() {
    var image = image("{files: [{path: /main.js, configMap: {name: js, key: main.js}}]}");
    var one = inputs(image, configMap("js", Map.of("main.js", "1"))).digest();

    assertThat(inputs(image, configMap("js", Map.of("main.js", "1", "b", "2"))).digest())
        .isEqualTo(one);
    assertThat(inputs(image, configMap("js", Map.of("main.js", "2"))).digest()).isNotEqualTo(one);
  }

  @Test
  void theBuilderIsInTheDigest() {
    var other =
        Resolver.resolve(
            image("{}"),
            Map.of(),
            Images.CATALOGUE,
            Images.DNS,
            Images.settings("registry.example/builder:2"));
    assertThat(((Resolution.Complete) other).inputs().digest()).isNotEqualTo(BASE);
  }

  @Test
  void whereAKernelReleaseLiesIsNotInTheDigestButItsFilesAre() {
    var digests =
        List.of(
                "directory: /kernels/linux, files: {vmlinuz: %s}".formatted("1".repeat(64)),
                "url: 'https://kernels.example/l', files: {vmlinuz: %s}".formatted("1".repeat(64)),
                "directory: /kernels/linux, files: {vmlinuz: %s}".formatted("2".repeat(64)))
            .stream()
            .map(place -> KernelCatalogue.parse("- {name: linux, version: '6', " + place + "}"))
            .map(
                catalogue ->
                    Resolver.resolve(image("{}"), Map.of(), catalogue, Images.DNS, Images.SETTINGS))
            .map(resolution -> ((Resolution.Complete) resolution).inputs().digest())
            .toList();
    assertThat(digests.get(0)).isEqualTo(digests.get(1)).isNotEqualTo(digests.get(2));
  }

  private static String settings(dev.unikernel.api.UnikernelImage image) {
    return BuilderJob.settings(image, inputs(image), Images.SETTINGS.builder());
  }
}
