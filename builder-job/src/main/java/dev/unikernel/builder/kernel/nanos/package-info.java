/**
 * The boot disk of the Nanos unikernel: its partitions, its file system TFS and its configuration.
 * Facts of the format are those of Nanos 0.1.55 (<a
 * href="https://github.com/nanovms/nanos">nanovms/nanos</a>: {@code src/fs/tlog.c}, {@code
 * src/runtime/storage.h}, {@code tools/mkfs.c}).
 */
package dev.unikernel.builder.kernel.nanos;
