package io.flashdns.core.store;

import org.jspecify.annotations.Nullable;

/**
 * What one change set did to one document.
 *
 * @param key its key
 * @param before null when it was not there
 * @param after null when it was removed
 */
public record DocumentEvent(String key, @Nullable Octets before, @Nullable Octets after) {}
