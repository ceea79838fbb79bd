/** The plan of one build, as the operator wrote it. */
package dev.unikernel.builder.plan;
