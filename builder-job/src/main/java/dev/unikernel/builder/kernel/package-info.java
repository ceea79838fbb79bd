/** Kernels: how a file tree and its one program become something that a VM boots. */
package dev.unikernel.builder.kernel;
