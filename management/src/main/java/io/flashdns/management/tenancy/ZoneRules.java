package io.flashdns.management.tenancy;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.proto.v1.QuotaEffect;
import java.time.Instant;
import java.util.List;

/**
 * The rules of tenants for a change of zones: who may have which name, quotas, suspension, the rate
 * of changes. Part of the transaction that makes the change.
 */
public interface ZoneRules {
  /**
   * Decides.
   *
   * @return what is to be written with the change
   * @throws io.flashdns.management.message.CallException to refuse it
   */
  Verdict decide(ContentView view, Plan plan, Rights rights, Instant now) throws StoreException;

  /**
   * Refuses changes of a tenant that is suspended, of whatever kind, unless the caller is above
   * that.
   *
   * @param project {@link ZoneOwner#NOBODY} is never suspended
   */
  default void requireActive(ContentView view, ZoneOwner project, Rights rights)
      throws StoreException {}

  /**
   * Notes that a change was made, for the rate of changes. Any thread; cheap.
   *
   * @param plan that {@link #decide} allowed
   */
  default void made(Plan plan) {}

  /**
   * What goes with a change that is allowed.
   *
   * @param documents what is used, names that are held
   * @param effects what becomes of quotas
   */
  record Verdict(List<DocumentEdit> documents, List<QuotaEffect> effects) {
    /** Nothing. */
    public static final Verdict NONE = new Verdict(List.of(), List.of());

    public Verdict {
      documents = List.copyOf(documents);
      effects = List.copyOf(effects);
    }
  }
}
