package dev.unikernel.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/** However a build ends, its report says which of the user's knobs heals it. */
class RunTest {
  @Test
  void moreMemoryHealsAndATryMoreDoesNot() {
    assertThat(Run.error(new OutOfMemoryError("Java heap space")).code())
        .isEqualTo(Code.OutOfMemory);
    assertThat(Code.OutOfMemory.retryable()).isFalse();
  }

  @Test
  void aFullDiskIsFoundBehindAnyWrapper() {
    IOException full = new IOException("layer.tar: No space left on device");
    for (Throwable failure :
        new Throwable[] {full, new UncheckedIOException(full), new IllegalStateException(full)}) {
      assertThat(Run.error(failure).code()).isEqualTo(Code.ScratchFull);
      assertThat(Run.error(failure).remedy()).contains("ephemeral-storage");
    }
  }

  @Test
  void errorsOfTheMachineAreTold() {
    assertThat(Run.error(new StackOverflowError()).code()).isEqualTo(Code.Internal);
    assertThat(Run.error(new StackOverflowError()).message()).contains("StackOverflowError");
    assertThat(Run.error(new NoClassDefFoundError("dev/X")).message()).contains("dev/X");
  }
}
