package io.flashdns.core.store;

import java.util.ArrayList;
import java.util.List;

/** Gathers the reasons against a change set, up to a bound. One thread. */
final class Refusals {
  static final int MAX = 1_000;

  private final List<Refusal> all = new ArrayList<>(0);
  private int change;

  /** What is refused from now on is this change of the set. */
  void change(int index) {
    change = index;
  }

  void add(Refusal.Kind kind, String message) {
    if (all.size() < MAX) {
      all.add(new Refusal(kind, change, message));
    }
  }

  int count() {
    return all.size();
  }

  /** Forgets all but the first so many. */
  void truncate(int count) {
    while (all.size() > count) {
      all.removeLast();
    }
  }

  void throwIfAny() throws StoreException.Refused {
    if (!all.isEmpty()) {
      throw new StoreException.Refused(all);
    }
  }
}
