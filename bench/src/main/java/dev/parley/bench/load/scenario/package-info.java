/** The scenarios, and how several runs of one become a search or a comparison. */
@NullMarked
package dev.parley.bench.load.scenario;

import org.jspecify.annotations.NullMarked;
