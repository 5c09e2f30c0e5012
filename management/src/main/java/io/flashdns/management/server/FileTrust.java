package io.flashdns.management.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether others than root and this server's own user could have put code into a file or folder.
 *
 * <p>What they could have written is not run. A folder that is open to all with the sticky bit will
 * do, since the owner of each file in it is looked at too. Of a symbolic link, target and the
 * target's folder are looked at.
 */
final class FileTrust {
  private static final int OTHERS_WRITE = 0022;
  private static final int STICKY = 01000;
  private static final int ROOT = 0;

  private FileTrust() {}

  /** Throws when others could have written {@code path}, or it is not there. */
  static void require(Path path) throws PluginRefusedException {
    try {
      look(path);
      if (Files.isSymbolicLink(path)) {
        Path folder = path.toRealPath().getParent();
        if (folder != null) {
          look(folder);
        }
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw new PluginRefusedException(
          "whether others may write "
              + path
              + " cannot be told ("
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage()
              + "): give us leave to look at it, on a file system with Unix permissions",
          e);
    }
  }

  private static void look(Path path) throws IOException, PluginRefusedException {
    Map<String, Object> seen = Files.readAttributes(path, "unix:mode,uid");
    int mode = (int) seen.getOrDefault("mode", OTHERS_WRITE);
    int owner = (int) seen.getOrDefault("uid", -1);
    if ((mode & OTHERS_WRITE) != 0 && !(Files.isDirectory(path) && (mode & STICKY) != 0)) {
      throw new PluginRefusedException(
          "%s may be written by others (mode %04o), who could put code into this server: run chmod go-w on it"
              .formatted(path, mode & 07777));
    }
    // Our own process folder belongs to the user that we run as.
    int ours = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    if (owner != ROOT && owner != ours) {
      throw new PluginRefusedException(
          "%s belongs to %s, who could put code into this server: make it root's, or that of the user %s"
              .formatted(
                  path,
                  Files.getOwner(path, new LinkOption[0]).getName(),
                  System.getProperty("user.name")));
    }
  }
}
