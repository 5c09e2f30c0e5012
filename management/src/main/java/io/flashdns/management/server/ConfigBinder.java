package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.plugin.Network;
import io.flashdns.management.server.ConfigNode.Entry;
import io.flashdns.management.server.ConfigNode.Items;
import io.flashdns.management.server.ConfigNode.Position;
import io.flashdns.management.server.ConfigNode.Scalar;
import io.flashdns.management.server.ConfigNode.Section;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Binds the nodes of a configuration file to records, by component name in kebab-case.
 *
 * <p>A key that is absent takes its value from the record of defaults: for the outermost record the
 * caller gives it, for a nested one it is the value in the outer one's, else the record's static
 * method {@code defaults()}. Without either, every component but an {@link Optional} is required.
 *
 * <p>Validation is the record's compact constructor: it throws {@link IllegalArgumentException}
 * with a sentence that names the component. To tell which of several keys it means, and to report
 * all of them and not just the first, each key is tried alone on top of the defaults when the whole
 * is refused.
 *
 * <p>Understood component types: {@code int}, {@code long} (those named {@code …Bytes} take units:
 * {@code 64KiB}), {@code boolean}, {@link String}, {@link Duration}, enums in lower case with
 * hyphens, {@link InetSocketAddress}, {@link Network}, {@link DomainName}, {@link Path} (relative
 * to the file's folder), {@link Optional}, {@link List} of any of these, records, and what {@link
 * #understand} adds.
 *
 * <p>Used by one thread.
 */
final class ConfigBinder {
  /** Reads one type that the binder does not know by itself. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads {@code node}.
     *
     * @param key path of the key, for nested problems
     * @return the value, or null when a problem has been reported
     * @throws IllegalArgumentException with the reason, to be reported at the node
     */
    @Nullable Object read(ConfigNode node, String key);
  }

  /** What a node becomes that has been reported. */
  private static final Object REFUSED = new Object();

  private final ConfigFile file;
  private final Path folder;
  private final Map<Class<?>, Reader> readers = new LinkedHashMap<>();

  /**
   * @param file takes the problems
   * @param folder what relative paths are relative to
   */
  ConfigBinder(ConfigFile file, Path folder) {
    this.file = file;
    this.folder = folder;
    readers.put(InetSocketAddress.class, (node, _) -> ListenAddress.parse(text(node)));
    readers.put(Duration.class, (node, _) -> ConfigText.duration(text(node)));
    readers.put(boolean.class, (node, _) -> ConfigText.flag(text(node)));
    readers.put(Boolean.class, (node, _) -> ConfigText.flag(text(node)));
    readers.put(String.class, (node, _) -> text(node));
    readers.put(Path.class, (node, _) -> path(text(node)));
    readers.put(DomainName.class, (node, _) -> DomainName.parse(text(node)));
    readers.put(Network.class, (node, _) -> Network.parse(text(node)));
  }

  /** Adds a type. */
  void understand(Class<?> type, Reader reader) {
    readers.put(type, reader);
  }

  /** Binds the whole file. Where problems were reported, the value is that of {@code defaults}. */
  <R extends Record> R bind(Section section, R defaults) {
    Object bound = record(section, defaults.getClass(), defaults, "");
    @SuppressWarnings("unchecked")
    R value = bound == REFUSED ? defaults : (R) bound;
    return value;
  }

  /** Binds one section to a record that brings its own defaults; null when it was refused. */
  <R extends Record> @Nullable R bind(ConfigNode node, Class<R> type, String key) {
    Object bound = value(node, type, type.getSimpleName(), defaultsOf(type), key);
    return bound == REFUSED ? null : type.cast(bound);
  }

  /** The default values that a record type brings by its static method {@code defaults()}. */
  static @Nullable Object defaultsOf(Class<?> type) {
    try {
      if (type.getRecordComponents().length == 0) {
        return constructor(type).newInstance();
      }
      Method defaults = type.getDeclaredMethod("defaults");
      if (Modifier.isStatic(defaults.getModifiers()) && defaults.getReturnType() == type) {
        defaults.setAccessible(true);
        return defaults.invoke(null);
      }
      return null;
    } catch (NoSuchMethodException _) {
      return null;
    } catch (ReflectiveOperationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          "the defaults of " + type.getName() + " cannot be had: " + Faults.said(cause), e);
    }
  }

  private Object record(Section section, Class<?> type, @Nullable Object defaults, String path) {
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] start = start(components, defaults);
    @Nullable Object[] values = start.clone();
    @Nullable Entry[] given = new Entry[components.length];
    List<String> known = Arrays.stream(components).map(c -> ConfigText.key(c.getName())).toList();
    boolean refused = false;
    for (Entry entry : section.entries()) {
      String key = join(path, entry.key());
      int index = known.indexOf(entry.key());
      if (index < 0) {
        file.error(entry.at(), key, "unknown key, " + NearestWord.hint(entry.key(), known));
        refused = true;
        continue;
      }
      RecordComponent component = components[index];
      Object value =
          value(entry.value(), component.getGenericType(), component.getName(), start[index], key);
      if (value == REFUSED) {
        refused = true;
      } else {
        values[index] = value;
        given[index] = entry;
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null && section.entries().stream().noneMatch(named(known.get(i)))) {
        file.error(section.at(), join(path, known.get(i)), "is missing and has no default");
        refused = true;
      }
      if (values[i] == null) {
        return REFUSED;
      }
    }
    return construct(type, components, start, values, given, section.at(), path, refused);
  }

  private Object construct(
      Class<?> type,
      RecordComponent[] components,
      @Nullable Object[] start,
      @Nullable Object[] values,
      @Nullable Entry[] given,
      Position at,
      String path,
      boolean refused) {
    String complaint;
    try {
      Object made = make(type, values);
      return refused ? REFUSED : made;
    } catch (IllegalArgumentException e) {
      complaint = reason(e);
    }
    boolean explained = false;
    if (Arrays.stream(start).allMatch(v -> v != null)) {
      for (int i = 0; i < given.length; i++) {
        Entry entry = given[i];
        if (entry == null) {
          continue;
        }
        @Nullable Object[] alone = start.clone();
        alone[i] = values[i];
        try {
          make(type, alone);
        } catch (IllegalArgumentException e) {
          String key = join(path, entry.key());
          file.error(entry.value().at(), key, worded(reason(e), components, entry.key()));
          explained = true;
        }
      }
    }
    if (!explained) {
      complainOfTogether(complaint, components, given, at, path);
    }
    return REFUSED;
  }

  /** No key is wrong alone: the place is that of the key that the sentence begins with. */
  private void complainOfTogether(
      String complaint,
      RecordComponent[] components,
      @Nullable Entry[] given,
      Position at,
      String path) {
    for (int i = 0; i < given.length; i++) {
      Entry entry = given[i];
      if (entry != null && complaint.startsWith(components[i].getName() + " ")) {
        String key = join(path, entry.key());
        file.error(entry.value().at(), key, worded(complaint, components, entry.key()));
        return;
      }
    }
    file.error(at, path, worded(complaint, components, ""));
  }

  /** The sentence with keys in the place of component names, and without the key it is said of. */
  private static String worded(String reason, RecordComponent[] components, String key) {
    String worded = reason;
    for (RecordComponent component : components) {
      String name = component.getName();
      worded = worded.replaceAll("\\b" + name + "\\b", ConfigText.key(name));
    }
    return worded.startsWith(key + " ") ? worded.substring(key.length() + 1) : worded;
  }

  private Object value(
      ConfigNode node, Type type, String name, @Nullable Object defaults, String key) {
    if (type instanceof ParameterizedType generic) {
      Type element = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Optional.class) {
        return optional(node, element, name, defaults, key);
      }
      if (generic.getRawType() == List.class) {
        return list(node, element, name, key);
      }
    }
    if (!(type instanceof Class<?> plain)) {
      throw notUnderstood(type, key);
    }
    try {
      Reader reader = readers.get(plain);
      if (reader != null) {
        Object read = reader.read(node, key);
        return read == null ? REFUSED : read;
      }
      if (plain.isRecord()) {
        return nested(node, plain, defaults, key);
      }
      if (plain.isEnum()) {
        return constant(text(node), plain);
      }
      boolean isLong = plain == long.class || plain == Long.class;
      if (isLong || plain == int.class || plain == Integer.class) {
        long number =
            name.endsWith("Bytes") ? ConfigText.bytes(text(node)) : ConfigText.number(text(node));
        return isLong ? (Object) number : narrowed(number);
      }
    } catch (IllegalArgumentException e) {
      file.error(node.at(), key, reason(e));
      return REFUSED;
    }
    throw notUnderstood(type, key);
  }

  private static IllegalStateException notUnderstood(Type type, String key) {
    return new IllegalStateException(
        "the type " + type.getTypeName() + " of " + key + " is not understood");
  }

  private Object nested(ConfigNode node, Class<?> type, @Nullable Object defaults, String key) {
    Object start = defaults == null ? defaultsOf(type) : defaults;
    return switch (node) {
      case Section section -> record(section, type, start, key);
      case Scalar scalar when scalar.isEmpty() ->
          record(new Section(List.of(), node.at()), type, start, key);
      case Scalar _, Items _ ->
          throw new IllegalArgumentException("must hold keys with values, indented below it");
    };
  }

  private Object optional(
      ConfigNode node, Type element, String name, @Nullable Object defaults, String key) {
    if (node instanceof Scalar scalar && scalar.isEmpty()) {
      return Optional.empty();
    }
    Object start = defaults instanceof Optional<?> held ? held.orElse(null) : null;
    Object value = value(node, element, name, start, key);
    return value == REFUSED ? REFUSED : Optional.of(value);
  }

  /** A single value where a list is meant is the list of it. */
  private Object list(ConfigNode node, Type element, String name, String key) {
    List<ConfigNode> items = node instanceof Items list ? list.items() : List.of(node);
    List<Object> values = new ArrayList<>();
    boolean refused = false;
    for (int i = 0; i < items.size(); i++) {
      String itemKey = node instanceof Items ? key + "[" + i + "]" : key;
      Object value = value(items.get(i), element, name, null, itemKey);
      refused |= value == REFUSED;
      values.add(value);
    }
    return refused ? REFUSED : List.copyOf(values);
  }

  private Path path(String text) {
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + text + "' is no path: " + e.getReason(), e);
    }
  }

  /** The text of a single value; refuses everything else. */
  static String text(ConfigNode node) {
    return switch (node) {
      case Scalar scalar when scalar.isEmpty() ->
          throw new IllegalArgumentException("has no value: give one, or remove the key");
      case Scalar scalar -> scalar.text();
      case Items _ -> throw new IllegalArgumentException("must be a single value, not a list");
      case Section _ ->
          throw new IllegalArgumentException("must be a single value, not keys with values");
    };
  }

  private static Object constant(String text, Class<?> type) {
    List<String> words = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String word = ConfigText.word((Enum<?>) constant);
      if (word.equals(text)) {
        return constant;
      }
      words.add(word);
    }
    throw new IllegalArgumentException("'" + text + "' must be one of " + String.join(", ", words));
  }

  private static Object narrowed(long number) {
    if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the number " + number + " is too large");
    }
    return (int) number;
  }

  private static @Nullable Object[] start(RecordComponent[] components, @Nullable Object defaults) {
    @Nullable Object[] start = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      start[i] = defaults == null ? absent(components[i].getType()) : read(components[i], defaults);
    }
    return start;
  }

  private static @Nullable Object absent(Class<?> type) {
    if (type == Optional.class) {
      return Optional.empty();
    }
    return type.isRecord() ? defaultsOf(type) : null;
  }

  /** The value of one component. */
  static Object read(RecordComponent component, Object of) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static Constructor<?> constructor(Class<?> type) throws NoSuchMethodException {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    Constructor<?> constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return constructor;
  }

  private static Object make(Class<?> type, @Nullable Object[] values) {
    try {
      return constructor(type).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          type.getName() + " failed on its values: " + Faults.said(cause), cause);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be made", e);
    }
  }

  private static java.util.function.Predicate<Entry> named(String key) {
    return entry -> entry.key().equals(key);
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String reason(IllegalArgumentException e) {
    String message = e.getMessage();
    return message == null ? "is not acceptable" : message;
  }
}
