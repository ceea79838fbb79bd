/** Guests as KubeVirt virtual machines in this cluster. */
package dev.unikernel.operator.backend.kubevirt;
