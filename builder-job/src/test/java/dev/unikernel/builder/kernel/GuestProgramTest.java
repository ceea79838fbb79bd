package dev.unikernel.builder.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class GuestProgramTest {

  @Test
  void aZeroByteIsRefusedWhereverItStands() {
    assertRefused(
        () -> new GuestProgram("/a", List.of("a", "b\0c"), Map.of(), "/"),
        "an argument holds a zero byte: b?c");
    assertRefused(
        () -> new GuestProgram("/a", List.of(), Map.of("A", "1\0"), "/"),
        "an environment variable holds a zero byte: A=1?");
    assertRefused(() -> new GuestProgram("/a", List.of(), Map.of("A\0B", "1"), "/"), "A?B=1");
    assertRefused(() -> new GuestProgram("/a\0", List.of(), Map.of(), "/"), "/a?");
    assertRefused(() -> new GuestProgram("/a", List.of(), Map.of(), "/\0"), "/?");
  }

  private static void assertRefused(ThrowingCallable program, String message) {
    assertThatThrownBy(program).isInstanceOf(BuildFailure.class).hasMessageContaining(message);
  }
}
