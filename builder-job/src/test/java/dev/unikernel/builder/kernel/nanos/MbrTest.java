package dev.unikernel.builder.kernel.nanos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.kernel.nanos.Mbr.Partition;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MbrTest {
  private static final List<Partition> PARTITIONS =
      List.of(new Partition(0x83, 103, 24_576), new Partition(0x83, 24_679, 208_896));

  /** As the reference tool wrote it for a disk of 119,590,400 bytes. */
  @Test
  void writesTheTableOfTheReferenceTool() {
    byte[] sector = Releases.loader(1024);
    Mbr.patch(sector, PARTITIONS);
    assertThat(HexFormat.of().formatHex(sector, 446, 512))
        .isEqualTo(
            "80012900"
                + "83882e01"
                + "67000000"
                + "00600000"
                + "80882f01"
                + "8389220e"
                + "67600000"
                + "00300300"
                + "00".repeat(32)
                + "55aa");
  }

  @Test
  void readsWhatItWrote() throws TfsException {
    byte[] sector = Releases.loader(1024);
    Mbr.patch(sector, PARTITIONS);
    assertThat(Mbr.read(sector)).isEqualTo(PARTITIONS);
    assertThatThrownBy(() -> Mbr.read(new byte[512])).isInstanceOf(TfsException.class);
  }

  @Test
  void knowsTheLoaderByItsOwnRecord() {
    byte[] loader = Releases.loader(48_640);
    assertThat(Mbr.isLoader(loader)).isTrue();
    assertThat(Mbr.isLoader(Arrays.copyOf(loader, 48_128))).isFalse();
    assertThat(Mbr.isLoader(Arrays.copyOf(loader, 512))).isFalse();
    assertThat(Mbr.isLoader(new byte[48_640])).isFalse();
    assertThat(Mbr.isLoader(new byte[0])).isFalse();
  }
}
