package io.flashdns.core.store;

import java.time.Instant;

/**
 * What else a change set needs decided and written in its own transaction: whether its owner may
 * have the name, what is left of a quota, what the audit log says.
 *
 * <p>A store calls it after {@link ChangeRules} have planned the zones, inside the transaction that
 * will make them, so that nothing it reads can change before what it decides is true. It may be
 * called several times for one change set, by stores that try again and by {@link
 * ZoneStore#preview}; the last time counts. It is not called when a rule refuses the change set,
 * nor when its request id is known.
 *
 * <p>It runs in the thread that writes, while all other changes wait: it reads what it needs from
 * the view, takes microseconds, waits for nothing, and never asks the store itself.
 */
@FunctionalInterface
public interface Decision {
  /**
   * Decides. Whatever it throws is thrown to who asked, the same object, and nothing of the change
   * set is made; other change sets are not touched by that.
   *
   * @param view the state before the change set, with all that was made before it; not to be kept
   * @param plan what becomes of the zones; its revision is the one that the change set gets if
   *     zones or documents change
   * @param now the time of the change
   * @throws StoreException.Refused to have nothing done
   */
  Effects decide(ContentView view, Plan plan, Instant now) throws StoreException;
}
