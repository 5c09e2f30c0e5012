package io.flashdns.management.identity;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON objects of strangers (RFC 8259): no key twice, at most 16 deep, one object and nothing
 * after it, octets that are UTF-8. Two readers can never understand such a text in two ways.
 *
 * <p>Values are {@link String}, {@link Double}, {@link Boolean}, {@link List}, {@link Map}, or
 * null.
 */
final class StrictJson {
  private static final int MAX_DEPTH = 16;

  private StrictJson() {}

  /**
   * Reads one object.
   *
   * @throws IOException when it is none; the message says nothing of what stands in it
   */
  static Map<String, @Nullable Object> object(byte[] octets) throws IOException {
    String text;
    try {
      // A new decoder reports what is no UTF-8, where String puts something else in its place.
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("no UTF-8", e);
    }
    if (text.isEmpty() || text.charAt(0) == '\ufeff') {
      throw new IOException("no JSON object");
    }
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(MAX_DEPTH);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new IOException("no JSON object");
      }
      Map<String, @Nullable Object> object = object(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IOException("something after the JSON object");
      }
      return object;
    } catch (NumberFormatException | IllegalStateException e) {
      throw new MalformedJsonException("no JSON", e);
    }
  }

  private static Map<String, @Nullable Object> object(JsonReader reader) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (object.containsKey(name)) {
        throw new IOException("a name twice");
      }
      object.put(name, value(reader));
    }
    reader.endObject();
    return object;
  }

  private static List<@Nullable Object> array(JsonReader reader) throws IOException {
    List<@Nullable Object> array = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(value(reader));
    }
    reader.endArray();
    return array;
  }

  private static @Nullable Object value(JsonReader reader) throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object(reader);
      case BEGIN_ARRAY -> array(reader);
      case STRING -> reader.nextString();
      case NUMBER -> reader.nextDouble();
      case BOOLEAN -> reader.nextBoolean();
      case NULL -> {
        reader.nextNull();
        yield null;
      }
      case NAME, END_ARRAY, END_OBJECT, END_DOCUMENT -> throw new IOException("no JSON");
    };
  }
}
