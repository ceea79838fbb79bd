package dev.unikernel.api;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;

/** Quantities that can be calculated with, also where the installed CRD has no rule for them. */
final class Quantities {
  /** Beyond any machine, and a long holds it. */
  private static final BigDecimal MOST = BigDecimal.TEN.pow(18);

  private Quantities() {}

  /**
   * Lets a quantity pass, or none.
   *
   * @param rule what the field takes
   * @throws IllegalArgumentException that says so
   */
  static void check(Quantity quantity, String rule) {
    if (quantity != null && !isReadable(quantity)) {
      throw new IllegalArgumentException("%s, not \"%s\"".formatted(rule, quantity));
    }
  }

  /** A comparison is cheap for any exponent, unlike a division. */
  private static boolean isReadable(Quantity quantity) {
    try {
      var amount = Quantity.getAmountInBytes(quantity);
      return amount.signum() >= 0 && amount.compareTo(MOST) <= 0;
    } catch (IllegalArgumentException | ArithmeticException e) {
      return false;
    }
  }
}
