/**
 * The acl plugin: an access list by source, view, opcode, protocol and type. It takes part in the
 * gate phase and, when rules name views, in the answer phase; see this folder's README.md.
 *
 * <p>{@link io.flashdns.plugins.acl.RuleTable} is the compiled list, {@link
 * io.flashdns.plugins.acl.AclGate} goes through it.
 */
@NullMarked
package io.flashdns.plugins.acl;

import org.jspecify.annotations.NullMarked;
