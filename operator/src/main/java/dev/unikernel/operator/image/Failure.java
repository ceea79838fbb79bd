package dev.unikernel.operator.image;

/**
 * Why a build failed, or is held up.
 *
 * @param message what is wrong and what to do, in whole sentences
 */
record Failure(ImageReason reason, String message, Retry retry) {}
