/**
 * How a pass ended, and the one place where that becomes conditions, a requeue or a throw. Pure but
 * for {@link dev.unikernel.operator.status.Reply}, which speaks the framework's types.
 */
package dev.unikernel.operator.status;
