package io.flashdns.management.grpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.flashdns.management.message.CallException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as JSON. Before the library of protobuf reads it, this class does, for that library is
 * generous: here JSON is RFC 8259 in UTF-8 and nothing else; it nests at most {@link
 * RequestReader#MAX_DEPTH} deep; a field stands once, and the message has it; and no number is
 * written so that it takes gigabytes to hold ({@code 1e999999999}).
 *
 * <p>One thread. Costs a pass over the text.
 */
final class JsonRequest {
  private static final String EMPTY = "{}";
  private static final int MAX_NUMBER_CHARS = 64;
  private static final int MAX_EXPONENT_DIGITS = 3;
  private static final int MAX_KEY_CHARS = 64;

  private final String text;
  private int at;

  private JsonRequest(String text) {
    this.text = text;
  }

  /**
   * Reads one; no octets are an empty message.
   *
   * @throws CallException when it is none; says where and what to do
   */
  static Message read(byte[] octets, Message prototype) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException _) {
      throw CallException.invalid("body", "is not UTF-8: send JSON in UTF-8");
    }
    if (text.isBlank()) {
      text = EMPTY;
    }
    Descriptor message = prototype.getDescriptorForType();
    JsonRequest request = new JsonRequest(text);
    request.space();
    if (request.peek() != '{') {
      throw request.wrong("a request is an object: {\"field\": …}");
    }
    request.object(message, "", 1);
    request.space();
    if (request.at < text.length()) {
      throw request.wrong("the request has ended, nothing may follow");
    }
    Message.Builder builder = prototype.newBuilderForType();
    try {
      JsonFormat.parser().merge(text, builder);
    } catch (InvalidProtocolBufferException e) {
      throw CallException.invalid(
          "body", "does not fit " + message.getFullName() + ": " + e.getMessage());
    } catch (RuntimeException _) {
      throw CallException.invalid("body", "does not fit " + message.getFullName());
    }
    return builder.build();
  }

  private void value(
      @Nullable FieldDescriptor field, @Nullable Descriptor in, String path, int depth) {
    switch (peek()) {
      case '{' -> object(in, path, depth);
      case '[' -> array(field, in, path, depth);
      case '"' -> {
        String string = string();
        if (field != null && isNarrow(field)) {
          checkNumber(string);
        }
        if (field != null && field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
          checkWord(field.getEnumType(), string, path);
        }
      }
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  private void object(@Nullable Descriptor message, String path, int depth) {
    checkDepth(depth);
    at++;
    space();
    if (isNext('}')) {
      return;
    }
    Set<Object> seen = new HashSet<>();
    do {
      space();
      if (peek() != '"') {
        throw wrong("a name in double quotes is missing");
      }
      String key = string();
      FieldDescriptor field = message == null || isMap(message) ? null : field(message, key, path);
      if (!seen.add(field == null ? key : field.getNumber())) {
        throw twice(path, key);
      }
      space();
      if (!isNext(':')) {
        throw wrong("':' is missing");
      }
      space();
      String inner = path.isEmpty() ? key : path + "." + key;
      if (field != null) {
        value(field, within(field), inner, depth + 1);
      } else {
        value(null, message == null ? null : mapped(message), inner, depth + 1);
      }
      space();
    } while (isNext(','));
    if (!isNext('}')) {
      throw wrong("',' or '}' is missing");
    }
  }

  private void array(
      @Nullable FieldDescriptor field, @Nullable Descriptor in, String path, int depth) {
    checkDepth(depth);
    at++;
    space();
    if (isNext(']')) {
      return;
    }
    int index = 0;
    do {
      space();
      value(field, in, path + "[" + index + "]", depth + 1);
      index++;
      space();
    } while (isNext(','));
    if (!isNext(']')) {
      throw wrong("',' or ']' is missing");
    }
  }

  /** The kind of message that a field holds; null for what is written in another way. */
  private static @Nullable Descriptor within(FieldDescriptor field) {
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
        || field.getMessageType().getFile().getPackage().equals("google.protobuf")) {
      return null;
    }
    return field.getMessageType();
  }

  private static boolean isMap(Descriptor message) {
    return message.getOptions().getMapEntry();
  }

  private static @Nullable Descriptor mapped(Descriptor entry) {
    return within(entry.findFieldByName("value"));
  }

  private FieldDescriptor field(Descriptor message, String key, String path) {
    for (FieldDescriptor field : message.getFields()) {
      if (field.getJsonName().equals(key) || field.getName().equals(key)) {
        return field;
      }
    }
    String name = shortened(key);
    String where = path.isEmpty() ? name : path + "." + name;
    throw CallException.invalid(
        where,
        "there is no such field in "
            + message.getFullName()
            + ": leave it out, or look for its name in /openapi.json");
  }

  private static CallException twice(String path, String key) {
    String name = shortened(key);
    return CallException.invalid(
        path.isEmpty() ? name : path + "." + name, "stands twice: leave one of them out");
  }

  private static String shortened(String key) {
    return key.length() <= MAX_KEY_CHARS ? key : key.substring(0, MAX_KEY_CHARS) + "…";
  }

  /** Fields whose text is made a number in full before its size is looked at. */
  private static boolean isNarrow(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.INT
        || field.getJavaType() == FieldDescriptor.JavaType.LONG;
  }

  /** The words of an enumeration are what people get wrong most: A instead of RECORD_TYPE_A. */
  private static void checkWord(EnumDescriptor words, String word, String path) {
    if (words.findValueByName(word) != null
        || (!word.isEmpty() && digits(word, 0) == word.length())) {
      return;
    }
    String remedy = "look for its words in /openapi.json, or send a number";
    for (EnumValueDescriptor known : words.getValues()) {
      if (known.getName().endsWith("_" + word.toUpperCase(Locale.ROOT))) {
        remedy = "write " + known.getName();
        break;
      }
    }
    throw CallException.invalid(
        path, "there is no such word in " + words.getFullName() + ": " + remedy);
  }

  private void checkDepth(int depth) {
    if (depth > RequestReader.MAX_DEPTH) {
      throw wrong("this nests deeper than " + RequestReader.MAX_DEPTH);
    }
  }

  private void number() {
    int from = at;
    while (at < text.length() && isOfNumber(text.charAt(at))) {
      at++;
    }
    String number = text.substring(from, at);
    if (!isNumber(number)) {
      at = from;
      throw wrong("a value is missing: text, a number, true, false, null, an object or a list");
    }
    checkNumber(number);
  }

  private static boolean isOfNumber(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  }

  /** RFC 8259 §6. */
  private static boolean isNumber(String number) {
    int i = number.startsWith("-") ? 1 : 0;
    int digits = digits(number, i);
    if (digits == 0 || (digits > 1 && number.charAt(i) == '0')) {
      return false;
    }
    i += digits;
    if (i < number.length() && number.charAt(i) == '.') {
      digits = digits(number, i + 1);
      if (digits == 0) {
        return false;
      }
      i += 1 + digits;
    }
    if (i < number.length() && (number.charAt(i) == 'e' || number.charAt(i) == 'E')) {
      i++;
      if (i < number.length() && (number.charAt(i) == '+' || number.charAt(i) == '-')) {
        i++;
      }
      digits = digits(number, i);
      if (digits == 0) {
        return false;
      }
      i += digits;
    }
    return i == number.length();
  }

  private static int digits(String number, int from) {
    int i = from;
    while (i < number.length() && number.charAt(i) >= '0' && number.charAt(i) <= '9') {
      i++;
    }
    return i - from;
  }

  private void checkNumber(String number) {
    int e = Math.max(number.indexOf('e'), number.indexOf('E'));
    if (number.length() > MAX_NUMBER_CHARS
        || (e >= 0 && number.length() - e - 2 > MAX_EXPONENT_DIGITS)) {
      throw wrong("this number is longer than any that fits");
    }
  }

  private void word(String word) {
    if (!text.startsWith(word, at)) {
      throw wrong("a value is missing: text stands in double quotes");
    }
    at += word.length();
  }

  private String string() {
    int from = ++at;
    boolean plain = true;
    while (true) {
      char c = peek();
      if (c == '"') {
        at++;
        break;
      }
      if (c < ' ') {
        throw wrong("a text has a control character: write it as \\u00XX");
      }
      if (c == '\\') {
        plain = false;
        escape();
      } else {
        at++;
      }
    }
    String raw = text.substring(from, at - 1);
    return plain ? raw : unescaped(raw);
  }

  private void escape() {
    at++;
    char c = peek();
    at++;
    if (c == 'u') {
      for (int i = 0; i < 4; i++) {
        if (Character.digit(peek(), 16) < 0 || peek() > 'f') {
          throw wrong("\\u takes four hexadecimal digits");
        }
        at++;
      }
    } else if ("\"\\/bfnrt".indexOf(c) < 0) {
      throw wrong("there is no such escape: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX there are");
    }
  }

  private static String unescaped(String raw) {
    StringBuilder plain = new StringBuilder(raw.length());
    int i = 0;
    while (i < raw.length()) {
      char c = raw.charAt(i++);
      if (c != '\\') {
        plain.append(c);
        continue;
      }
      char escaped = raw.charAt(i++);
      switch (escaped) {
        case 'b' -> plain.append('\b');
        case 'f' -> plain.append('\f');
        case 'n' -> plain.append('\n');
        case 'r' -> plain.append('\r');
        case 't' -> plain.append('\t');
        case 'u' -> {
          plain.append((char) Integer.parseInt(raw, i, i + 4, 16));
          i += 4;
        }
        default -> plain.append(escaped);
      }
    }
    return plain.toString();
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    if (at >= text.length()) {
      throw wrong("the request ends in the middle");
    }
    return text.charAt(at);
  }

  private boolean isNext(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private CallException wrong(String why) {
    return CallException.invalid("body", "is no JSON at character " + (at + 1) + ": " + why);
  }
}
