package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.kernel.nanos.Value.Int;
import dev.unikernel.builder.kernel.nanos.Value.Null;
import dev.unikernel.builder.kernel.nanos.Value.Text;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.kernel.nanos.Value.Vector;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Replays the tuples of a TFS log. One decoder reads one log, since the dictionary goes through all
 * of it. Hostile bytes cost no more than {@link #MOST_VALUES} small objects and {@link
 * #MOST_NESTED} levels of the stack; beyond that they are refused.
 */
final class TupleDecoder {
  /** Enough for a file system of about 150,000 files. */
  static final int MOST_VALUES = 1 << 20;

  /** A directory takes two levels. */
  static final int MOST_NESTED = 1024;

  private record Header(ValueType type, boolean immediate, long length) {}

  private final List<Object> dictionary = new ArrayList<>();
  private int values;
  private int nested;

  /** Merges one encoded tuple into what was read before, and answers the tuple it belongs to. */
  Tuple merge(ByteBuffer encoded) throws TfsException {
    if (!(value(encoded) instanceof Tuple tuple)) {
      throw new TfsException("the log holds a value that is no tuple");
    }
    if (encoded.hasRemaining()) {
      throw new TfsException("bytes are left over behind a tuple");
    }
    return tuple;
  }

  /** The value that follows, or Java's null for the mark that deletes an attribute. */
  private Value value(ByteBuffer in) throws TfsException {
    if (++values > MOST_VALUES) {
      throw new TfsException("more than " + MOST_VALUES + " values");
    }
    Header header = header(in);
    return switch (header.type) {
      case TUPLE -> tuple(header, in);
      case VECTOR -> vector(header, in);
      case INTEGER -> integer(header, in);
      case STRING -> new Text(text(header, in));
      case SYMBOL -> untyped(header, in);
    };
  }

  private Tuple tuple(Header header, ByteBuffer in) throws TfsException {
    Tuple tuple = header.immediate ? define(new Tuple()) : known(Tuple.class, Varint.read(in));
    enter();
    for (long i = 0; i < header.length; i++) {
      String name = name(in);
      Value value = value(in);
      if (value == null) {
        tuple.remove(name);
      } else {
        tuple.with(name, value);
      }
    }
    nested--;
    return tuple;
  }

  private Vector vector(Header header, ByteBuffer in) throws TfsException {
    Vector vector =
        header.immediate
            ? define(new Vector(new ArrayList<>()))
            : known(Vector.class, Varint.read(in));
    enter();
    for (long i = 0; i < header.length; i++) {
      Value value = value(in);
      if (value != null) {
        vector.elements().add(value);
      }
    }
    nested--;
    return vector;
  }

  private static Int integer(Header header, ByteBuffer in) throws TfsException {
    if (!header.immediate || header.length > 1) {
      throw new TfsException("an integer has an unknown form");
    }
    long magnitude = Varint.read(in);
    return new Int(header.length == 1 ? -magnitude : magnitude);
  }

  private Value untyped(Header header, ByteBuffer in) throws TfsException {
    if (!header.immediate) {
      return new Text(known(String.class, header.length));
    }
    String text = text(header, in);
    return text.isEmpty() ? null : text.equals("\0") ? Null.NULL : new Text(text);
  }

  private String name(ByteBuffer in) throws TfsException {
    Header header = header(in);
    if (header.type != ValueType.SYMBOL) {
      throw new TfsException("an attribute's name is no symbol");
    }
    return header.immediate ? define(text(header, in)) : known(String.class, header.length);
  }

  private static String text(Header header, ByteBuffer in) throws TfsException {
    if (!header.immediate || header.length > in.remaining()) {
      throw new TfsException("a text is longer than its tuple");
    }
    ByteBuffer bytes = in.slice(in.position(), (int) header.length);
    in.position(in.position() + (int) header.length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new TfsException("a text is not UTF-8");
    }
  }

  private static Header header(ByteBuffer in) throws TfsException {
    if (!in.hasRemaining()) {
      throw new TfsException("a tuple ends in the middle");
    }
    int head = in.get() & 0xff;
    long low = head & 7;
    long length = (head & 0x08) == 0 ? low : Varint.readGroups(in, low);
    return new Header(ValueType.of((head >> 4) & 7), (head & 0x80) != 0, length);
  }

  private void enter() throws TfsException {
    if (++nested > MOST_NESTED) {
      throw new TfsException("tuples lie more than " + MOST_NESTED + " deep in each other");
    }
  }

  private <T> T define(T entry) {
    dictionary.add(entry);
    return entry;
  }

  private <T> T known(Class<T> type, long index) throws TfsException {
    if (index < 1 || index > dictionary.size()) {
      throw new TfsException("reference to unknown entry " + index);
    }
    Object entry = dictionary.get((int) index - 1);
    if (!type.isInstance(entry)) {
      throw new TfsException("reference to entry " + index + ", which is of another kind");
    }
    return type.cast(entry);
  }
}
