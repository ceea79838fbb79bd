/** The sealed Linux guest: one process on a Linux kernel that can never become two. */
package dev.unikernel.builder.kernel.linux;
