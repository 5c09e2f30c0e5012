package io.flashdns.management.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.flashdns.management.message.CallException;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads requests of one kind. A request that cannot be read becomes a {@link Malformed} in its
 * place: gRPC itself would end the call with a code that blames the server.
 */
final class RequestReader implements Marshaller<Object> {
  /** Deepest nesting of messages, in protobuf and in JSON. */
  static final int MAX_DEPTH = 32;

  /**
   * What could not be read.
   *
   * @param why what the caller is told
   */
  record Malformed(CallException why) {}

  /** Forms that a request comes in. */
  enum Form {
    /** Protobuf, as gRPC has it. */
    PROTO,
    /** An octet that says which form, {@link #AS_PROTO} or {@link #AS_JSON}, then the request. */
    TAGGED
  }

  static final byte AS_PROTO = 'P';
  static final byte AS_JSON = 'J';

  private final Message prototype;
  private final Form form;

  RequestReader(Message prototype, Form form) {
    this.prototype = prototype;
    this.form = form;
  }

  @Override
  public InputStream stream(Object value) {
    return ((Message) value).toByteString().newInput();
  }

  @Override
  public Object parse(InputStream stream) {
    try {
      return switch (form) {
        case PROTO -> proto(stream);
        case TAGGED ->
            stream.read() == AS_JSON
                ? JsonRequest.read(stream.readAllBytes(), prototype)
                : proto(stream);
      };
    } catch (InvalidProtocolBufferException e) {
      return new Malformed(
          CallException.invalid(
              prototype.getDescriptorForType().getFullName(),
              "is no such message in protobuf: "
                  + plain(e)
                  + "; messages nest at most "
                  + MAX_DEPTH
                  + " deep"));
    } catch (CallException e) {
      return new Malformed(e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String plain(InvalidProtocolBufferException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('.');
    return end > 0 ? message.substring(0, end) : message;
  }

  private Message proto(InputStream stream) throws InvalidProtocolBufferException {
    CodedInputStream coded = CodedInputStream.newInstance(stream);
    coded.setRecursionLimit(MAX_DEPTH);
    Message message =
        prototype.getParserForType().parseFrom(coded, ExtensionRegistryLite.getEmptyRegistry());
    coded.checkLastTagWas(0);
    return message;
  }
}
