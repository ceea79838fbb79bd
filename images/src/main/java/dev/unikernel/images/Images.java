package dev.unikernel.images;

import com.google.cloud.tools.jib.api.RegistryException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Makes the operator's and the builder's container images from what Maven built, pushes them and
 * writes the chart values that name them by digest.
 *
 * <p>Arguments: {@code REPOSITORY-ROOT REGISTRY VERSION DEBIAN-TREE LINUX-RELEASE VALUES
 * [--insecure]}, as {@code images/push} gives them.
 */
public final class Images {

  private Images() {}

  public static void main(String[] args) throws Exception {
    try {
      push(args);
    } catch (RegistryException refused) {
      giveUp(refused);
    } catch (ExecutionException failed) {
      if (!(failed.getCause() instanceof IOException unreachable)) {
        throw failed;
      }
      giveUp(unreachable);
    }
  }

  private static void giveUp(Exception why) {
    System.err.printf(
        "images/push: %s%nCheck REGISTRY, that you are logged in to it (~/.docker/config.json), and"
            + " give INSECURE=1 if it speaks plain HTTP.%n",
        why.getMessage());
    System.exit(1);
  }

  private static void push(String[] args) throws Exception {
    var root = Path.of(args[0]);
    var target = root.resolve("images/target");
    var registry = new Registry(args[1], Arrays.asList(args).contains("--insecure"), target);
    var version = args[2];
    var kernel = LinuxRelease.in(Path.of(args[4]));

    var base = Base.of(Path.of(args[3]), JavaRuntime.in(target.resolve("java")), target);
    var operator = registry.push(OperatorImage.of(root, version, base));
    var builder = registry.push(BuilderImage.of(root, version, base, kernel));

    var values = Path.of(args[5]);
    Values.write(values, operator, builder, List.of(kernel.catalogueEntry()));
    System.out.printf("%s%n%s%nChart values: %s%n", operator, builder, values);
  }
}
