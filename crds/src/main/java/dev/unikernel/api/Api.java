package dev.unikernel.api;

/** The API's group and version. */
public final class Api {
  public static final String GROUP = "unikernel.dev";
  public static final String VERSION = "v1alpha1";

  private Api() {}
}
