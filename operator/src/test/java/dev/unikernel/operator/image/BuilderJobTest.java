package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.configMap;
import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImage;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Builder Jobs as they go to the API server; {@code -Dgolden.update} writes the files again. */
class BuilderJobTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/jobs");

  @Test
  void anImageWithoutWishes() throws IOException {
    assertGolden("plain.yaml", image("{}"), 1);
  }

  @Test
  void anImageWithEveryWish() throws IOException {
    assertGolden(
        "everything.yaml",
        image(
            """
            {source: {image: {reference: "registry.example/node:20", pullSecret: pull-login}},
             files: [{path: /main.js, mode: "0644", configMap: {name: js, key: main.js}},
                     {path: /etc/app.conf, mode: "0600", content: "a=b"}],
             program: /usr/bin/node, env: [{name: NODE_ENV, value: production}], workingDir: /srv,
             kernel: {name: nanos, klibs: [tls]}, contents: All, keep: ["/usr/share/zoneinfo/**"],
             publish: {registry: {repository: registry.example/hello, pushSecret: push-login}},
             build: {timeoutSeconds: 60, backoffLimit: 0,
                     resources: {requests: {cpu: "1"}, limits: {memory: 1Gi, ephemeral-storage: 20Gi}},
                     nodeSelector: {disk: fast}, tolerations: [{key: build, operator: Exists}]}}
            """
                .replace("\n", " ")),
        3,
        configMap("js", Map.of("main.js", "console.log(1)\n")));
  }

  private static void assertGolden(
      String file, UnikernelImage image, int attempt, ConfigMap... maps) throws IOException {
    var made = BuilderJob.of(image, inputs(image, maps), attempt, Images.SETTINGS.builder());
    var yaml = Serialization.asYaml(made.job()) + Serialization.asYaml(made.plan());
    var golden = GOLDEN.resolve(file);
    if (System.getProperty("golden.update") != null) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, yaml);
    }
    assertThat(yaml)
        .as("%s; if the change is meant, run with -Dgolden.update and look at the diff", golden)
        .isEqualTo(Files.exists(golden) ? Files.readString(golden) : "");
  }
}
