package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Entry.File;
import dev.unikernel.builder.tree.Entry.Symlink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ClosureTest {
  private static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

  private final FileTreeBuilder tree = FileTree.builder().put(LOADER, TestElf.amd64().file());
  private final List<String> warnings = new ArrayList<>();

  private Set<String> kept(String program, String... libraryPath) throws Exception {
    FileTree source = tree.build();
    Selection selection = new Selection(source);
    new Closure(source, Machine.AMD64, selection, Arrays.asList(libraryPath), warnings::add)
        .keepProgram(program);
    return selection.tree().entries().keySet();
  }

  private static TestElf program(String... needs) {
    return TestElf.amd64().executable().interpreter(LOADER).needs(needs);
  }

  private static File library(String... needs) {
    return TestElf.amd64().needs(needs).file();
  }

  @Test
  void keepsLoaderLibrariesAndTheLinksThatLeadToThem() throws Exception {
    tree.put("/lib", new Symlink("usr/lib"))
        .put("/usr/bin/app", new Symlink("app-1"))
        .put("/usr/bin/app-1", program("libx.so.1").file())
        .put("/usr/lib/x86_64-linux-gnu/libx.so.1", new Symlink("libx.so.1.2"))
        .put("/usr/lib/x86_64-linux-gnu/libx.so.1.2", library("liby.so"))
        .put("/usr/lib/liby.so", library())
        .put("/usr/lib/libunused.so", library());
    assertThat(kept("/usr/bin/app"))
        .contains(
            LOADER,
            "/lib",
            "/usr/bin/app",
            "/usr/bin/app-1",
            "/usr/lib/x86_64-linux-gnu/libx.so.1",
            "/usr/lib/x86_64-linux-gnu/libx.so.1.2",
            "/usr/lib/liby.so")
        .doesNotContain("/usr/lib/libunused.so");
  }

  @Test
  void rpathIsInheritedAndRunpathIsNot() throws Exception {
    tree.put("/app", program("liba.so").rpath("/r").file())
        .put("/r/liba.so", library("libb.so"))
        .put("/r/libb.so", library());
    assertThat(kept("/app")).contains("/r/liba.so", "/r/libb.so");

    tree.put("/app", program("liba.so").runpath("/r").file());
    assertFails(() -> kept("/app"), Code.LibraryMissing, "libb.so, which /r/liba.so needs");
  }

  @Test
  void runpathDisablesTheRpathBesideIt() {
    tree.put("/app", program("liba.so").rpath("/r").runpath("/elsewhere").file())
        .put("/r/liba.so", library());
    assertFails(() -> kept("/app"), Code.LibraryMissing, "liba.so");
  }

  @Test
  void expandsOriginPlatformAndLib() throws Exception {
    tree.put(
            "/opt/bin/app",
            program("liba.so", "libb.so", "libc1.so")
                .rpath("$ORIGIN/../lib:${ORIGIN}/$PLATFORM:/opt/$LIB")
                .file())
        .put("/opt/lib/liba.so", library())
        .put("/opt/bin/x86_64/libb.so", library())
        .put("/opt/lib/x86_64-linux-gnu/libc1.so", library());
    assertThat(kept("/opt/bin/app"))
        .contains(
            "/opt/lib/liba.so", "/opt/bin/x86_64/libb.so", "/opt/lib/x86_64-linux-gnu/libc1.so");
  }

  @Test
  void searchesLibraryPathThenConfiguredDirectoriesAndKeepsTheLoadersCache() throws Exception {
    tree.put("/app", program("liba.so", "libb.so").file())
        .put("/env/liba.so", library())
        .put("/opt/x/liba.so", library())
        .put("/opt/x/libb.so", library())
        .put("/etc/ld.so.cache", new File(0644, Content.of("cache")))
        .put("/etc/ld.so.conf", new File(0644, Content.of("# all\ninclude ld.so.conf.d/*.conf\n")))
        .put("/etc/ld.so.conf.d/x.conf", new File(0644, Content.of("/opt/x # ours\n")));
    assertThat(kept("/app", "/env"))
        .contains("/env/liba.so", "/opt/x/libb.so", "/etc/ld.so.cache")
        .doesNotContain("/opt/x/liba.so");
  }

  @Test
  void followsMuslsRules() throws Exception {
    tree.put("/lib/ld-musl-x86_64.so.1", TestElf.amd64().soname("libc.so").file())
        .put("/lib/libc.musl-x86_64.so.1", new Symlink("ld-musl-x86_64.so.1"))
        .put(
            "/app",
            TestElf.amd64()
                .interpreter("/lib/ld-musl-x86_64.so.1")
                .needs("libc.musl-x86_64.so.1", "libc.so", "liba.so")
                .runpath("/r")
                .file())
        .put("/r/liba.so", library("libb.so"))
        .put("/r/libb.so", library());
    assertThat(kept("/app"))
        .contains("/lib/ld-musl-x86_64.so.1", "/lib/libc.musl-x86_64.so.1", "/r/libb.so");
  }

  @Test
  void keepsWhatGlibcOpensBehindTheProgramsBack() throws Exception {
    tree.put("/app", program("libc.so.6").file())
        .put("/lib/libc.so.6", new Symlink("libc-2.31.so"))
        .put("/lib/libc-2.31.so", library())
        .put("/lib/libgcc_s.so.1", library())
        .put("/lib/libnss_dns.so.2", library("libresolv.so.2"))
        .put("/lib/libresolv.so.2", library());
    assertThat(kept("/app"))
        .contains("/lib/libgcc_s.so.1", "/lib/libnss_dns.so.2", "/lib/libresolv.so.2");
    tree.put("/lib/libc.so.6", library());
    assertThat(kept("/app")).contains("/lib/libgcc_s.so.1").doesNotContain("/lib/libnss_dns.so.2");
  }

  @Test
  void namesWhatIsMissingAndWhereItWasSought() {
    tree.put("/bin/app", program("libgone.so.3").file());
    assertFails(
        () -> kept("/bin/app"),
        Code.LibraryMissing,
        "libgone.so.3, which /bin/app needs",
        "/usr/lib/x86_64-linux-gnu");
    tree.put("/bin/musl", TestElf.amd64().interpreter("/lib/ld-musl-x86_64.so.1").file());
    assertFails(
        () -> kept("/bin/musl"), Code.LibraryMissing, "/lib/ld-musl-x86_64.so.1, the loader of");
  }

  @Test
  void refusesForeignProgramsAndLibraries() {
    tree.put("/bin/app", TestElf.arm64().executable().file());
    assertFails(() -> kept("/bin/app"), Code.WrongArchitecture, "/bin/app is a program for arm64");
    tree.put("/bin/app", program("liba.so").file()).put("/lib/liba.so", TestElf.arm64().file());
    assertFails(() -> kept("/bin/app"), Code.WrongArchitecture, "/lib/liba.so is for arm64");
  }

  @Test
  void passesOverAForeignLibraryWhenThereIsARightOne() throws Exception {
    tree.put("/app", program("liba.so").file())
        .put("/lib/x86_64-linux-gnu/liba.so", TestElf.arm64().file())
        .put("/usr/lib/liba.so", library());
    assertThat(kept("/app")).contains("/usr/lib/liba.so");
  }

  @Test
  void onlyWarnsOfWhatAnExtraFileLacks() throws Exception {
    FileTree source = tree.put("/plugin.node", library("libgone.so")).build();
    Selection selection = new Selection(source);
    new Closure(source, Machine.AMD64, selection, List.of(), warnings::add)
        .keepLibrariesOf("/plugin.node");
    assertThat(warnings).singleElement().asString().contains("libgone.so", "/plugin.node");
  }

  @Test
  void aStaticProgramNeedsNothing() throws Exception {
    tree.put("/bin/app", TestElf.amd64().executable().file());
    assertThat(kept("/bin/app")).containsExactly("/", "/bin", "/bin/app");
  }

  @Property(tries = 300)
  void anyLoaderConfigurationIsRead(
      @ForAll @StringLength(max = 60) @CharRange(from = ' ', to = '~') @Chars({'\n', '\0', 'ä'})
          String text)
      throws Exception {
    FileTree source =
        FileTree.builder()
            .put("/etc/ld.so.conf", new File(0644, Content.of(text + "\ninclude ld.so.conf\n/a\n")))
            .build();
    assertThat(LoaderConfig.directories(source, note -> {}))
        .allMatch(path -> path.startsWith("/"))
        .contains("/a");
  }

  @Test
  void aBrokenIncludeOfTheLoadersConfigurationIsNotedAndPassedOver() throws Exception {
    tree.put("/app", program("liba.so").file())
        .put("/opt/liba.so", library())
        .put("/etc/ld.so.conf", new File(0644, Content.of("include /etc/x.d/[a\n/opt\n")));
    assertThat(kept("/app")).contains("/opt/liba.so");
    assertThat(warnings).singleElement().asString().contains("/etc/x.d/[a", "passed over");
  }

  @Test
  void onlyWarnsOfAnExtraFilesForeignLibraryAndSaysItOnce() throws Exception {
    FileTree source =
        tree.put("/plugin.node", library("liba.so"))
            .put("/lib/liba.so", TestElf.arm64().file())
            .build();
    Selection selection = new Selection(source);
    Closure closure = new Closure(source, Machine.AMD64, selection, List.of(), warnings::add);
    closure.keepLibrariesOf("/plugin.node");
    closure.keepLibrariesOf("/plugin.node");
    assertThat(warnings).singleElement().asString().contains("/lib/liba.so is for arm64");
  }

  @Test
  void readsMuslsListOfDirectories() throws Exception {
    tree.put("/lib/ld-musl-x86_64.so.1", TestElf.amd64().soname("libc.so").file())
        .put("/etc/ld-musl-x86_64.path", new File(0644, Content.of("/opt/a:/opt/b\n/opt/c\n")))
        .put(
            "/app",
            TestElf.amd64()
                .interpreter("/lib/ld-musl-x86_64.so.1")
                .needs("liba.so", "libc1.so")
                .file())
        .put("/opt/b/liba.so", library())
        .put("/opt/c/libc1.so", library());
    assertThat(kept("/app"))
        .contains("/opt/b/liba.so", "/opt/c/libc1.so", "/etc/ld-musl-x86_64.path");
  }

  @Test
  void anObjectFileIsNoProgram() {
    tree.put("/app", TestElf.amd64().type(1).file());
    assertFails(() -> kept("/app"), Code.ProgramNotExecutable, "/app is an ELF file that no");
  }

  private static void assertFails(ThrowingCallable call, Code code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            BuildFailure.class, failure -> assertThat(failure.error().code()).isEqualTo(code))
        .hasMessageContainingAll(words);
  }
}
