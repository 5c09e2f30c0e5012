/**
 * FlashDNS beside Knot and NSD: the same questions about the same zones, and the same answers but
 * for named reasons.
 *
 * <p>{@link io.flashdns.differential.ZoneGenerator} writes zones from a seed, {@link
 * io.flashdns.differential.QuestionGenerator} asks about what is in them and about what is nearly
 * in them, {@link io.flashdns.differential.Client} carries the questions over UDP and TCP, {@link
 * io.flashdns.differential.Reply} puts the replies into a form that can be compared, and {@link
 * io.flashdns.differential.Rule} lists what may differ and why. A difference that no rule explains
 * fails the test; so does a reply of ours that breaks a rule of its own ({@link
 * io.flashdns.differential.ReplyCheck}).
 *
 * <p>Run it large with {@code -Dflashdns.differential.questions=1000000}, and with other zones and
 * questions with {@code -Dflashdns.differential.seed=N}.
 */
@NullMarked
package io.flashdns.differential;

import org.jspecify.annotations.NullMarked;
