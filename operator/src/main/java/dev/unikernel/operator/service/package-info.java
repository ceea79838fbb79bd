/**
 * Keeps N instances of an image serving. {@link dev.unikernel.operator.service.Rollout} decides,
 * and is pure.
 */
package dev.unikernel.operator.service;
