package dev.unikernel.operator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Clock;

/** Which room may know which; plans and reports know neither client nor clock. */
@AnalyzeClasses(
    packages = "dev.unikernel.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {

  @ArchTest
  static final ArchRule roomsImportDownwards =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.unikernel.operator..")
          .layer("image")
          .definedBy("..operator.image..")
          .layer("service")
          .definedBy("..operator.service..")
          .layer("backend")
          .definedBy("..operator.backend..")
          .layer("kube")
          .definedBy("..operator.kube..")
          .layer("decoding")
          .definedBy("..operator.decoding..")
          .layer("status")
          .definedBy("..operator.status..")
          .whereLayer("image")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("service")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("backend")
          .mayOnlyBeAccessedByLayers("service")
          .whereLayer("kube")
          .mayOnlyBeAccessedByLayers("image", "service", "backend")
          .whereLayer("decoding")
          .mayOnlyBeAccessedByLayers("image", "service")
          .whereLayer("status")
          .mayOnlyBeAccessedByLayers("image", "service", "backend", "kube", "decoding");

  @ArchTest
  static final ArchRule plansAndReportsArePure =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Plan")
          .or()
          .haveSimpleNameEndingWith("Report")
          .or()
          .haveSimpleName("BuildDecision")
          .or()
          .haveSimpleName("BuilderJob")
          .or()
          .haveSimpleName("Rollout")
          .or()
          .resideInAPackage("..operator.status..")
          .and()
          .doNotHaveSimpleName("Reply") // writes the status
          .should()
          .dependOnClassesThat()
          .areAssignableTo(KubernetesClient.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Context.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);

  @ArchTest
  static final ArchRule namesSayWhatAThingIs =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Impl");

  @ArchTest
  static final ArchRule noClassReadsSecrets =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(io.fabric8.kubernetes.api.model.Secret.class);

  @ArchTest
  static final ArchRule theBuilderIsKnownByItsPlanAndItsReportOnly =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.unikernel.builder..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "dev.unikernel.builder.plan", "dev.unikernel.builder.report"))));
}
