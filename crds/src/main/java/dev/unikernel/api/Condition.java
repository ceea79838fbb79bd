package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/**
 * One observation of a resource, in the standard Kubernetes form.
 *
 * @param type {@code Ready}, {@code Reconciling} or {@code Stalled}
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param observedGeneration the {@code metadata.generation} that was observed
 * @param lastTransitionTime RFC 3339, UTC; changes only when {@code status} does
 * @param reason one CamelCase word for programs
 * @param message a sentence for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Condition(
    @Required @JsonPropertyDescription("Type of the condition: Ready, Reconciling or Stalled.")
        String type,
    @Required @JsonPropertyDescription("True, False or Unknown.") String status,
    @JsonPropertyDescription("The metadata.generation that this condition is about.")
        Long observedGeneration,
    @JsonPropertyDescription("When status last changed, in UTC.") String lastTransitionTime,
    @JsonPropertyDescription("One CamelCase word for programs.") String reason,
    @JsonPropertyDescription("One sentence for people.") String message) {}
