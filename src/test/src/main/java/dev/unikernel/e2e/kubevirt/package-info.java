/**
 * What takes KubeVirt's place in the dev cluster; {@link dev.unikernel.e2e.kubevirt.StandIn} says
 * what it does not do.
 */
package dev.unikernel.e2e.kubevirt;
