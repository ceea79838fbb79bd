/**
 * What runs guests, seen from above: {@link dev.unikernel.operator.backend.Launch} goes in, {@link
 * dev.unikernel.operator.backend.Instance} comes out. One package below for each back end.
 */
package dev.unikernel.operator.backend;
