package io.flashdns.management.grpc;

import io.flashdns.management.identity.Credentials;
import org.jspecify.annotations.Nullable;

/**
 * Who stands before a door.
 *
 * @param credentials what it brings
 * @param connection the one it comes by; null when that has just ended
 */
record Caller(Credentials credentials, Connections.@Nullable Connection connection) {}
