/** Container registries, spoken to by Jib Core's client; its failures in the user's words. */
package dev.unikernel.builder.registry;
