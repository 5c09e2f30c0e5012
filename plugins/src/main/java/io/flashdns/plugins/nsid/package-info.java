/**
 * The nsid plugin: tells the name of this server to who asks for it (RFC 5001). It takes part in
 * the gate phase; see this folder's README.md.
 */
@NullMarked
package io.flashdns.plugins.nsid;

import org.jspecify.annotations.NullMarked;
