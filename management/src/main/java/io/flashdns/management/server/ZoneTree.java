package io.flashdns.management.server;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One look at the zone folder: which files there are, and whose.
 *
 * <p>With tenants its folders mean something:
 *
 * <pre>
 * x.zone                             a public zone of nobody
 * ORGANISATION/PROJECT/x.zone        a public zone of a tenant
 * ORGANISATION/PROJECT/VIEW/x.zone   a private zone of a tenant, in a view
 * </pre>
 *
 * <p>Without, folders are not looked into. Hidden files and folders are left alone. Links to
 * folders are followed as far as folders mean something.
 */
final class ZoneTree {
  /** How the names of zone files end. */
  static final String SUFFIX = ".zone";

  private static final int ORGANISATION = 1;
  private static final int PROJECT = 2;
  private static final int VIEW = 3;

  /** As deep as files are looked for that lie too deep. */
  private static final int DEEPEST = 8;

  private final boolean tenants;
  private final List<Problem> problems;
  private final Visitor visitor;
  private final List<Path> unreadable = new ArrayList<>();

  private ZoneTree(boolean tenants, List<Problem> problems, Visitor visitor) {
    this.tenants = tenants;
    this.problems = problems;
    this.visitor = visitor;
  }

  /** Hears of each zone file, in no order. */
  interface Visitor {
    /**
     * A zone file was found.
     *
     * @param attributes null when they cannot be read: a link that leads nowhere
     */
    void file(Path file, ZonePlace place, @Nullable BasicFileAttributes attributes)
        throws StoreException, InterruptedException;
  }

  /**
   * Looks at a folder, file by file: nothing that grows with their number is kept.
   *
   * @param tenants whether folders in it are looked into
   * @param problems takes what is wrong
   * @return null when the folder itself cannot be read, or no longer
   */
  static @Nullable ZoneTree walk(
      Path folder, boolean tenants, List<Problem> problems, Visitor visitor)
      throws StoreException, InterruptedException {
    ZoneTree tree = new ZoneTree(tenants, problems, visitor);
    try {
      tree.read(folder, 0, ZonePlace.OF_NOBODY);
      return tree;
    } catch (IOException | DirectoryIteratorException e) {
      problems.add(unreadable(folder, e));
      return null;
    }
  }

  /** True when the folder can be read; else a problem says why not. */
  static boolean isReadable(Path folder, List<Problem> problems) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      var _ = entries.iterator().hasNext();
      return true;
    } catch (IOException | DirectoryIteratorException e) {
      problems.add(unreadable(folder, e));
      return false;
    }
  }

  private static Problem unreadable(Path folder, Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> Problem.error(folder, "there is no such folder of zones");
      case NotDirectoryException _ ->
          Problem.error(folder, "is no folder: give the folder that holds *.zone files");
      default -> Problem.error(folder, "the folder of zones cannot be read: " + said(e));
    };
  }

  /** True when a file lies in a folder that cannot be read now: what it held is not known. */
  boolean mayStillHold(Path file) {
    return unreadable.stream().anyMatch(file::startsWith);
  }

  private void read(Path folder, int level, ZonePlace place)
      throws IOException, StoreException, InterruptedException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.startsWith(".") && (tenants || name.endsWith(SUFFIX))) {
          look(entry, name, level, place);
        }
      }
    }
  }

  private void look(Path entry, String name, int level, ZonePlace place)
      throws StoreException, InterruptedException {
    BasicFileAttributes found = attributes(entry, level);
    boolean isZone = name.endsWith(SUFFIX);
    if (found != null && found.isDirectory() && !isZone) {
      enter(entry, name, level, place);
    } else if (isZone && found != null && !found.isRegularFile()) {
      // A pipe, of all things, would hold up the start for ever.
      problems.add(Problem.warning(entry, "is no regular file and is not read"));
    } else if (isZone && level == ORGANISATION) {
      problems.add(
          Problem.warning(
              entry,
              "lies in the folder of an organisation and is not read: move it into that of a"
                  + " project, or beside the organisations"));
    } else if (isZone && level > VIEW) {
      problems.add(
          Problem.warning(
              entry,
              "lies too deep and is not read: zone files lie in ORGANISATION/PROJECT or in"
                  + " ORGANISATION/PROJECT/VIEW"));
    } else if (isZone) {
      // Also what leads nowhere: its reading says so.
      visitor.file(entry, place, found);
    }
  }

  private void enter(Path folder, String name, int level, ZonePlace place)
      throws StoreException, InterruptedException {
    if (!ZonePlace.isName(name)) {
      if (!name.equals("lost+found")) {
        problems.add(
            Problem.error(
                folder,
                "the name of a folder of zones has letters, digits, '-', '_' and '.', at most 63:"
                    + " rename it; nothing in it is read"));
      }
      return;
    }
    int inside = level + 1;
    if (inside == VIEW && name.equals(ZonePlace.OF_NOBODY.view())) {
      problems.add(
          Problem.error(
              folder,
              "public zones lie in the folder of their project: move its files up to "
                  + folder.getParent()));
      return;
    }
    if (inside > DEEPEST) {
      return;
    }
    ZonePlace placeInside =
        switch (inside) {
          case ORGANISATION -> new ZonePlace(name, "", place.view());
          case PROJECT -> new ZonePlace(place.organisation(), name, place.view());
          case VIEW -> new ZonePlace(place.organisation(), place.project(), name);
          default -> place;
        };
    try {
      read(folder, inside, placeInside);
    } catch (NoSuchFileException | NotDirectoryException _) {
      // gone since it was seen
    } catch (IOException | DirectoryIteratorException e) {
      unreadable.add(folder);
      problems.add(
          Problem.error(
              folder, "cannot be read: " + said(e) + "; what was read from it before stays"));
    }
  }

  private static @Nullable BasicFileAttributes attributes(Path entry, int level) {
    try {
      return level < VIEW
          ? Files.readAttributes(entry, BasicFileAttributes.class)
          : deepAttributes(entry);
    } catch (IOException _) {
      return null;
    }
  }

  /** Beyond views a link to a folder is not followed: it may lead in a circle. */
  private static BasicFileAttributes deepAttributes(Path entry) throws IOException {
    BasicFileAttributes found = Files.readAttributes(entry, BasicFileAttributes.class);
    return found.isDirectory()
        ? Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        : found;
  }

  /** What an exception says, for people. */
  static String said(Exception e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "user " + System.getProperty("user.name") + " has no permission"
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
