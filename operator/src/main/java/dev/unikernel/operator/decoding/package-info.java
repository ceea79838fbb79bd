/**
 * How a UnikernelImage or UnikernelService becomes a record. One object that does not fit stays one
 * object's problem: it keeps its metadata and says why.
 */
package dev.unikernel.operator.decoding;
