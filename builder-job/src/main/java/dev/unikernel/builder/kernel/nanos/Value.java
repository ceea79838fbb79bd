package dev.unikernel.builder.kernel.nanos;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** A value of a TFS log (Nanos {@code src/runtime/tuple.c}). */
sealed interface Value {

  /**
   * Named values in the order in which they are written. Compared by identity: a tuple that is
   * reached by two names is one thing, a hard-linked file.
   */
  final class Tuple implements Value {
    private final SequencedMap<String, Value> entries = new LinkedHashMap<>();

    Tuple with(String name, Value value) {
      entries.put(name, value);
      return this;
    }

    Tuple with(String name, String text) {
      return with(name, new Text(text));
    }

    Tuple with(String name, long number) {
      return with(name, new Int(number));
    }

    void remove(String name) {
      entries.remove(name);
    }

    Optional<Value> get(String name) {
      return Optional.ofNullable(entries.get(name));
    }

    SequencedMap<String, Value> entries() {
      return entries;
    }
  }

  /** A list. */
  record Vector(List<Value> elements) implements Value {
    static Vector of(List<String> texts) {
      return new Vector(texts.stream().<Value>map(Text::new).toList());
    }
  }

  /** A string. */
  record Text(String text) implements Value {}

  /** A whole number. */
  record Int(long number) implements Value {}

  /** "Present, without content". */
  enum Null implements Value {
    NULL
  }
}
