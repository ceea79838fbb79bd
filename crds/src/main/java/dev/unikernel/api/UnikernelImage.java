package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A program and what it needs, to be built as one immutable bootable disk. */
@JsonClassDescription("A program and what it needs, built as one immutable bootable disk.")
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("uki")
@Categories("unikernel")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Kernel", jsonPath = ".spec.kernel.name")
@AdditionalPrinterColumn(
    name = "Files",
    jsonPath = ".status.surface.files",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Exec",
    jsonPath = ".status.surface.executables",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Libs",
    jsonPath = ".status.surface.sharedLibraries",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.artifact.size")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    priority = 1)
@AdditionalPrinterColumn(
    name = "Message",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    priority = 1)
@ValidationRule(
    value = "size(self.metadata.name) <= 40 && !self.metadata.name.contains('.')",
    message =
        "the name of a UnikernelImage has at most 40 letters, digits and dashes and no dots, so that"
            + " its builder Jobs can be named after it; choose a shorter name or write - for .")
public final class UnikernelImage extends CustomResource<UnikernelImageSpec, UnikernelImageStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @Required
  @JsonPropertyDescription("What to run, and where to publish the disk.")
  public UnikernelImageSpec getSpec() {
    return super.getSpec();
  }

  @Override
  @JsonPropertyDescription("What the operator has seen and done.")
  public UnikernelImageStatus getStatus() {
    return super.getStatus();
  }
}
