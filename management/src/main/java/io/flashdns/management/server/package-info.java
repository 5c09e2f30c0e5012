/**
 * The process: command line, configuration, zone folder, reload, drain.
 *
 * <p>{@link io.flashdns.management.server.Main} reads as the life of the server. Around it:
 *
 * <ul>
 *   <li><b>Commands.</b> {@code RootCommand} and the classes named after its commands are what the
 *       user types; {@code ServerOptions} are the options that serving and checking share, and the
 *       place where the command line wins over the file; {@code StoreOptions} are those of the
 *       commands that work on a data folder.
 *   <li><b>Configuration.</b> {@code ConfigFile} turns YAML into {@code ConfigNode}s that know
 *       their line and column; {@code ConfigBinder} binds nodes to records by component name in
 *       kebab-case. The records' compact constructors are the validation. Nobody behind the binder
 *       sees YAML or a map.
 *   <li><b>Shared settings.</b> {@code SectionText} reads a section that stands in the store as if
 *       it stood in the file; {@code ConfigInForce} lays it over the file's, for a reload and for
 *       the applier, and checks for the API what may be given.
 *   <li><b>Zones.</b> {@code ZoneService} holds the store, the image files, the index and the
 *       {@code ZoneApplier}, which makes what the store holds what is served. {@code ZoneFolder} is
 *       a source of the store: each look at the zone files is a {@code FolderSync}, which holds
 *       them against a {@code ZoneLedger} and commits what differs; {@code flashdns check} does the
 *       same with a ledger in memory. {@code Reloader} runs {@code ZoneReload}, which reads
 *       configuration, plugins and zones again, on SIGHUP, one run at a time.
 *   <li><b>The store at rest.</b> {@code ImportCommand}, {@code BackupCommand}, {@code
 *       RestoreCommand} and {@code FsckCommand} work on a data folder.
 *   <li><b>Plugins.</b> {@code PluginRegistry} binds the section {@code plugins} to the built-in
 *       factories and to those that {@code PluginLoader} finds in the plugins' folder, each in a
 *       {@code PluginClassLoader} of its own. {@code Housekeeping} lets the engine watch them,
 *       {@code EngineLog} says what it saw.
 *   <li><b>Words.</b> Whatever is wrong with the user's input is a {@code Problem}: a place, a
 *       reason, a remedy. Problems are collected, so that all of them are shown and not the first,
 *       and they are printed as plain lines. What happens at run time goes to the log.
 * </ul>
 *
 * <p>This is the one package that knows the transport, the engine and the plugins together. It does
 * nothing while a query is answered.
 */
@NullMarked
package io.flashdns.management.server;

import org.jspecify.annotations.NullMarked;
