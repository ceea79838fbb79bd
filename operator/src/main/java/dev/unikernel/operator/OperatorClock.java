package dev.unikernel.operator;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The clock that everything is given, so that tests can hold it. */
final class OperatorClock {
  private OperatorClock() {}

  @Produces
  @Singleton
  static Clock systemUtc() {
    return Clock.systemUTC();
  }
}
