package io.flashdns.plugins.dnstap;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.plugins.tap.RecordRing;
import io.flashdns.plugins.tap.RingDrain;
import io.flashdns.plugins.tap.RollingFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends every query and reply to a reader of dnstap, under the name {@code dnstap}. */
public final class DnstapPluginFactory implements PluginFactory<DnstapPluginConfig> {
  /** How long a reader may take to accept, or to read on, before it is left. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  @Override
  public String name() {
    return "dnstap";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<DnstapPluginConfig> configType() {
    return DnstapPluginConfig.class;
  }

  @Override
  public Plugin create(DnstapPluginConfig config, PluginContext context) {
    if (config.socket().isEmpty() && config.address().isEmpty() && config.file().isEmpty()) {
      throw new IllegalArgumentException(
          "dnstap needs somewhere to write to: set one of socket, address and file");
    }
    Path file = config.file().orElse(null);
    Path folder = context.dataFolder();
    if (file != null && !file.isAbsolute()) {
      if (folder == null) {
        throw new IllegalArgumentException(
            "file must be an absolute path, for this server has no data folder: '" + file + "'");
      }
      file = folder.resolve(file);
    }
    return new Tap(config, context, file);
  }

  /** The running tap. */
  private static final class Tap implements Plugin {
    private final DnstapPluginConfig config;
    private final FrameTarget target;
    private final RingDrain drain;
    private final int dropped;
    private volatile boolean closing;

    Tap(DnstapPluginConfig config, PluginContext context, @Nullable Path file) {
      this.config = config;
      this.target = target(config, file);
      DnstapEncoder encoder =
          new DnstapEncoder(
              config.identity(), config.version(), context.listeners(), context::epochNanos);
      DnstapSink sink = new DnstapSink(target, encoder);
      this.drain = new RingDrain("flashdns-dnstap", sink);
      this.dropped =
          context
              .metrics()
              .counter("dropped", "Messages not sent because a worker's buffer was full");
      context.metrics().counter("written", "Messages written", sink::written);
      context
          .metrics()
          .counter("lost", "Messages lost because nobody read or the disk was full", sink::lost);
      context
          .metrics()
          .gauge(
              "connected",
              "1 while there is a reader, or a file that can be written",
              () -> sink.isOpen() ? 1 : 0);
    }

    private FrameTarget target(DnstapPluginConfig where, @Nullable Path file) {
      if (file != null) {
        return new FileTarget(new RollingFile(file, where.maxFiles()), where.maxFileBytes());
      }
      if (where.socket().isPresent()) {
        return new ReaderTarget(
            UnixDomainSocketAddress.of(where.socket().get()), PATIENCE_NANOS, this::isClosing);
      }
      return new ReaderTarget(where.address().orElseThrow(), PATIENCE_NANOS, this::isClosing);
    }

    private boolean isClosing() {
      return closing;
    }

    @Override
    public List<MessageTap> hooks(WorkerContext worker) {
      RecordRing ring =
          worker.index() == WorkerContext.DESCRIBE
              ? new RecordRing(RecordRing.MIN_BYTES)
              : drain.newRing((int) config.bufferBytes());
      return List.of(
          new MessageTap(ring, config.queries(), config.responses(), worker.counts(), dropped));
    }

    /** A file must be there from the start; a reader may come later. */
    @Override
    public void start() {
      if (target instanceof FileTarget files) {
        try {
          files.open();
        } catch (IOException e) {
          throw new UncheckedIOException(
              "the dnstap file "
                  + config.file().orElseThrow()
                  + " cannot be written: make its folder, or name another file",
              e);
        }
      }
      drain.start();
    }

    @Override
    public void close() {
      closing = true;
      drain.close();
    }
  }
}
