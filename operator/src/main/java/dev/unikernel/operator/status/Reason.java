package dev.unikernel.operator.status;

/**
 * Why a resource is as it is: one word, the same in conditions, Events and logs. Each room lists
 * its own as an enum.
 */
public interface Reason {

  /** One CamelCase word, for programs. */
  String name();

  /** One line for people: what the word means, wherever it appears. */
  String meaning();

  /** Reasons that both kinds share. */
  enum Shared implements Reason {
    Retrying("A call failed that may work the next time; it is repeated at growing intervals."),
    NotLookedAt("The newest change to the spec has not been processed yet."),
    DiskMissing("The registry does not have the disk any more that instances boot from.");

    private final String meaning;

    Shared(String meaning) {
      this.meaning = meaning;
    }

    @Override
    public String meaning() {
      return meaning;
    }
  }
}
