/**
 * The dnstap plugin: every query and reply, octet by octet, to a reader of dnstap. It takes part in
 * the observe phase; see this folder's README.md.
 *
 * <p>A worker's {@link io.flashdns.plugins.dnstap.MessageTap} copies messages and facts into its
 * ring, as {@link io.flashdns.plugins.dnstap.TapLayout} says. The drain's thread gives them the
 * form of the dnstap schema ({@link io.flashdns.plugins.dnstap.DnstapEncoder}) and sends them as
 * frames of the Frame Streams protocol ({@link io.flashdns.plugins.dnstap.FrameTarget}).
 */
@NullMarked
package io.flashdns.plugins.dnstap;

import org.jspecify.annotations.NullMarked;
