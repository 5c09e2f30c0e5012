package io.flashdns.management.escape;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TypeRegistry;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.util.List;
import java.util.Locale;

/**
 * All that a call told its caller.
 *
 * @param status code, message and details
 * @param messages answers, in their order
 * @param aside headers and trailers as text
 */
record Answer(Status status, List<Message> messages, String aside) {
  private static final TextFormat.Printer PRINTER =
      TextFormat.printer()
          .usingTypeRegistry(
              TypeRegistry.newBuilder()
                  .add(ErrorDetailsProto.getDescriptor().getMessageTypes())
                  .build());

  com.google.rpc.Code code() {
    com.google.rpc.Code code = com.google.rpc.Code.forNumber(status.getCode());
    return code == null ? com.google.rpc.Code.UNKNOWN : code;
  }

  boolean isOk() {
    return status.getCode() == 0;
  }

  /** The reason for programs; empty when there is none. */
  String reason() {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return detail.unpack(ErrorInfo.class).getReason();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return "";
  }

  /** Everything in it as text in lower case. */
  String everything() {
    StringBuilder text = new StringBuilder(aside).append('\n').append(refusal());
    for (Message message : messages) {
      text.append('\n').append(text(message));
    }
    return text.toString().toLowerCase(Locale.ROOT);
  }

  /** What is told of a refusal: code, message and details. */
  String refusal() {
    StringBuilder text = new StringBuilder(code() + ": " + status.getMessage());
    for (Any detail : status.getDetailsList()) {
      text.append('\n').append(text(detail).strip());
    }
    return text.toString();
  }

  /** A message as text, with every text of it in quotes. */
  static String text(Message message) {
    return PRINTER.printToString(message);
  }
}
