package dev.unikernel.builder;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

/** Which room may import which: only downwards, and only the program's main knows all. */
@AnalyzeClasses(packages = RoomsTest.HOUSE, importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  static final String HOUSE = "dev.unikernel.builder";

  @ArchTest static final ArchRule report = room("report");
  @ArchTest static final ArchRule plan = room("plan", "report");
  @ArchTest static final ArchRule tree = room("tree", "report");
  @ArchTest static final ArchRule registry = room("registry", "report");
  @ArchTest static final ArchRule kernel = room("kernel", "plan", "tree", "report");

  @ArchTest static final ArchRule source = room("source", "kernel", "tree", "registry", "report");

  @ArchTest static final ArchRule publish = room("publish", "kernel", "registry", "report");

  @ArchTest static final ArchRule nanos = room("kernel.nanos", "kernel", "plan", "tree", "report");

  @ArchTest static final ArchRule linux = room("kernel.linux", "kernel", "plan", "tree", "report");

  @ArchTest
  static final ArchRule noRoomsInACircle =
      slices().matching(HOUSE + ".(*)..").should().beFreeOfCycles();

  /** A room may use itself, the rooms named, libraries, and the failure that every room speaks. */
  private static ArchRule room(String name, String... below) {
    String[] packages =
        Stream.concat(Stream.of(name), Stream.of(below))
            .map(room -> HOUSE + "." + room)
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(HOUSE + "." + name)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(packages)
                .or(JavaClass.Predicates.equivalentTo(BuildFailure.class))
                .or(resideInAPackage(HOUSE + "..").negate()));
  }
}
