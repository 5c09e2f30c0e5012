package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** A jar of a plugin, compiled from text: what a stranger's build would leave. */
final class PluginJar {
  private static final String SERVICE = "META-INF/services/io.flashdns.core.plugin.PluginFactory";

  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private String classPath = System.getProperty("java.class.path");

  /** Adds a class of the package {@code acme}; the text begins behind the imports. */
  PluginJar source(String simpleName, String text) {
    sources.put(
        "acme." + simpleName,
        """
        package acme;
        import io.flashdns.core.dns.*;
        import io.flashdns.core.plugin.*;
        import java.util.*;
        """
            + text);
    return this;
  }

  /** A factory of this name without keys, whose plugin is the expression {@code plugin}. */
  PluginJar factory(String simpleName, String name, String plugin) {
    return source(
        simpleName,
        """
        public class %s implements PluginFactory<%s.Config> {
          public record Config() {}
          public String name() { return "%s"; }
          public int spiVersion() { return SPI_VERSION; }
          public Class<Config> configType() { return Config.class; }
          public Plugin create(Config config, PluginContext context) { return %s; }
        }
        """
            .formatted(simpleName, simpleName, name, plugin));
  }

  /** Names the providers. */
  PluginJar provides(String... simpleNames) {
    StringBuilder text = new StringBuilder();
    for (String name : simpleNames) {
      text.append("acme.").append(name).append('\n');
    }
    return entry(SERVICE, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Adds any entry. */
  PluginJar entry(String path, byte[] content) {
    entries.put(path, content);
    return this;
  }

  /** Compiled with the others, but not put into the jar. */
  PluginJar without(String simpleName) {
    leftOut.add("acme/" + simpleName + ".class");
    return this;
  }

  /** Compiles with this jar too. */
  PluginJar library(Path jar) {
    classPath += ":" + jar;
    return this;
  }

  /** The jar of a plugin that answers A queries for {@code name.a.example} with 192.0.2.version. */
  static PluginJar answering(String name, int version) {
    return new PluginJar()
        .factory("Factory", name, "worker -> List.of(new Answer())")
        .source(
            "Answer",
            """
            final class Answer implements Answerer {
              private static final byte[] NAME =
                  DomainName.parse("%s.a.example").folded().wire();
              private static final byte[] DATA = {(byte) 192, 0, 2, (byte) %d};
              public Verdict answer(Query query, Response response) {
                NameKey name = query.name();
                if (query.type() != 1
                    || !Arrays.equals(NAME, 0, NAME.length, name.folded(), 0, name.length())) {
                  return Verdict.CONTINUE;
                }
                response.authoritative(true);
                response.addRecord(
                    Section.ANSWER, Response.QUESTION_NAME, 1, 0, DATA, 0, DATA.length);
                return Verdict.RESPOND;
              }
            }
            """
                .formatted(name, version))
        .provides("Factory");
  }

  /** Compiles and writes it, over what is there: the inode stays. */
  Path write(Path jar) throws IOException {
    Files.createDirectories(jar.getParent());
    Files.write(jar, bytes());
    // Whatever the umask: what others may write is refused.
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(jar.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    // Not of this moment: such a file counts as one that is still being written.
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
    return jar;
  }

  /** What is written. */
  byte[] bytes() throws IOException {
    Map<String, byte[]> all = new LinkedHashMap<>(entries);
    all.putAll(compiled());
    all.keySet().removeAll(leftOut);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : all.entrySet()) {
        ZipEntry zip = new ZipEntry(entry.getKey());
        zip.setTime(0);
        jar.putNextEntry(zip);
        jar.write(entry.getValue());
        jar.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private Map<String, byte[]> compiled() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
    if (sources.isEmpty()) {
      return Map.of();
    }
    try (JavaFileManager files =
        new ForwardingJavaFileManager<>(compiler.getStandardFileManager(null, null, null)) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            assertThat(location).isEqualTo(StandardLocation.CLASS_OUTPUT);
            ByteArrayOutputStream code = new ByteArrayOutputStream();
            classes.put(className.replace('.', '/') + ".class", code);
            return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
              @Override
              public ByteArrayOutputStream openOutputStream() {
                return code;
              }
            };
          }
        }) {
      List<SimpleJavaFileObject> units = new ArrayList<>();
      sources.forEach(
          (name, text) ->
              units.add(
                  new SimpleJavaFileObject(
                      URI.create("memory:///" + name.replace('.', '/') + ".java"),
                      JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreErrors) {
                      return text;
                    }
                  }));
      StringWriter said = new StringWriter();
      List<String> flags = List.of("-cp", classPath, "-proc:none", "-nowarn");
      assertThat(compiler.getTask(said, files, null, flags, null, units).call())
          .as("%s", said)
          .isTrue();
    }
    Map<String, byte[]> codes = new LinkedHashMap<>();
    classes.forEach((path, code) -> codes.put(path, code.toByteArray()));
    return codes;
  }
}
