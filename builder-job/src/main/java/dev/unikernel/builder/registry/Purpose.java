package dev.unikernel.builder.registry;

import dev.unikernel.builder.report.BuildReport.BuildError.Code;

/** Why a registry is asked: it decides what a failure is called, and who can heal it. */
public enum Purpose {
  PULL_SOURCE(
      "pull",
      "check that the login in spec.source.image.pullSecret is valid and may pull here",
      "name a Secret with a login for this registry in spec.source.image.pullSecret",
      "correct spec.source.image.reference, or push the image there first",
      Code.SourceUnavailable,
      Code.PullRefused,
      Code.SourceCorrupt),
  PULL_KERNEL(
      "pull the kernel release from",
      "ask the platform team: the image is named in their kernel catalogue, and the login of"
          + " spec.source.image.pullSecret does not reach it",
      "ask the platform team: the image is named in their kernel catalogue and should need no login",
      "ask the platform team to correct the image in their kernel catalogue, or to push it",
      Code.KernelUnavailable,
      Code.KernelRefused,
      Code.KernelMismatch),
  PUSH(
      "push",
      "check that the login in spec.publish.registry.pushSecret is valid and may push here",
      "name a Secret with a login for this registry in spec.publish.registry.pushSecret",
      "correct spec.publish.registry.repository, or create the repository",
      Code.TargetUnavailable,
      Code.PushRefused,
      Code.TargetUnavailable);

  final String verb;
  final String whatToCorrect;
  final Code unavailable;
  final Code refused;
  final Code corrupt;
  private final String loginRefused;
  private final String loginMissing;

  Purpose(
      String verb,
      String loginRefused,
      String loginMissing,
      String whatToCorrect,
      Code unavailable,
      Code refused,
      Code corrupt) {
    this.verb = verb;
    this.loginRefused = loginRefused;
    this.loginMissing = loginMissing;
    this.whatToCorrect = whatToCorrect;
    this.unavailable = unavailable;
    this.refused = refused;
    this.corrupt = corrupt;
  }

  /** What to do where a registry refuses. */
  String checkLogin(boolean hasLogin) {
    return hasLogin ? loginRefused : loginMissing;
  }
}
