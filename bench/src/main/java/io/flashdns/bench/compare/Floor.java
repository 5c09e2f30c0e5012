package io.flashdns.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A C program that answers without looking: what the kernel itself takes. UDP only. */
record Floor() implements Contender {
  static final String TITLE = "floor";
  private static final String SOURCE = "floor.c";

  @Override
  public String title() {
    return TITLE;
  }

  @Override
  public @Nullable String missing() {
    return Contender.find("cc") == null
        ? "the floor is left out, and all ratios to it: there is no C compiler, install the Debian"
            + " package gcc"
        : null;
  }

  @Override
  public String version() throws InterruptedException {
    return Programs.said(List.of("cc", "--version")).lines().findFirst().orElse("unknown");
  }

  @Override
  public List<String> prepare(Site site)
      throws IOException, CompareException, InterruptedException {
    Path source = site.folder().resolve(SOURCE);
    Path program = site.folder().resolve(TITLE);
    try (InputStream in = Floor.class.getResourceAsStream(SOURCE)) {
      if (in == null) {
        throw new CompareException("the resource " + SOURCE + " is not in the jar");
      }
      Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
    }
    Programs.run(
        "compiling the floor",
        site.folder(),
        List.of("cc", "-O2", "-o", program.toString(), source.toString()));
    return List.of(
        program.toString(), Integer.toString(site.port()), Integer.toString(site.workers()));
  }

  @Override
  public boolean answers() {
    return false;
  }

  @Override
  public boolean speaksTcp() {
    return false;
  }
}
