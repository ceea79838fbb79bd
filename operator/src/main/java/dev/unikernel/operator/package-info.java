/**
 * The operator. Both reconcilers read as the same four verbs: observe, plan, apply, report; plan
 * and report are pure.
 */
package dev.unikernel.operator;
