/**
 * The zone plugin: answers from the zones that the server holds. It takes part in the answer phase
 * and is the last one that most configurations name; see this folder's README.md.
 */
@NullMarked
package io.flashdns.plugins.zone;

import org.jspecify.annotations.NullMarked;
