package io.flashdns.management.server;

import io.flashdns.core.plugin.PluginFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The classes of one plugin: its own jars, the Java platform, and of this server the packages of
 * the plugin interface alone.
 *
 * <p>A class is looked for in this order:
 *
 * <ol>
 *   <li>{@link #SHARED}: these packages, not those below them, always come from the server, also
 *       when a jar of the plugin holds them (the annotations often do). Two loaders with a {@code
 *       Query} each would have two types of that name.
 *   <li>The platform loader, with all modules of the Java runtime: {@code java.sql}, {@code
 *       java.net.http}, and the others.
 *   <li>The plugin's jars, in the order of their names.
 * </ol>
 *
 * <p>What the server has besides (the engine, Netty, the log) is not found, neither as a class nor
 * as a resource nor as a provider in {@code META-INF/services}; so a plugin brings the versions of
 * the libraries that it likes. This keeps accidents apart, it is no prison: a plugin runs with all
 * rights of the process.
 *
 * <p>The jars were read into memory: one that is replaced on disk does not pull the rug from under
 * classes that are loaded later. There is nothing to close; the collector takes the loader when
 * nobody uses the plugin any more.
 *
 * <p>Safe for all threads.
 */
final class PluginClassLoader extends ClassLoader {
  /** The packages of the server that every plugin sees. */
  static final Set<String> SHARED =
      Set.of(
          "io.flashdns.core.dns",
          "io.flashdns.core.plugin",
          "io.flashdns.core.zone",
          "org.jspecify.annotations");

  static {
    var _ = registerAsParallelCapable();
  }

  private final ClassLoader server = serverLoader();
  private final PluginJars jars;
  private final Map<String, ProtectionDomain> domains = new ConcurrentHashMap<>();

  PluginClassLoader(String plugin, PluginJars jars) {
    super("plugin " + plugin, getPlatformClassLoader());
    this.jars = jars;
  }

  /** What it loads from. */
  PluginJars jars() {
    return jars;
  }

  /** True for a class whose package every plugin sees. */
  static boolean isShared(String className) {
    int dot = className.lastIndexOf('.');
    return dot > 0 && SHARED.contains(className.substring(0, dot));
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return isShared(name) ? server.loadClass(name) : super.loadClass(name, resolve);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    PluginJars.Entry entry = jars.first(name.replace('.', '/') + ".class");
    if (entry == null) {
      throw new ClassNotFoundException(
          name + " is neither in the plugin's jars, nor in Java, nor in the plugin interface");
    }
    byte[] code = entry.content();
    return defineClass(name, code, 0, code.length, domain(entry.jar()));
  }

  @Override
  protected @Nullable URL findResource(String name) {
    PluginJars.Entry entry = jars.first(name);
    return entry == null ? null : url(entry, name);
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    List<URL> urls = new ArrayList<>();
    for (PluginJars.Entry entry : jars.all(name)) {
      urls.add(url(entry, name));
    }
    return Collections.enumeration(urls);
  }

  private ProtectionDomain domain(String jar) {
    return domains.computeIfAbsent(
        jar,
        name -> {
          URL place = null;
          try {
            place = jars.folder().resolve(name).toUri().toURL();
          } catch (MalformedURLException _) {
            // a folder on a file system of its own kind: the classes come without a place
          }
          return new ProtectionDomain(
              new CodeSource(place, (Certificate[]) null), null, this, null);
        });
  }

  private URL url(PluginJars.Entry entry, String name) {
    try {
      URI place = new URI("plugin", "", "/" + jars.name() + "/" + entry.jar() + "/" + name, null);
      return URL.of(place, new InMemory(entry.content()));
    } catch (URISyntaxException | MalformedURLException e) {
      throw new IllegalStateException("the resource " + name + " has no address", e);
    }
  }

  private static ClassLoader serverLoader() {
    ClassLoader loader = PluginFactory.class.getClassLoader();
    if (loader == null) {
      throw new IllegalStateException("the plugin interface is part of the Java runtime");
    }
    return loader;
  }

  /** Opens one entry of a jar that is in memory. */
  private static final class InMemory extends URLStreamHandler {
    private final byte[] content;

    InMemory(byte[] content) {
      this.content = content;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() throws IOException {
          return new ByteArrayInputStream(content);
        }

        @Override
        public long getContentLengthLong() {
          return content.length;
        }
      };
    }

    /** No host, and none is to be asked for: URLs are compared by it. */
    @Override
    protected @Nullable InetAddress getHostAddress(URL url) {
      return null;
    }
  }
}
