package dev.unikernel.operator.service;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;

/** The planner knows nothing but instances, and no service knows which back end runs it. */
@AnalyzeClasses(
    packages = "dev.unikernel.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RoomTest {

  @ArchTest
  static final ArchRule thePlannerIsPure =
      classes()
          .that()
          .belongToAnyOf(Rollout.class, Draft.class, Plan.class, Fleet.class, Backoff.class)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..", "dev.unikernel.operator.service", "dev.unikernel.operator.backend");

  @ArchTest
  static final ArchRule noClockInThePlan =
      noClasses()
          .that()
          .belongToAnyOf(
              Rollout.class, Fleet.class, ServiceReport.class, Target.class, Verdict.class)
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule servicesKnowNoParticularBackEnd =
      noClasses()
          .that()
          .resideInAPackage("dev.unikernel.operator.service")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.unikernel.operator.backend.kubevirt");

  @ArchTest
  static final ArchRule backEndsKnowNoServiceRoom =
      noClasses()
          .that()
          .resideInAPackage("dev.unikernel.operator.backend..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.unikernel.operator.service", "dev.unikernel.operator.image");
}
