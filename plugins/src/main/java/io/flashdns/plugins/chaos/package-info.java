/**
 * The chaos plugin: tells version and name of this server by TXT records of class CH (RFC 4892). It
 * takes part in the answer phase; see this folder's README.md.
 */
@NullMarked
package io.flashdns.plugins.chaos;

import org.jspecify.annotations.NullMarked;
