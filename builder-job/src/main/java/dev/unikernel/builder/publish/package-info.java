/** Where builds go: registries. */
package dev.unikernel.builder.publish;
