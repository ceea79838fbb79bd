package dev.unikernel.operator.image;

import dev.unikernel.operator.status.Outcome;

/** What a spec's references lead to: complete inputs, or why they are not complete. */
sealed interface Resolution {

  /** Everything is there. */
  record Complete(BuildInputs inputs) implements Resolution {}

  /** Something is missing, and the outcome says what. */
  record Incomplete(Outcome outcome) implements Resolution {}
}
