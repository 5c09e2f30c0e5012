/**
 * The doors of the API: a gRPC server and, beside it, the same calls as JSON over HTTP. What comes
 * in is bounded, its caller recognised, its method's permission asked for; what goes wrong is told
 * in one way. What the calls do is not known here.
 *
 * <p>The way of a call:
 *
 * <ol>
 *   <li>Its connection finds a place ({@link io.flashdns.management.grpc.Connections}), and says
 *       something in time.
 *   <li>By JSON, {@link io.flashdns.management.grpc.ConnectHandler} reads one request of HTTP and
 *       makes a call of gRPC of it, inside the process; the caller goes with it. From here on both
 *       doors are one.
 *   <li>{@link io.flashdns.management.grpc.CallGate} looks its method up, has its caller
 *       recognised, asks for the permission, and counts. Only then is the request read (that of a
 *       denied change too, so that the audit log can say what was asked for), by {@link
 *       io.flashdns.management.grpc.RequestReader}, in protobuf or JSON.
 *   <li>{@link io.flashdns.management.grpc.GuardedCall} is what the service sees of it: it ends
 *       once, in time, and with words that {@link io.flashdns.management.grpc.Problems} finds for
 *       whatever went wrong.
 *   <li>{@link io.flashdns.management.grpc.AuditTrail} gets an entry when the call was refused, or
 *       was to change something and has not written one with its change.
 * </ol>
 *
 * <p>Nothing is served by an oversight: a method without a declared permission keeps the server
 * from starting. {@link io.flashdns.management.grpc.OpenApi} describes the calls by JSON.
 */
@NullMarked
package io.flashdns.management.grpc;

import org.jspecify.annotations.NullMarked;
