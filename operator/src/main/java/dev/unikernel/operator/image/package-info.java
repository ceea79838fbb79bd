/**
 * UnikernelImage: observe what goes in and what the builder Jobs did, decide whether to build,
 * start the Job, report.
 */
package dev.unikernel.operator.image;
