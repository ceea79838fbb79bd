package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A static x86-64 program without compiler or C library: writes up to 100 bytes of the file that
 * its first argument names to standard output, and exits with status 7.
 */
final class TinyProgram {
  static final int EXIT_STATUS = 7;

  private static final long LOAD_ADDRESS = 0x400000;
  private static final int HEADERS = 64 + 56;

  private static final byte[] CODE =
      HexFormat.of()
          .parseHex(
              "488b7c2410" // mov rdi, [rsp+16]: argv[1]
                  + "31f6" // xor esi, esi: O_RDONLY
                  + "b802000000" // mov eax, open
                  + "0f05" // syscall
                  + "89c7" // mov edi, eax
                  + "488d742480" // lea rsi, [rsp-128]
                  + "ba64000000" // mov edx, 100
                  + "31c0" // xor eax, eax: read
                  + "0f05" // syscall
                  + "89c2" // mov edx, eax
                  + "bf01000000" // mov edi, 1
                  + "b801000000" // mov eax, write
                  + "0f05" // syscall
                  + "bf07000000" // mov edi, 7
                  + "b8e7000000" // mov eax, exit_group
                  + "0f05"); // syscall

  private TinyProgram() {}

  static byte[] elf() {
    int size = HEADERS + CODE.length;
    ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put((byte) 0x7f).put("ELF".getBytes(US_ASCII));
    elf.put((byte) 2).put((byte) 1).put((byte) 1).position(16); // 64 bits, little-endian
    elf.putShort((short) 2).putShort((short) 62).putInt(1); // executable, x86-64
    elf.putLong(LOAD_ADDRESS + HEADERS).putLong(64).putLong(0); // entry, program headers
    elf.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1).position(64);
    elf.putInt(1).putInt(5).putLong(0); // load, readable and executable, from the file's start
    elf.putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS).putLong(size).putLong(size).putLong(4096);
    return elf.put(CODE).array();
  }
}
