/**
 * How an authoritative server answers from its zones: the algorithm of RFC 1034 §4.3.2 with what
 * came after it.
 *
 * <p>{@link io.flashdns.core.answer.AuthoritativeAnswerer} is the hook; the zone plugin puts it
 * into the pipeline, the embedded server uses it directly.
 */
@NullMarked
package io.flashdns.core.answer;

import org.jspecify.annotations.NullMarked;
