/**
 * The command line of those who use a server: zones, records, tenants, tokens. It speaks to a
 * server by its API alone, as any other client does, and depends on nothing of the server.
 *
 * <p>{@link io.flashdns.management.client.ClientCommands} adds the commands to the program. One
 * class holds the commands of one group, each a {@code ClientCommand} that picocli fills with
 * arguments; what many of them take are mixins ({@code ConnectionOptions}, {@code ChangeOptions},
 * {@code ListOptions}, {@code ZoneArgument}). {@code Running} runs a command within a {@code
 * Session}, which resolves the {@code Destination} from options, environment and the contexts of
 * {@code ClientConfig}, opens the {@code Connection} with the first call, and makes calls again
 * while the server takes none. What goes wrong becomes a {@code ClientException}: a sentence and
 * one of {@code ExitStatus}; {@code Failures} translates what the API says. {@code Printer} prints
 * answers as a {@code Table}, JSON, YAML or names; {@code Changes} and {@code Differences} tell of
 * what was or would be changed.
 *
 * <p>{@code apply} reads files into {@code DesiredZone}s ({@code ZoneDocuments} for YAML, {@code
 * ZoneFile} for common zone files; others are left to the server), holds them against what is there
 * in an {@code ApplyPlan}, and sends change sets or imports.
 *
 * <p>Help must be quick: no class of gRPC or Netty is loaded before a command runs. Command classes
 * therefore neither catch nor hold what belongs to gRPC. Commands run on one thread.
 */
@NullMarked
package io.flashdns.management.client;

import org.jspecify.annotations.NullMarked;
