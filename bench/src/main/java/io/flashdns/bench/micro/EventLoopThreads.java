package io.flashdns.bench.micro;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.ThreadFactory;

/**
 * Event loops on threads of the class that the server's have, for benchmarks to run on. Netty's
 * allocators keep caches for such threads and not for others.
 *
 * <p>JMH makes one for {@code -Djmh.executor=CUSTOM} and {@code -Djmh.executor.class}.
 */
public final class EventLoopThreads extends MultiThreadIoEventLoopGroup {
  /**
   * As JMH wants it.
   *
   * @param threads how many
   * @param name first part of their names
   */
  public EventLoopThreads(int threads, String name) {
    super(
        threads,
        (ThreadFactory) task -> new FastThreadLocalThread(task, name),
        NioIoHandler.newFactory());
  }
}
