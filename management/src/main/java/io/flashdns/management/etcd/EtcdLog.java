package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.SharedLog;
import io.flashdns.management.store.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The shared log in etcd: see the package for what makes it safe. */
final class EtcdLog implements SharedLog {
  /** Groups that are read at a time, at most. */
  static final int GROUPS_A_READ = 32;

  private static final int FIRST_GROUPS_A_READ = 8;
  private static final long LONGEST_GROUP_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final long PAUSE_MILLIS = 25;
  private static final long LONGEST_PAUSE_MILLIS = 400;

  private final Etcd etcd;
  private final SharedKeys keys;
  private final Contact contact;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LongAdder bytes = new LongAdder();

  /** As many as arrive within the time of a call, on the way that this node has to etcd. */
  private volatile int groupsARead = FIRST_GROUPS_A_READ;

  EtcdLog(Etcd etcd, SharedKeys keys, Contact contact) {
    this.etcd = etcd;
    this.keys = keys;
    this.contact = contact;
  }

  /** Ends what waits. */
  void close() {
    closed.countDown();
  }

  @Override
  public Answer propose(
      Position after, Standing standing, byte[] group, Standing becoming, long deadlineNanos)
      throws InterruptedException {
    Cmp unmoved =
        new Cmp(keys.head(), Cmp.Op.EQUAL, CmpTarget.value(Head.of(after, standing).value()));
    Position next = new Position(after.store(), after.sequence() + 1);
    return untilAnswered(
        deadlineNanos,
        contact.awayReason(),
        isSent -> {
          ByteSequence value =
              group.length <= GroupValue.MAX_BYTES ? whole(group) : parts(group, deadlineNanos);
          isSent.set(true);
          TxnResponse reply =
              write(
                  unmoved,
                  List.of(
                      Op.put(keys.log(next.sequence()), value, PutOption.DEFAULT),
                      Op.put(keys.head(), Head.of(next, becoming).value(), PutOption.DEFAULT)),
                  read(after.sequence()),
                  deadlineNanos);
          isSent.set(false);
          if (reply.isSucceeded()) {
            contact.accepted();
            bytes.add(group.length);
            return new Answer.Agreed();
          }
          return others(reply.getGetResponses(), after, group, deadlineNanos);
        });
  }

  /**
   * A transaction that writes. The one that exceeds etcd's quota is applied, and answered by an
   * error all the same: so after that one it is asked whether the head has moved.
   */
  private TxnResponse write(Cmp unmoved, List<Op> then, List<Op> otherwise, long deadlineNanos)
      throws EtcdFault, InterruptedException {
    try {
      return etcd.transact(List.of(unmoved), then, otherwise, left(deadlineNanos));
    } catch (EtcdFault e) {
      if (!e.isExhaustion()) {
        throw e;
      }
      TxnResponse reply =
          etcd.transact(List.of(unmoved), List.of(), otherwise, left(deadlineNanos));
      if (reply.isSucceeded()) {
        throw e;
      }
      return reply;
    }
  }

  private static Duration left(long deadlineNanos) throws EtcdFault {
    long left = deadlineNanos - System.nanoTime();
    if (left <= 0) {
      throw EtcdFault.of(new TimeoutException());
    }
    return Duration.ofNanos(left);
  }

  private static ByteSequence whole(byte[] group) {
    return ByteSequence.from(group);
  }

  /** Writes a large group in parts; they count when the log names them, and are swept if never. */
  private ByteSequence parts(byte[] group, long deadlineNanos)
      throws EtcdFault, InterruptedException {
    String id = "%012x-%s".formatted(System.currentTimeMillis(), UUID.randomUUID());
    int count = 0;
    for (int at = 0; at < group.length; at += GroupValue.MAX_BYTES) {
      int end = Math.min(group.length, at + GroupValue.MAX_BYTES);
      etcd.put(
          keys.part(id, count),
          ByteSequence.from(Arrays.copyOfRange(group, at, end)),
          left(deadlineNanos));
      count++;
    }
    return GroupValue.of(new GroupValue.InParts(id, count));
  }

  @Override
  public Answer confirm(Position position, Standing standing, long deadlineNanos)
      throws InterruptedException {
    ByteSequence is = Head.of(position, standing).value();
    return untilAnswered(
        deadlineNanos,
        contact.unreachable(),
        _ -> {
          TxnResponse reply =
              etcd.transact(
                  List.of(new Cmp(keys.head(), Cmp.Op.EQUAL, CmpTarget.value(is))),
                  List.of(),
                  read(position.sequence()),
                  left(deadlineNanos));
          return reply.isSucceeded()
              ? new Answer.Agreed()
              : others(reply.getGetResponses(), position, null, deadlineNanos);
        });
  }

  /**
   * Writes the head as it is, which changes nothing: so it is found out that etcd takes changes
   * again, where nobody makes one because it took none.
   */
  void tryWrite(Head head) {
    try {
      boolean isTaken =
          etcd.transact(
                  List.of(new Cmp(keys.head(), Cmp.Op.EQUAL, CmpTarget.value(head.value()))),
                  List.of(Op.put(keys.head(), head.value(), PutOption.DEFAULT)),
                  List.of(),
                  Etcd.CALL)
              .isSucceeded();
      if (isTaken) {
        contact.accepted();
      }
    } catch (EtcdFault e) {
      if (e.isStanding()) {
        contact.refused(e);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** The head and the groups behind a sequence number, of one moment. */
  List<Op> read(long sequence) {
    return List.of(
        Op.get(keys.head(), GetOption.DEFAULT),
        Op.get(
            keys.log(sequence + 1),
            GetOption.builder()
                .withRange(SharedKeys.end(keys.logs()))
                .withLimit(groupsARead)
                .withSortField(GetOption.SortTarget.KEY)
                .withSortOrder(GetOption.SortOrder.ASCEND)
                .build()));
  }

  /** What was read came: next time it may be more. */
  void readMore() {
    groupsARead = Math.min(groupsARead * 2, GROUPS_A_READ);
  }

  /** What was to be read did not come in time: next time it is less. */
  void readLess() {
    groupsARead = Math.max(groupsARead / 2, 1);
  }

  private Answer others(
      List<GetResponse> found, Position after, byte @Nullable [] proposed, long deadlineNanos)
      throws EtcdFault, StoreException, InterruptedException {
    String reason = "this node's copy is being brought up to date: ask again in a moment";
    if (found.getFirst().getKvs().isEmpty()) {
      return new Answer.Away(reason, false);
    }
    Head head = Head.parse(found.getFirst().getKvs().getFirst().getValue());
    List<byte[]> groups = new ArrayList<>();
    for (KeyValue one : found.getLast().getKvs()) {
      if (keys.sequence(one.getKey()) != after.sequence() + 1 + groups.size()) {
        break;
      }
      groups.add(group(one.getValue(), deadlineNanos));
    }
    if (!head.store().equals(after.store())
        || head.sequence() <= after.sequence()
        || groups.isEmpty()) {
      // What this means is found out, and mended, by who follows.
      contact.doubt();
      return new Answer.Away(reason, false);
    }
    if (proposed != null && Arrays.equals(groups.getFirst(), proposed)) {
      // The reply of an earlier attempt was lost.
      return new Answer.Agreed();
    }
    return new Answer.Others(groups);
  }

  /** A group, its parts put together. */
  byte[] group(ByteSequence value) throws EtcdFault, StoreException, InterruptedException {
    byte[] group = group(value, System.nanoTime() + LONGEST_GROUP_NANOS);
    bytes.add(group.length);
    return group;
  }

  /** Octets of all groups that this node wrote and read since its start. */
  long bytes() {
    return bytes.sum();
  }

  private byte[] group(ByteSequence value, long deadlineNanos)
      throws EtcdFault, StoreException, InterruptedException {
    return switch (GroupValue.parse(value)) {
      case GroupValue.Whole(Octets group) -> group.array();
      case GroupValue.InParts(String id, int count) -> {
        List<byte[]> parts = new ArrayList<>(count);
        int length = 0;
        for (int i = 0; i < count; i++) {
          List<KeyValue> found = etcd.get(keys.part(id, i), left(deadlineNanos)).getKvs();
          if (found.isEmpty()) {
            throw new StoreException.Damaged("a part of a group of the shared log is missing");
          }
          byte[] part = found.getFirst().getValue().getBytes();
          parts.add(part);
          length = Math.addExact(length, part.length);
        }
        byte[] group = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
          System.arraycopy(part, 0, group, at, part.length);
          at += part.length;
        }
        yield group;
      }
    };
  }

  /** One attempt. */
  private interface Attempt {
    /**
     * Makes it.
     *
     * @param isSent true while a transaction that writes is sent and not answered
     */
    Answer make(AtomicBoolean isSent) throws EtcdFault, StoreException, InterruptedException;
  }

  private Answer untilAnswered(long deadlineNanos, String away, Attempt attempt)
      throws InterruptedException {
    if (!away.isEmpty()) {
      return new Answer.Away(away, false);
    }
    boolean mayBeMade = false;
    long pause = PAUSE_MILLIS;
    String reason = "etcd did not answer in time: ask again";
    while (true) {
      if (deadlineNanos - System.nanoTime() <= 0 || closed.getCount() == 0) {
        contact.failed(reason);
        return new Answer.Away(reason, mayBeMade);
      }
      AtomicBoolean isSent = new AtomicBoolean();
      try {
        Answer answer = attempt.make(isSent);
        contact.answered();
        return mayBeMade && answer instanceof Answer.Away(String why, boolean _)
            ? new Answer.Away(why, true)
            : answer;
      } catch (EtcdFault e) {
        reason = Contact.reason(e);
        if (e.isRefusal()) {
          if (e.isStanding()) {
            contact.refused(e);
          } else {
            contact.failed(reason);
          }
          return new Answer.Away(reason, mayBeMade);
        }
        mayBeMade |= isSent.get() && !e.isUnsent();
      } catch (StoreException e) {
        return new Answer.Away(String.valueOf(e.getMessage()), mayBeMade);
      }
      if (closed.await(pause, TimeUnit.MILLISECONDS)) {
        return new Answer.Away("the server is ending: ask again", mayBeMade);
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
    }
  }
}
