/** File trees: what lies in them, what of it a program needs, what an intruder would find. */
package dev.unikernel.builder.tree;
