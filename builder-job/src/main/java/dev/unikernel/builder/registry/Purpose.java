package dev.unikernel.builder.registry;

import dev.unikernel.builder.report.BuildReport.BuildError.Code;

/** Why a registry is asked: it decides what a failure is called. */
public enum Purpose {
  PULL_SOURCE(
      "pull",
      "spec.source.image.pullSecret",
      Code.SourceUnavailable,
      Code.PullRefused,
      Code.SourceCorrupt),
  PULL_KERNEL(
      "pull",
      "spec.source.image.pullSecret",
      Code.KernelUnavailable,
      Code.KernelUnavailable,
      Code.KernelMismatch),
  PUSH(
      "push",
      "spec.publish.registry.pushSecret",
      Code.TargetUnavailable,
      Code.PushRefused,
      Code.TargetUnavailable);

  final String verb;
  final String loginField;
  final Code unavailable;
  final Code refused;
  final Code corrupt;

  Purpose(String verb, String loginField, Code unavailable, Code refused, Code corrupt) {
    this.verb = verb;
    this.loginField = loginField;
    this.unavailable = unavailable;
    this.refused = refused;
    this.corrupt = corrupt;
  }
}
