/** Sources: where a program and its files come from. */
package dev.unikernel.builder.source;
