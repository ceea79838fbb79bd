/** The few ways in which the operator touches the cluster: owned objects, applied once, Events. */
package dev.unikernel.operator.kube;
