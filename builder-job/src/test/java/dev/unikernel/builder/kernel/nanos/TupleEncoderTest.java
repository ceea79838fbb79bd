package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.builder.kernel.nanos.Value.Int;
import dev.unikernel.builder.kernel.nanos.Value.Text;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.kernel.nanos.Value.Vector;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TupleEncoderTest {

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "127, 7f",
    "128, 8100",
    "300, 822c",
    "1024, 8800",
    "3073, 9801",
    "16383, ff7f",
    "16384, 818000",
    "5368709120, 9480808000"
  })
  void numbersAreGroupsOfSevenBits(long number, String hex) throws TfsException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Varint.write(out, number);
    assertThat(HexFormat.of().formatHex(out.toByteArray())).isEqualTo(hex);
    assertThat(Varint.read(ByteBuffer.wrap(out.toByteArray()))).isEqualTo(number);
  }

  @ParameterizedTest
  @CsvSource({
    "0, c0",
    "7, c7",
    "8, c808",
    "127, c87f",
    "128, c900",
    "1023, cf7f",
    "1024, c88800",
    "131071, cfff7f",
    "131072, c8888000"
  })
  void headersHoldTheLength(int length, String hex) {
    byte[] encoded = TupleEncoder.encode(new Tuple().with("a", new Text("x".repeat(length))));
    // one tuple header, and the name: header and letter
    byte[] value = Arrays.copyOfRange(encoded, 3, encoded.length - length);
    assertThat(HexFormat.of().formatHex(value)).isEqualTo(hex);
  }

  @Test
  void integersCarryTheirSignInTheHeader() {
    Tuple tuple = new Tuple().with("a", new Int(-5)).with("b", new Int(3073));
    assertThat(HexFormat.of().formatHex(TupleEncoder.encode(tuple)))
        .isEqualTo("92" + "8161" + "b105" + "8162" + "b09801");
  }

  /** The worked example of a whole log, checked with the reference tool. */
  @Test
  void aFileSystemIsOneTuple() {
    Tuple extent = new Tuple().with("length", 1).with("offset", 1025).with("allocated", 1);
    Tuple children =
        new Tuple()
            .with(
                "hi.txt",
                new Tuple().with("filelength", 3).with("extents", new Tuple().with("0", extent)))
            .with("empty", new Tuple().with("filelength", 0).with("extents", new Tuple()))
            .with(
                "d",
                new Tuple()
                    .with(
                        "children",
                        new Tuple().with("l", new Tuple().with("linktarget", "../hi.txt"))));
    Tuple root =
        new Tuple()
            .with("children", children)
            .with("program", "/hi.txt")
            .with("arguments", Vector.of(List.of("hi", "-x")))
            .with("environment", new Tuple().with("HOME", "/"));
    String expected =
        "94"
            + name("8808", "children")
            + "93"
            + name("86", "hi.txt")
            + "92"
            + name("880a", "filelength")
            + "b003"
            + name("87", "extents")
            + "91"
            + name("81", "0")
            + "93"
            + name("86", "length")
            + "b001"
            + name("86", "offset")
            + "b08801"
            + name("8809", "allocated")
            + "b001"
            + name("85", "empty")
            + "92"
            + "06b000"
            + "0790"
            + name("81", "d")
            + "91"
            + "0291"
            + name("81", "l")
            + "91"
            + name("880a", "linktarget")
            + name("c809", "../hi.txt")
            + name("87", "program")
            + name("c7", "/hi.txt")
            + name("8809", "arguments")
            + "a2"
            + name("c2", "hi")
            + name("c2", "-x")
            + name("880b", "environment")
            + "91"
            + name("84", "HOME")
            + name("c1", "/");
    byte[] encoded = TupleEncoder.encode(root);
    assertThat(HexFormat.of().formatHex(encoded)).isEqualTo(expected);
    assertThat(encoded).hasSize(176);
  }

  private static String name(String header, String text) {
    return header + HexFormat.of().formatHex(text.getBytes(UTF_8));
  }
}
