/**
 * The API that users see: {@code unikernel.dev/v1alpha1}. Records and annotations, no logic; the
 * CRD YAML under {@code crds/} is generated from these types.
 */
package dev.unikernel.api;
