package dev.unikernel.operator.decoding;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Texts that were decoded recently, so that an equal one is the same object. Most of what the
 * caches hold are texts, and three of four are equal to another: kinds, namespaces, names and uids
 * of owners, times of one second.
 *
 * <p>Each slot holds the last text of its hash: the size is fixed, and nobody waits for a lock.
 */
final class SharedText {
  private static final int SLOTS = 1 << 13;
  private static final int LONGEST = 512;

  private final AtomicReferenceArray<String> slots = new AtomicReferenceArray<>(SLOTS);

  /** All that this mapper decodes, into objects and into trees. */
  void decodedBy(ObjectMapper mapper) {
    mapper.setNodeFactory(new Nodes());
    mapper.registerModule(new SimpleModule("texts").addDeserializer(String.class, new Texts()));
  }

  /** An equal text, if one is known; this one may be null. */
  String of(String text) {
    if (text == null || text.length() > LONGEST) {
      return text;
    }
    int hash = text.hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    var known = slots.getPlain(slot);
    if (text.equals(known)) {
      return known;
    }
    slots.setRelease(slot, text);
    return text;
  }

  private final class Nodes extends JsonNodeFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public TextNode textNode(String text) {
      return super.textNode(of(text));
    }
  }

  private final class Texts extends StringDeserializer {
    private static final long serialVersionUID = 1L;

    @Override
    public String deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return of(super.deserialize(parser, context));
    }
  }
}
