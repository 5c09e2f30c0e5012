package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import java.util.List;

/** One change to one RRset. */
public sealed interface RRsetEdit {
  /** No guard: the RRset may be anything, or not be there. */
  long ANY_REVISION = -1;

  /** Guard: the RRset must not be there. */
  long ABSENT = 0;

  /** The owner, in lower case. */
  DomainName owner();

  /** The type. */
  int type();

  /**
   * The guard: {@link #ANY_REVISION}, {@link #ABSENT}, or the revision at which the RRset must have
   * been changed last.
   */
  long expectedRevision();

  /** Makes an RRset what is given, whether it is there or not. */
  record Put(RRset rrset, long expectedRevision) implements RRsetEdit {
    @Override
    public DomainName owner() {
      return rrset.owner();
    }

    @Override
    public int type() {
      return rrset.type();
    }
  }

  /** Removes an RRset. One that is not there is no error, unless the guard says it is. */
  record Delete(DomainName owner, int type, long expectedRevision) implements RRsetEdit {
    public Delete {
      owner = owner.folded();
    }
  }

  /**
   * Adds records to an RRset, or makes it when there is none; those it has already are no error.
   *
   * @param ttl of the RRset from now on
   */
  record Add(DomainName owner, int type, int ttl, List<RecordData> data, long expectedRevision)
      implements RRsetEdit {
    public Add {
      owner = owner.folded();
      data = List.copyOf(data);
    }
  }

  /**
   * Takes records out of an RRset; with the last one it vanishes. Those it does not have are no
   * error.
   */
  record Remove(DomainName owner, int type, List<RecordData> data, long expectedRevision)
      implements RRsetEdit {
    public Remove {
      owner = owner.folded();
      data = List.copyOf(data);
    }
  }
}
