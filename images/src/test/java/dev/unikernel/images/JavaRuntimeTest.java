package dev.unikernel.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The runtime holds every module that a class of the operator or the builder refers to. */
class JavaRuntimeTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @Test
  void has_every_module_that_the_operator_refers_to() throws IOException {
    var app = ROOT.resolve("operator/target/quarkus-app");
    assumeTrue(Files.isDirectory(app), "The operator is not built: run ./mvnw verify");

    var jars = Trees.files(app).stream().filter(f -> f.toString().endsWith(".jar")).toList();

    assertSufficient(jars);
  }

  @Test
  void has_every_module_that_the_builder_refers_to() throws IOException {
    var target = ROOT.resolve("builder-job/target");
    assumeTrue(
        Files.exists(target.resolve("classpath")), "The builder is not built: run ./mvnw verify");

    var jars = new ArrayList<>(BuilderImage.classPath(target));
    jars.addAll(
        Trees.files(target).stream()
            .filter(f -> f.toString().endsWith(".jar"))
            .filter(f -> !f.toString().endsWith("-tests.jar"))
            .toList());

    assertSufficient(jars);
  }

  private static void assertSufficient(List<Path> jars) throws IOException {
    var missing = new TreeMap<>(referrersByModule(jars));
    missing.keySet().removeAll(JavaRuntime.MODULES);
    missing.keySet().removeAll(JavaRuntime.NEVER_REACHED.keySet());

    assertThat(missing)
        .as("modules that the runtime lacks, with the jars that ask for them")
        .isEmpty();
  }

  private static Map<String, Set<String>> referrersByModule(List<Path> jars) throws IOException {
    var moduleOf = modulesByPackage();
    var referrers = new HashMap<String, Set<String>>();
    for (var jar : jars) {
      for (var name : packagesReferredTo(jar)) {
        var module = moduleOf.get(name);
        if (module != null) {
          referrers
              .computeIfAbsent(module, _ -> new TreeSet<>())
              .add(jar.getFileName() + " (" + name + ")");
        }
      }
    }
    return referrers;
  }

  private static Map<String, String> modulesByPackage() {
    var modules = new HashMap<String, String>();
    for (var module : ModuleFinder.ofSystem().findAll()) {
      module.descriptor().packages().forEach(p -> modules.put(p, module.descriptor().name()));
    }
    return modules;
  }

  private static Set<String> packagesReferredTo(Path jar) throws IOException {
    var packages = new TreeSet<String>();
    try (var file = new JarFile(jar.toFile())) {
      for (var entry : file.stream().toList()) {
        if (entry.getName().endsWith(".class")) {
          try (var in = file.getInputStream(entry)) {
            for (var constant : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
              if (constant instanceof ClassEntry type) {
                packages.add(packageOf(type.asInternalName()));
              }
            }
          }
        }
      }
    }
    return packages;
  }

  private static String packageOf(String internalName) {
    var name = internalName.replaceFirst("^\\[+L?", "");
    var end = name.lastIndexOf('/');
    return end < 0 ? "" : name.substring(0, end).replace('/', '.');
  }
}
