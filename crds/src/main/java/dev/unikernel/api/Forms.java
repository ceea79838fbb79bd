package dev.unikernel.api;

/** What the schema's rules share: regular expressions (RE2, for CEL's {@code matches}) and CEL. */
final class Forms {
  /** One DNS label, RFC 1123; the length is bounded beside it. */
  static final String DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  /** Dot-separated DNS labels: names of Secrets, ConfigMaps, PriorityClasses. */
  static final String DNS_SUBDOMAIN =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  /**
   * One slash-separated part of a repository's path, as the OCI distribution specification has it.
   */
  private static final String PATH_PART = "[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*";

  private static final String PATH = PATH_PART + "(/" + PATH_PART + ")*";

  private static final String HOST =
      "([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?|[[][a-fA-F0-9:]+[]])";

  /** An image reference: optional host, path, optional tag, optional digest. */
  static final String REFERENCE =
      "^("
          + HOST
          + "(:[0-9]{1,5})?/)?"
          + PATH
          + "(:[a-zA-Z0-9_][-a-zA-Z0-9_.]{0,127})?(@sha256:[a-f0-9]{64})?$";

  /**
   * A repository under a host that is one beyond doubt: it has a dot or a port, or is localhost.
   */
  static final String REPOSITORY =
      "^("
          + HOST
          + ":[0-9]{1,5}|[a-zA-Z0-9][-a-zA-Z0-9]*([.][-a-zA-Z0-9]+)+|[[][a-fA-F0-9:]+[]]|localhost)/"
          + PATH
          + "$";

  /** The beginning of a reference or repository whose host has a port. */
  static final String ANY_PORT = "^[^/]*:[0-9]+/";

  /** The same, where it is a port that there is. */
  static final String PORT =
      "^[^/]*:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})/";

  static final String PORT_MESSAGE =
      "the port of a registry is a number from 1 to 65535, such as registry.example:5000/hello";

  /** A pattern that the builder can read: every [ and every brace is closed again. */
  static final String GLOB =
      "^([^[{\\\\]|\\\\.|[[][!^]?[^][/\\\\]+[]]|[{]([^[{}\\\\]|\\\\.|[[][!^]?[^][/\\\\]+[]])*[}])*$";

  /** Of a text that a program is handed. */
  static final String HAS_NUL = ".contains('\\u0000')";

  static final String NUL_MESSAGE =
      " holds a NUL character (\\0), where every text ends that a program is handed; remove it";

  /** An absolute path to something below the root, without empty parts. */
  static final String BELOW_ROOT = "^(/[^/]+)+$";

  /** A key of a label or annotation: an optional DNS prefix and a name. */
  static final String LABEL_KEY =
      "^([a-z0-9][-a-z0-9.]{0,252}/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$";

  /** A label's value, which may be empty. */
  static final String LABEL_VALUE = "^([a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?)?$";

  /** Of a record with a map {@code nodeSelector}. */
  static final String NODE_SELECTOR_IS_SANE =
      "!has(self.nodeSelector) || self.nodeSelector.all(k, k.matches('"
          + LABEL_KEY
          + "') && self.nodeSelector[k].matches('"
          + LABEL_VALUE
          + "'))";

  static final String NODE_SELECTOR_MESSAGE =
      "nodeSelector holds labels of nodes, such as kubernetes.io/arch: amd64";

  /** Of a list of optional probe ports, in the rules of the service's spec. */
  static final String EACH_PORT_IS_SERVED =
      ".all(port, !port.hasValue() || self.ports.exists(p, p.protocol == 'TCP'"
          + " && ((has(p.name) && dyn(p.name) == port.value())"
          + " || dyn(p.?targetPort.orValue(p.port)) == port.value())))";

  private Forms() {}
}
