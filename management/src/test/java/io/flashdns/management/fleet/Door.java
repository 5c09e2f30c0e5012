package io.flashdns.management.fleet;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The API of one server as JSON over HTTP: each call is a connection of the calling thread. */
record Door(String url, String token) {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 10_000;

  /** What came of a call. */
  record Reply(int status, String body) {
    boolean isGood() {
      return status == 200;
    }

    /** The answer as a message; fields that this program does not know are left out. */
    <B extends Message.Builder> B into(B builder) {
      try {
        JsonFormat.parser().ignoringUnknownFields().merge(body, builder);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(body, e);
      }
      return builder;
    }

    JsonObject json() {
      return JsonParser.parseString(body).getAsJsonObject();
    }

    /** True when what was asked was certainly not done by this call. */
    boolean isNotMade() {
      return status == 503 && !body.contains("OUTCOME_UNKNOWN");
    }
  }

  /** Calls a method, {@code RecordService/ApplyChanges} for instance. */
  Reply call(String method, Message request) throws IOException {
    String json = JsonFormat.printer().omittingInsignificantWhitespace().print(request);
    return call(method, json);
  }

  /** The same with the text of the request. */
  Reply call(String method, String json) throws IOException {
    HttpURLConnection call =
        (HttpURLConnection) URI.create(url + "/flashdns.v1." + method).toURL().openConnection();
    call.setConnectTimeout(CONNECT_MILLIS);
    call.setReadTimeout(READ_MILLIS);
    call.setRequestMethod("POST");
    call.setDoOutput(true);
    call.setRequestProperty("Content-Type", "application/json");
    call.setRequestProperty("Connection", "close");
    if (!token.isEmpty()) {
      call.setRequestProperty("Authorization", "Bearer " + token);
    }
    try {
      call.getOutputStream().write(json.getBytes(StandardCharsets.UTF_8));
      int status = call.getResponseCode();
      try (InputStream in = status < 400 ? call.getInputStream() : call.getErrorStream()) {
        String body = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return new Reply(status, body);
      }
    } finally {
      call.disconnect();
    }
  }
}
