package io.flashdns.core.plugin;

/** A plugin's part in one phase of a query. One class may take part in several phases. */
public sealed interface Hook permits Gate, Router, Answerer, Shaper, Observer {}
