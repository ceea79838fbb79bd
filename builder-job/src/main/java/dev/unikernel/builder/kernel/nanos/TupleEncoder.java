package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.unikernel.builder.kernel.nanos.Value.Int;
import dev.unikernel.builder.kernel.nanos.Value.Null;
import dev.unikernel.builder.kernel.nanos.Value.Text;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.kernel.nanos.Value.Vector;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Writes one tuple with all that it holds as the bytes of a TFS log (Nanos {@code
 * src/runtime/tuple.c}, version 5). Names are written once and then referred to by their index in
 * the dictionary that writer and reader build alike; so are tuples that are reached twice.
 */
final class TupleEncoder {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Integer> names = new HashMap<>();
  private final IdentityHashMap<Tuple, Integer> tuples = new IdentityHashMap<>();
  private int lastIndex;

  private TupleEncoder() {}

  static byte[] encode(Tuple root) {
    TupleEncoder encoder = new TupleEncoder();
    encoder.value(root);
    return encoder.out.toByteArray();
  }

  private void value(Value value) {
    switch (value) {
      case Tuple tuple -> tuple(tuple);
      case Vector(var elements) -> {
        header(ValueType.VECTOR, true, elements.size());
        lastIndex++;
        elements.forEach(this::value);
      }
      case Text(var text) -> bytes(ValueType.STRING, text.getBytes(UTF_8));
      case Int(var number) -> {
        header(ValueType.INTEGER, true, number < 0 ? 1 : 0);
        Varint.write(out, Math.absExact(number));
      }
      case Null _ -> bytes(ValueType.SYMBOL, new byte[1]);
    }
  }

  private void tuple(Tuple tuple) {
    Integer known = tuples.get(tuple);
    if (known != null) {
      header(ValueType.TUPLE, false, 0);
      Varint.write(out, known);
      return;
    }
    header(ValueType.TUPLE, true, tuple.entries().size());
    tuples.put(tuple, ++lastIndex);
    tuple
        .entries()
        .forEach(
            (name, value) -> {
              name(name);
              value(value);
            });
  }

  private void name(String name) {
    Integer known = names.get(name);
    if (known != null) {
      header(ValueType.SYMBOL, false, known);
      return;
    }
    bytes(ValueType.SYMBOL, name.getBytes(UTF_8));
    names.put(name, ++lastIndex);
  }

  private void bytes(ValueType type, byte[] bytes) {
    header(type, true, bytes.length);
    out.writeBytes(bytes);
  }

  private void header(ValueType type, boolean immediate, long length) {
    int head = (immediate ? 0x80 : 0) | (type.code << 4);
    if (length < 8) {
      out.write(head | (int) length);
      return;
    }
    int groups = Math.ceilDiv(Varint.bits(length) - 3, 7);
    out.write(head | 0x08 | (int) (length >>> (7 * groups)));
    Varint.writeGroups(out, length, groups);
  }
}
