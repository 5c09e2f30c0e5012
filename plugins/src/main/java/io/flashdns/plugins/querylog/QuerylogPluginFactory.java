package io.flashdns.plugins.querylog;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.plugins.tap.RecordRing;
import io.flashdns.plugins.tap.RingDrain;
import io.flashdns.plugins.tap.RollingFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a line for each query into a file, under the name {@code querylog}. */
public final class QuerylogPluginFactory implements PluginFactory<QuerylogPluginConfig> {
  @Override
  public String name() {
    return "querylog";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<QuerylogPluginConfig> configType() {
    return QuerylogPluginConfig.class;
  }

  @Override
  public Plugin create(QuerylogPluginConfig config, PluginContext context) {
    Path file = config.file();
    Path folder = context.dataFolder();
    if (!file.isAbsolute()) {
      if (folder == null) {
        throw new IllegalArgumentException(
            "file must be an absolute path, for this server has no data folder: '" + file + "'");
      }
      file = folder.resolve(file);
    }
    return new Log(config, context, file);
  }

  /** The running log. */
  private static final class Log implements Plugin {
    private final QuerylogPluginConfig config;
    private final Path path;
    private final RollingFile file;
    private final RingDrain drain;
    private final int dropped;

    Log(QuerylogPluginConfig config, PluginContext context, Path path) {
      this.config = config;
      this.path = path;
      this.file = new RollingFile(path, config.maxFiles());
      LineSink sink = new LineSink(file, new LineFormat(config, context), config.maxFileBytes());
      this.drain = new RingDrain("flashdns-querylog", sink);
      this.dropped =
          context
              .metrics()
              .counter("dropped", "Queries not logged because a worker's buffer was full");
      context.metrics().counter("written", "Lines written", sink::written);
      context
          .metrics()
          .counter("lost", "Lines lost because the file could not be written", sink::lost);
      context
          .metrics()
          .gauge("failing", "1 while the file cannot be written", () -> sink.isFailing() ? 1 : 0);
    }

    @Override
    public List<QueryRecorder> hooks(WorkerContext worker) {
      int bytes = (int) config.bufferBytes();
      RecordRing ring =
          worker.index() == WorkerContext.DESCRIBE
              ? new RecordRing(RecordRing.MIN_BYTES)
              : drain.newRing(bytes);
      return List.of(
          new QueryRecorder(ring, Math.max(0, worker.index()), config, worker.counts(), dropped));
    }

    @Override
    public void start() {
      try {
        file.open();
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the query log " + path + " cannot be written: make its folder, or name another file",
            e);
      }
      drain.start();
    }

    @Override
    public void close() {
      drain.close();
    }
  }
}
