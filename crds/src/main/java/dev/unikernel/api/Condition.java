package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * One observation of a resource, in the standard Kubernetes form.
 *
 * @param type {@code Ready}, {@code Reconciling} or {@code Stalled}
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param observedGeneration the {@code metadata.generation} that was looked at
 * @param lastTransitionTime RFC 3339, UTC; changes only when {@code status} does
 * @param reason one CamelCase word for programs
 * @param message a sentence for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Condition(
    String type,
    String status,
    Long observedGeneration,
    String lastTransitionTime,
    String reason,
    String message) {}
