/** The dev cluster as tests and the demo use it. */
package dev.unikernel.e2e;
