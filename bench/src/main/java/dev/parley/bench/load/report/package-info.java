/** What a run ends with: figures and plots, as a table, as JSON and as one page of HTML. */
@NullMarked
package dev.parley.bench.load.report;

import org.jspecify.annotations.NullMarked;
