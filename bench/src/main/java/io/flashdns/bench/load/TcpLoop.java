package io.flashdns.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One thread that asks by TCP: many queries out on each connection, or one, and as many on each
 * before it is closed as the settings say. A latency counts from the writing of the query, in the
 * open loop from the planned moment; the time to connect is in it only where it kept a query of the
 * timetable waiting.
 */
final class TcpLoop implements Runnable {
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int WORTH_A_WRITE = 8;

  private final Course course;
  private final LoadSettings settings;
  private final int thread;
  private final int firstSocket;
  private final Tally tally;
  private final Schedule schedule;
  private final Judge judge;
  private final TcpConnection[] connections;
  private final long[] againNanos;
  private final Consumer<SelectionKey> ready = this::ready;
  private final long perConnection;
  private final int worthAWrite;
  private int next;
  private long nextLookNanos;

  TcpLoop(Course course, int thread, int firstSocket, int sockets, Tally tally) {
    this.course = course;
    this.thread = thread;
    this.firstSocket = firstSocket;
    this.tally = tally;
    settings = course.settings;
    schedule = course.schedule(thread);
    judge = course.judge(tally);
    int window = settings.pace().window();
    connections = new TcpConnection[sockets];
    againNanos = new long[sockets];
    for (int i = 0; i < sockets; i++) {
      connections[i] = new TcpConnection(new Lane(window, course.key(firstSocket + i)), window);
    }
    perConnection =
        settings.queriesPerConnection() == 0 ? Long.MAX_VALUE : settings.queriesPerConnection();
    worthAWrite = Math.max(1, Math.min(WORTH_A_WRITE, window / 2));
  }

  @Override
  public void run() {
    try (Selector selector = Selector.open()) {
      try {
        loop(selector);
      } finally {
        for (TcpConnection connection : connections) {
          connection.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void loop(Selector selector) throws IOException {
    CpuTime cpu = new CpuTime(course.countFromNanos);
    boolean ended = false;
    long lastOutNanos = 0;
    boolean idle = false;
    while (true) {
      long now = System.nanoTime();
      cpu.look(now);
      boolean waits = now - course.startNanos < 0;
      boolean sends = !ended && !waits && now - course.endNanos() < 0 && !schedule.isDone();
      int events = await(selector, idle, sends, now);
      int asked = 0;
      if (sends) {
        renew(selector, now);
        asked = schedule.isOpen() ? askPlanned() : askAll(idle);
      }
      expire(now);
      int outstanding = outstanding();
      tally.show(outstanding, schedule.isOpen() && sends ? Math.max(0, schedule.due(now)) : 0);
      if (!sends && !waits) {
        if (!ended) {
          ended = true;
          tally.cpuNanos = cpu.nanos();
          tally.notSent = schedule.isOpen() ? Math.max(0, schedule.due(course.endNanos() - 1)) : 0;
          course.sent(thread);
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
      idle = events == 0 && asked == 0;
    }
  }

  /** Hears what sockets have to say; where there is nothing else to do, waits for it. */
  private int await(Selector selector, boolean idle, boolean sends, long now) throws IOException {
    if (!idle || settings.spin()) {
      return selector.selectNow(ready);
    }
    long millis = 1;
    if (sends && schedule.isOpen() && schedule.plannedNanos(now) - now < 1_000_000) {
      course.rest(1, schedule.plannedNanos(now));
      return selector.selectNow(ready);
    }
    return selector.select(ready, millis);
  }

  private void ready(SelectionKey key) {
    TcpConnection connection = (TcpConnection) key.attachment();
    try {
      if (key.isConnectable()) {
        connection.connect();
        tally.connections++;
      }
      if (key.isReadable() && !connection.read(judge)) {
        lose(connection, connection.lane.outstanding() > 0);
        return;
      }
      if (key.isValid() && key.isWritable()) {
        connection.flush();
      }
      if (connection.asked() >= perConnection && connection.lane.outstanding() == 0) {
        connection.close();
      }
    } catch (ConnectException _) {
      tally.refusals++;
      lose(connection, true);
    } catch (IOException _) {
      lose(connection, true);
    }
  }

  /** What is out on a connection that has ended is lost. */
  private void lose(TcpConnection connection, boolean failed) {
    tally.failedConnections += failed ? 1 : 0;
    boolean neverConnected = !connection.isConnected();
    for (int slot = connection.lane.firstOut(0);
        slot >= 0;
        slot = connection.lane.firstOut(slot + 1)) {
      giveUp(connection.lane, slot);
    }
    try {
      connection.close();
    } catch (IOException _) {
      // it has ended before
    }
    if (neverConnected) {
      for (int i = 0; i < connections.length; i++) {
        if (connections[i] == connection) {
          againNanos[i] = System.nanoTime() + AGAIN_NANOS;
        }
      }
    }
  }

  private void giveUp(Lane lane, int slot) {
    lane.givenUp(slot);
    tally.lost += course.counts(lane.plannedNanos(slot));
  }

  /** Opens what is closed. */
  private void renew(Selector selector, long now) throws IOException {
    for (int i = 0; i < connections.length; i++) {
      if (connections[i].isOpen() || (againNanos[i] != 0 && now - againNanos[i] < 0)) {
        continue;
      }
      connections[i].lane.forget();
      try {
        connections[i].open(settings, Load.source(settings, firstSocket + i), selector);
        tally.connections += connections[i].isConnected() ? 1 : 0;
      } catch (BindException e) {
        throw new IOException(
            Load.socketSentence(firstSocket + i, settings.sockets(), e)
                + "; more source addresses (--sources) have more ports",
            e);
      } catch (IOException e) {
        if (String.valueOf(e.getMessage()).contains("open files")) {
          throw new IOException(
              Load.socketSentence(
                  firstSocket + i, settings.sockets(), new IOException("too many open files", e)),
              e);
        }
        tally.refusals += e instanceof ConnectException ? 1 : 0;
        tally.failedConnections++;
        againNanos[i] = now + AGAIN_NANOS;
      }
    }
  }

  private int askAll(boolean idle) {
    int asked = 0;
    int least = idle ? 1 : worthAWrite;
    for (TcpConnection connection : connections) {
      long room = Math.min(room(connection), schedule.due(0));
      if (room >= Math.min(least, perConnection)) {
        asked += ask(connection, room);
      }
    }
    return asked;
  }

  private int askPlanned() {
    int asked = 0;
    long due = schedule.due(System.nanoTime());
    for (int tried = 0; due > asked && tried < connections.length; tried++) {
      asked += ask(connections[next], Math.min(room(connections[next]), due - asked));
      next = next + 1 == connections.length ? 0 : next + 1;
    }
    return asked;
  }

  private long room(TcpConnection connection) {
    return connection.isConnected()
        ? Math.min(connection.lane.room(), perConnection - connection.asked())
        : 0;
  }

  private int ask(TcpConnection connection, long most) {
    long now = System.nanoTime();
    int asked = 0;
    while (asked < most && connection.hasRoom()) {
      int query = schedule.query();
      long number = course.messages.hasNewNames() ? schedule.number() : 0;
      long planned = schedule.plannedNanos(now);
      int slot = connection.lane.take(query, number, planned, now);
      connection.add(course.messages, query, connection.lane.id(slot), number);
      schedule.next();
      tally.sent += course.counts(planned);
      asked++;
    }
    try {
      connection.flush();
    } catch (IOException _) {
      lose(connection, true);
    }
    return asked;
  }

  private int outstanding() {
    int all = 0;
    for (TcpConnection connection : connections) {
      all += connection.lane.outstanding();
    }
    return all;
  }

  /** Gives up queries that are out for too long; looks now and then. */
  private void expire(long now) {
    if (nextLookNanos != 0 && now - nextLookNanos < 0) {
      return;
    }
    nextLookNanos = now + LOOK_NANOS;
    for (TcpConnection connection : connections) {
      Lane lane = connection.lane;
      if (lane.outstanding() > 0) {
        long before = now - course.timeoutNanos;
        for (int slot = lane.sentBefore(0, before);
            slot >= 0;
            slot = lane.sentBefore(slot + 1, before)) {
          giveUp(lane, slot);
        }
        if (connection.asked() >= perConnection && lane.outstanding() == 0) {
          lose(connection, true);
        }
      }
    }
  }
}
