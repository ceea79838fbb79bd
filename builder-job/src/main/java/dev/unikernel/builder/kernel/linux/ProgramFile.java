package dev.unikernel.builder.kernel.linux;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.tree.Content;

/**
 * What PID 1 is to run: records {@code kind=value}, each ended by a zero byte. Its reader is {@code
 * src/main/c/program.c}.
 */
final class ProgramFile {
  private final StringBuilder records = new StringBuilder();

  private ProgramFile() {}

  static Content of(GuestProgram program, int user) {
    ProgramFile file = new ProgramFile();
    file.record("exec", program.path());
    program.arguments().forEach(argument -> file.record("arg", argument));
    program.environment().forEach((name, value) -> file.record("env", name + "=" + value));
    if (!program.environment().containsKey("HOME")) {
      file.record("env", "HOME=/tmp");
    }
    file.record("cwd", program.workingDirectory());
    file.record("uid", String.valueOf(user));
    file.record("gid", String.valueOf(user));
    return Content.of(file.records.toString());
  }

  private void record(String kind, String value) {
    records.append(kind).append('=').append(value).append('\0');
  }
}
