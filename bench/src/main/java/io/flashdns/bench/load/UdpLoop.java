package io.flashdns.bench.load;

import io.flashdns.transport.QuerySocket;
import io.flashdns.transport.QueryVector;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One thread that asks by UDP: goes round its sockets, reads the replies of each, and sends what
 * there is room for.
 *
 * <p>Between two rounds some replies have come to each socket, so that a call of the system reads
 * and sends several: the more there is to do, the less each message costs. In the closed loop a
 * socket sends when there is room for a few, or when nothing else is to be done.
 */
final class UdpLoop implements Runnable {
  /** Room for one reply; what is longer counts with this length. */
  private static final int REPLY_BYTES = 4096;

  private static final int BATCHES = 8;
  private static final int WORTH_A_CALL = 16;
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Course course;
  private final int thread;
  private final Schedule schedule;
  private final Judge judge;
  private final Tally tally;
  private final Messages messages;
  private final List<QuerySocket> sockets;
  private final Lane[] lanes;
  private final int batch;
  private final int worthACall;
  private int nextLane;
  private long nextLookNanos;
  private long nextSweepNanos;

  UdpLoop(Course course, int thread, List<QuerySocket> sockets, int firstSocket, Tally tally) {
    LoadSettings settings = course.settings;
    this.course = course;
    this.thread = thread;
    this.sockets = sockets;
    this.tally = tally;
    messages = course.messages;
    schedule = course.schedule(thread);
    judge = course.judge(tally);
    nextSweepNanos = course.startNanos;
    int window = settings.pace().window();
    lanes = new Lane[sockets.size()];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = new Lane(window, course.key(firstSocket + i));
    }
    batch = settings.batch();
    worthACall = Math.max(1, Math.min(Math.min(batch, WORTH_A_CALL), window / 2));
  }

  @Override
  public void run() {
    try (QueryVector vector = new QueryVector(batch, Messages.MAX_QUERY_BYTES, REPLY_BYTES)) {
      CpuTime cpu = new CpuTime(course.countFromNanos);
      long idleSinceNanos = 0;
      boolean ended = false;
      long lastOutNanos = 0;
      while (true) {
        long now = System.nanoTime();
        cpu.look(now);
        boolean waits = now - course.startNanos < 0;
        boolean sends = !ended && !waits && now - course.endNanos() < 0 && !schedule.isDone();
        long worked = receiveAll(vector, now);
        if (sends) {
          worked +=
              schedule.isOpen() ? sendPlanned(vector, now) : sendAll(vector, idleSinceNanos != 0);
        }
        expire(now);
        int outstanding = outstanding();
        tally.show(outstanding, schedule.isOpen() && sends ? Math.max(0, schedule.due(now)) : 0);
        if (!sends && !waits) {
          if (!ended) {
            ended = true;
            course.sent(thread);
            tally.cpuNanos = cpu.nanos();
            tally.notSent =
                schedule.isOpen() ? Math.max(0, schedule.due(course.endNanos() - 1)) : 0;
          }
          if (course.isAbandoned()) {
            return;
          }
          if (lastOutNanos == 0 || outstanding > 0) {
            lastOutNanos = now;
          } else if (now - lastOutNanos >= Course.GRACE_NANOS) {
            return;
          }
        }
        if (worked > 0) {
          idleSinceNanos = 0;
          continue;
        }
        course.rest(
            idleSinceNanos == 0 ? 0 : now - idleSinceNanos,
            waits
                ? course.startNanos
                : sends && schedule.isOpen()
                    ? schedule.plannedNanos(now)
                    : now + Course.GRACE_NANOS);
        idleSinceNanos = idleSinceNanos == 0 ? now : idleSinceNanos;
      }
    }
  }

  /** Sockets that wait for nothing are looked at now and then: something may come twice. */
  private int receiveAll(QueryVector vector, long now) {
    int received = 0;
    boolean all = now - nextSweepNanos >= 0;
    if (all) {
      nextSweepNanos = now + SWEEP_NANOS;
    }
    for (int i = 0; i < lanes.length; i++) {
      if (all || lanes[i].outstanding() > 0) {
        received += receive(sockets.get(i), lanes[i], vector);
      }
    }
    return received;
  }

  private int receive(QuerySocket socket, Lane lane, QueryVector vector) {
    int all = 0;
    for (int i = 0; i < BATCHES; i++) {
      int received = socket.receive(vector, batch);
      if (received <= 0) {
        if (received == QuerySocket.REFUSED) {
          tally.refusals++;
        } else if (received != QuerySocket.WOULD_BLOCK && received != 0) {
          tally.receiveErrors++;
        }
        break;
      }
      long now = System.nanoTime();
      for (int j = 0; j < received; j++) {
        judge.reply(lane, vector.memory(), vector.replyOffset(j), vector.replyLength(j), now);
      }
      all += received;
      if (received < batch) {
        break;
      }
    }
    return all;
  }

  /** The closed loop: each socket sends as much as there is room for. */
  private int sendAll(QueryVector vector, boolean idle) {
    int sent = 0;
    int least = idle ? 1 : worthACall;
    for (int i = 0; i < lanes.length; i++) {
      int room = (int) Math.min(lanes[i].room(), schedule.due(0));
      while (room >= least && room > 0) {
        int count = Math.min(room, batch);
        int went = send(sockets.get(i), lanes[i], vector, count);
        sent += went;
        room -= count;
        if (went < count) {
          break;
        }
      }
    }
    return sent;
  }

  /** The open loop: what is due goes out, by one socket after another. */
  private int sendPlanned(QueryVector vector, long now) {
    int sent = 0;
    long due = schedule.due(now);
    for (int tried = 0; due > 0 && tried < lanes.length; tried++) {
      Lane lane = lanes[nextLane];
      int count = (int) Math.min(Math.min(due, lane.room()), batch);
      if (count > 0) {
        int went = send(sockets.get(nextLane), lane, vector, count);
        sent += went;
        due -= went;
      }
      nextLane = nextLane + 1 == lanes.length ? 0 : nextLane + 1;
    }
    return sent;
  }

  private int send(QuerySocket socket, Lane lane, QueryVector vector, int count) {
    long now = System.nanoTime();
    int counted = 0;
    for (int i = 0; i < count; i++) {
      int query = schedule.query();
      long number = messages.hasNewNames() ? schedule.number() : 0;
      long planned = schedule.plannedNanos(now);
      int slot = lane.take(query, number, planned, now);
      vector.queryLength(
          i, messages.write(query, lane.id(slot), number, vector.memory(), vector.queryOffset(i)));
      schedule.next();
      counted += course.counts(planned);
    }
    int result = socket.send(vector, count);
    if (result == QuerySocket.REFUSED) {
      // What an earlier query met; this one has not been tried.
      tally.refusals++;
      result = socket.send(vector, count);
    }
    int went = Math.max(0, result);
    if (went < count) {
      if (result == QuerySocket.WOULD_BLOCK || result >= 0) {
        tally.sendsBlocked++;
      } else if (result == QuerySocket.REFUSED) {
        tally.refusals++;
      } else {
        tally.sendErrors++;
      }
    }
    for (int i = went; i < count; i++) {
      schedule.undo();
      lane.undo();
      counted -= course.counts(schedule.plannedNanos(now));
    }
    tally.sent += counted;
    return went;
  }

  private int outstanding() {
    int all = 0;
    for (Lane lane : lanes) {
      all += lane.outstanding();
    }
    return all;
  }

  /** Gives up queries that are out for too long; looks now and then. */
  private void expire(long now) {
    if (now - nextLookNanos < 0 && nextLookNanos != 0) {
      return;
    }
    nextLookNanos = now + Math.min(LONGEST_LOOK_NANOS, Math.max(1, course.timeoutNanos / 16));
    for (Lane lane : lanes) {
      if (lane.outstanding() > 0) {
        expire(lane, now - course.timeoutNanos);
      }
    }
  }

  private void expire(Lane lane, long before) {
    for (int slot = lane.sentBefore(0, before);
        slot >= 0;
        slot = lane.sentBefore(slot + 1, before)) {
      lane.givenUp(slot);
      tally.lost += course.counts(lane.plannedNanos(slot));
    }
  }
}
