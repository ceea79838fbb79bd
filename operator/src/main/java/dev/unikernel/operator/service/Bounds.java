package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelServiceSpec;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How far a rollout may stray from the desired number, as Kubernetes counts it for Deployments.
 * Neither is ever negative.
 *
 * @param surge instances beyond the desired number
 * @param unavailable instances that may be missing
 */
public record Bounds(int surge, int unavailable) {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /**
   * Numbers, or percentages of {@code desired}: surge rounds up, unavailable rounds down. Where
   * both come out as zero nothing could ever move, so one may be missing.
   */
  public static Bounds of(UnikernelServiceSpec.Rollout rollout, int desired) {
    int surge =
        rollout == null || rollout.maxSurge() == null
            ? 1
            : resolve(rollout.maxSurge(), desired, RoundingMode.CEILING);
    int unavailable =
        rollout == null || rollout.maxUnavailable() == null
            ? 0
            : resolve(rollout.maxUnavailable(), desired, RoundingMode.FLOOR);
    return surge == 0 && unavailable == 0 ? new Bounds(0, 1) : new Bounds(surge, unavailable);
  }

  private static int resolve(IntOrString value, int desired, RoundingMode rounding) {
    if (value.getIntVal() != null) {
      return value.getIntVal();
    }
    var text = value.getStrVal();
    if (!text.endsWith("%")) {
      return Integer.parseInt(text);
    }
    var percent = new BigDecimal(text.substring(0, text.length() - 1));
    return percent
        .multiply(BigDecimal.valueOf(desired))
        .divide(HUNDRED, 0, rounding)
        .min(BigDecimal.valueOf(Integer.MAX_VALUE))
        .intValueExact();
  }
}
