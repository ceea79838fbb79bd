package dev.unikernel.builder;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.plan.PlanDirectory;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.source.Launch;
import dev.unikernel.builder.source.OciImage;
import dev.unikernel.builder.tree.Closure;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import dev.unikernel.builder.tree.Glob;
import dev.unikernel.builder.tree.Machine;
import dev.unikernel.builder.tree.Mentions;
import dev.unikernel.builder.tree.Selection;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a kernel is given: one program, and the files that it gets to see.
 *
 * <p>{@code contents: Minimal} keeps the program with its loader and libraries, the user's files,
 * the working directory unless it is the root, files that an argument names, what {@code keep}
 * matches, data files that the program and its libraries name themselves (see {@link Mentions}),
 * and of the source's other files only {@link #EXPECTED}. What every program expects is then added,
 * for all {@code contents}: see {@link StandardFiles}.
 *
 * <p>There is but one user in a guest, so no kernel's disk carries set-user-id or set-group-id
 * bits.
 */
record Guest(FileTree tree, GuestProgram program) {

  /**
   * How names are looked up, and whom TLS trusts: a program that lacks them fails at a distance.
   */
  private static final List<String> EXPECTED =
      List.of(
          "/etc/nsswitch.conf",
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/ssl/cert.pem",
          "/etc/pki/tls/certs/ca-bundle.crt");

  static Guest of(BuildPlan plan, PlanDirectory directory, OciImage image, Progress progress)
      throws IOException {
    FileTree overlaid = overlay(plan, directory, image.tree());
    Launch launch = Launch.of(image.config(), wish(plan), overlaid);
    FileTree whole = withWorkingDirectory(plan, overlaid, launch.workingDirectory());
    FileTree kept = new Contents(plan, launch, whole, progress).tree().withoutSpecialModes();
    FileTree complete = new StandardFiles(image.tree(), usersFiles(plan, whole)).in(kept);
    GuestProgram program =
        new GuestProgram(
            launch.program(), launch.arguments(), launch.environment(), launch.workingDirectory());
    return new Guest(complete, program);
  }

  private static FileTree overlay(BuildPlan plan, PlanDirectory directory, FileTree source)
      throws IOException {
    FileTreeBuilder tree = source.toBuilder();
    for (BuildPlan.File file : plan.files()) {
      Content content = Content.of(directory.content(file));
      tree.put(file.path(), new Entry.File(mode(file), content));
    }
    return tree.build();
  }

  private static Set<String> usersFiles(BuildPlan plan, FileTree whole) {
    return plan.files().stream()
        .flatMap(file -> whole.locate(file.path()).stream())
        .collect(Collectors.toSet());
  }

  private static int mode(BuildPlan.File file) {
    if (file.mode() == null) {
      return 0644;
    }
    if (!file.mode().matches("[0-7]{1,4}")) {
      throw new BuildFailure(
          Code.InvalidPlan,
          "%s has mode `%s`".formatted(file.path(), file.mode()),
          "write the mode in octal, such as \"0644\"");
    }
    return Integer.parseInt(file.mode(), 8);
  }

  private static Launch.Wish wish(BuildPlan plan) {
    Map<String, String> environment = new LinkedHashMap<>();
    plan.env().forEach(v -> environment.put(v.name(), v.value() == null ? "" : v.value()));
    return new Launch.Wish(plan.program(), plan.args(), environment, plan.workingDir());
  }

  /** Container runtimes make a working directory that the image lacks. */
  private static FileTree withWorkingDirectory(BuildPlan plan, FileTree tree, String directory) {
    if (tree.resolve(directory + "/").isPresent()) {
      return tree;
    }
    if (tree.locate(directory).isPresent()) {
      throw new BuildFailure(
          Code.FileConflict,
          "%s names %s, which is no directory"
              .formatted(
                  plan.workingDir() != null ? "spec.workingDir" : "the source image's WorkingDir",
                  directory),
          "set spec.workingDir to a directory");
    }
    return tree.toBuilder().put(directory, new Entry.Directory(0755)).build();
  }

  private record Contents(BuildPlan plan, Launch launch, FileTree whole, Progress progress) {

    FileTree tree() throws IOException {
      Selection selection = new Selection(whole);
      Closure closure = closure(selection);
      closure.keepProgram(launch.program());
      if (plan.contents().equals("All")) {
        return whole;
      }
      EXPECTED.forEach(selection::keep);
      keepWhatTheUserNamed(selection);
      for (String path : selection.paths()) {
        closure.keepLibrariesOf(path);
      }
      for (String path : selection.paths()) {
        if (whole.get(path).orElseThrow() instanceof Entry.File file) {
          Mentions.in(file.content(), whole).forEach(selection::keep);
        }
      }
      return selection.tree();
    }

    private Closure closure(Selection selection) throws IOException {
      String libraryPath = launch.environment().getOrDefault("LD_LIBRARY_PATH", "");
      List<String> directories =
          List.of(libraryPath.split("[:;]", -1)).stream().filter(d -> d.startsWith("/")).toList();
      return new Closure(
          whole,
          Machine.of(plan.architecture()),
          selection,
          directories,
          warning -> progress.say("note: " + warning));
    }

    private void keepWhatTheUserNamed(Selection selection) {
      for (BuildPlan.File file : plan.files()) {
        whole.locate(file.path()).ifPresent(selection::keepExactly);
      }
      String directory = launch.workingDirectory();
      if (whole.resolve(directory).filter(at -> at.path().equals("/")).isEmpty()) {
        selection.keepBelow(directory);
      }
      for (String argument : launch.arguments().subList(1, launch.arguments().size())) {
        String path = argument.startsWith("/") ? argument : directory + "/" + argument;
        whole
            .resolve(path)
            .filter(named -> named.entry() instanceof Entry.File)
            .ifPresent(named -> selection.keep(path));
      }
      plan.keep().forEach(pattern -> keep(pattern, selection));
    }

    private void keep(String pattern, Selection selection) {
      Glob glob = glob(pattern);
      List<String> matches = glob.in(whole);
      if (matches.isEmpty()) {
        progress.say("note: keep pattern %s matches nothing in the source".formatted(pattern));
      }
      matches.forEach(glob.isPath() ? selection::keepBelow : selection::keepExactly);
    }

    private static Glob glob(String pattern) {
      try {
        return Glob.of(pattern);
      } catch (IllegalArgumentException e) {
        throw new BuildFailure(
            Code.InvalidPlan,
            "the keep pattern `%s` cannot be read: %s".formatted(pattern, e.getMessage()),
            "write an absolute path with *, ** or ?, such as /usr/share/zoneinfo/**",
            e);
      }
    }
  }
}
