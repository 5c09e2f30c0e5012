package io.flashdns.management.client;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files of the user, with sentences for what is wrong with them. */
final class LocalFiles {
  private LocalFiles() {}

  /** Its text in UTF-8. */
  static String read(Path file) throws ClientException {
    try {
      if (Files.isDirectory(file)) {
        throw ClientException.failed(file + " is a folder: name a file in it");
      }
      return Files.readString(file);
    } catch (CharacterCodingException _) {
      throw ClientException.failed(file + " is no text in UTF-8: is it the right file?");
    } catch (IOException e) {
      throw ClientException.failed(reason(e));
    }
  }

  /** What is wrong, in one clause. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "there is no file " + missing.getFile();
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() + ": " + other.getReason();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
