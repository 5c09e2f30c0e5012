package io.flashdns.core.zone;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Names and numbers of the views of a process: the public one, which has number 0, and those in
 * which private zones stand.
 *
 * <p>A number keeps its name until the process ends. Safe for all threads; not for the path of a
 * query.
 */
public final class Views {
  /** The view that everybody sees. */
  public static final int PUBLIC = 0;

  /** The name of the view that everybody sees. */
  public static final String PUBLIC_NAME = "public";

  /** Most views of a process. */
  public static final int MAX_VIEWS = 1 << 20;

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  /** The public view alone. */
  public Views() {
    int _ = number(PUBLIC_NAME);
  }

  /**
   * The number of a view; a name that is new gets one.
   *
   * @throws IllegalArgumentException when the name is empty, longer than 200 characters, or there
   *     are {@link #MAX_VIEWS} views already
   */
  public synchronized int number(String name) {
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    if (name.isEmpty() || name.length() > 200) {
      throw new IllegalArgumentException("a view's name has 1 to 200 characters: '" + name + "'");
    }
    if (names.size() == MAX_VIEWS) {
      throw new IllegalArgumentException("there are more than " + MAX_VIEWS + " views");
    }
    numbers.put(name, names.size());
    names.add(name);
    return names.size() - 1;
  }

  /** The name of a view that {@link #number} numbered. */
  public synchronized String name(int number) {
    return names.get(number);
  }
}
