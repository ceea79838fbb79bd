package dev.unikernel.builder.registry;

import static dev.unikernel.builder.registry.ScriptedRegistry.answer;
import static dev.unikernel.builder.registry.ScriptedRegistry.lead;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.publish.ContainerDisk;
import dev.unikernel.builder.publish.ContainerDisk.Published;
import dev.unikernel.builder.report.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry that takes each tag once, as ECR, Harbor and Artifact Registry can be told to. */
class ImmutableTagTest {
  @TempDir Path scratch;
  private final Map<String, String> tags = new HashMap<>();
  private ScriptedRegistry registry;

  /** Whether the registry hides its tags from who looks, as from a robot that may only push. */
  private boolean hidden;

  @BeforeEach
  void start() throws IOException {
    registry = new ScriptedRegistry(this::answerTo);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private void answerTo(HttpExchange request) throws IOException {
    String path = request.getRequestURI().getPath();
    String method = request.getRequestMethod();
    if (path.contains("/manifests/")) {
      String tag = path.substring(path.lastIndexOf('/') + 1);
      if (method.equals("PUT")) {
        put(request, tag);
      } else if (hidden || !tags.containsKey(tag)) {
        answer(request, hidden ? 403 : 404, "");
      } else {
        request.getResponseHeaders().set("Docker-Content-Digest", tags.get(tag));
        answer(request, 200, "");
      }
    } else if (method.equals("HEAD")) {
      answer(request, 404, "");
    } else if (method.equals("PUT")) {
      answer(request, 201, "");
    } else {
      lead(request, 202, "/upload");
    }
  }

  private void put(HttpExchange request, String tag) throws IOException {
    if (tags.containsKey(tag)) {
      answer(
          request,
          400,
          "{\"errors\": [{\"code\": \"TAG_INVALID\", \"message\": \"The tag is immutable\"}]}");
    } else {
      tags.put(tag, TestRegistry.digest(registry.lastBody()));
      answer(request, 201, "");
    }
  }

  private Published push(String content) throws IOException {
    Path file = Files.writeString(scratch.resolve("disk"), content);
    KernelImage image =
        new KernelImage(List.of(new KernelImage.ImageFile("/disk/disk.img", file)), "0", 1, null);
    Repository repository =
        new RegistryAccess(Set.of(registry.host()), Logins.none(), Duration.ZERO, line -> {})
            .open(registry.host() + "/disks", Purpose.PUSH)
            .repository();
    return new ContainerDisk(image, "amd64", new TreeMap<>())
        .push(
            repository,
            "inputs",
            scratch,
            new Progress(new PrintStream(new ByteArrayOutputStream(), true, UTF_8)));
  }

  @Test
  void theSameDiskIsThereAlready() throws IOException {
    Published first = push("one");
    assertThat(tags).containsExactly(Map.entry("inputs", first.digest()));
    assertThat(push("one"))
        .isEqualTo(first)
        .isEqualTo(new Published(first.digest(), "inputs", null));
    assertThat(tags).hasSize(1);
  }

  @Test
  void anotherDiskGetsATagOfItsOwnAndSaysSo() throws IOException {
    Published first = push("one");
    for (int i = 0; i < 2; i++) {
      Published other = push("two");
      assertThat(other.tag()).startsWith("inputs-").isNotEqualTo("inputs");
      assertThat(other.note()).contains("tag inputs", first.digest(), other.tag());
      assertThat(tags)
          .containsOnly(
              Map.entry("inputs", first.digest()), Map.entry(other.tag(), other.digest()));
    }
  }

  @Test
  void aRefusalIsToldInTheRegistrysWords() throws IOException {
    push("one");
    hidden = true;
    assertThatThrownBy(() -> push("two"))
        .hasMessageContaining("answers 400 (TAG_INVALID: The tag is immutable)");
  }
}
