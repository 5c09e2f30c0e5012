package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Unpacks SQLite's native code into the store's folder, where this user may write and run code: the
 * driver would take /tmp, which is often mounted noexec, unpack anew at every start, and leave a
 * file there with every kill.
 *
 * <p>Who has no folder that may hold code names one with {@code org.sqlite.lib.path} and {@code
 * org.sqlite.lib.name}, or another place to unpack to with {@code org.sqlite.tmpdir}: then nothing
 * is done here.
 */
final class NativeCode {
  private static final String FOLDER = "native";

  private NativeCode() {}

  /** To be called before the first connection, with the store's lock held. */
  static void unpackInto(Path storeFolder) throws StoreException {
    if (System.getProperty("org.sqlite.tmpdir") != null
        || System.getProperty("org.sqlite.lib.path") != null) {
      return;
    }
    Path folder = storeFolder.resolve(FOLDER);
    String resource =
        LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
    try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
      if (in == null) {
        // The driver says which platforms it knows.
        return;
      }
      byte[] code = in.readAllBytes();
      StoreLock.makePrivate(folder);
      Path file = folder.resolve(LibraryLoaderUtil.getNativeLibName());
      if (!Files.exists(file) || !Arrays.equals(code, Files.readAllBytes(file))) {
        // Written aside and renamed: another process may be running what is there.
        Path aside = folder.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(aside);
        StoreLock.createPrivate(aside);
        Files.write(aside, code);
        Files.move(
            aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      System.setProperty("org.sqlite.lib.path", folder.toString());
      System.setProperty("org.sqlite.lib.name", file.getFileName().toString());
    } catch (IOException e) {
      throw new StoreException.Unavailable(
          "SQLite's native code cannot be unpacked into "
              + folder
              + " ("
              + e
              + "): see that this user may write it",
          false,
          e);
    }
  }
}
