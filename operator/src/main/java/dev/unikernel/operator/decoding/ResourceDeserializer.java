package dev.unikernel.operator.decoding;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.util.stream.Collectors;

/**
 * Decodes one kind without ever failing: the client ends a watch, and the operator does not start,
 * when one object of all tenants' cannot be decoded. A spec that does not fit is left out and told
 * by {@link Undecodable}; a status that does not fit is left out, and written again.
 */
final class ResourceDeserializer<S, T, R extends CustomResource<S, T>> extends StdDeserializer<R> {
  private static final long serialVersionUID = 1L;

  private final Class<R> kind;
  private final Class<S> spec;
  private final Class<T> status;
  private final transient Schema schema;

  ResourceDeserializer(Class<R> kind, Class<S> spec, Class<T> status) {
    super(kind);
    this.kind = kind;
    this.spec = spec;
    this.status = status;
    this.schema = CrdFile.schema(kind);
  }

  @Override
  public R deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    JsonNode tree = context.readTree(parser);
    R resource = blank();
    if (tree.hasNonNull("metadata")) {
      resource.setMetadata(context.readTreeAsValue(tree.get("metadata"), ObjectMeta.class));
    }
    if (tree.hasNonNull("spec")) {
      Undecodable.clear(resource);
      resource.setSpec(spec(tree.get("spec"), resource, context));
    }
    if (tree.hasNonNull("status")) {
      resource.setStatus(status(tree.get("status"), context));
    }
    return resource;
  }

  private S spec(JsonNode tree, R resource, DeserializationContext context) throws IOException {
    var violation = schema.fields().get("spec").violation("spec", tree);
    if (violation.isPresent()) {
      Undecodable.mark(resource, violation.get());
      return null;
    }
    try {
      return context.readTreeAsValue(tree, spec);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      Undecodable.mark(resource, words(e));
      return null;
    }
  }

  private T status(JsonNode tree, DeserializationContext context) throws IOException {
    if (schema.fields().get("status").violation("status", tree).isPresent()) {
      return null;
    }
    try {
      return context.readTreeAsValue(tree, status);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return null;
    }
  }

  /** The decoder's own words after the field's path, without the names of Java packages. */
  private static String words(Exception fault) {
    var path =
        fault instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(
                    step ->
                        step.getFieldName() == null
                            ? "[" + step.getIndex() + "]"
                            : "." + step.getFieldName())
                .collect(Collectors.joining("", "spec", ": "))
            : "spec: ";
    var message =
        fault.getCause() instanceof IllegalArgumentException refused // by a record
            ? refused.getMessage()
            : fault instanceof JsonProcessingException json
                ? json.getOriginalMessage()
                : fault.getMessage();
    return path + message.replaceAll("`?(?:[a-z0-9]+[.])+(?:\\w+[$])*(\\w+)`?", "$1");
  }

  private R blank() {
    try {
      return kind.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
