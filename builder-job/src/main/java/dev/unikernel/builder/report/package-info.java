/** What the builder says: progress on its output, the outcome in the termination message. */
package dev.unikernel.builder.report;
