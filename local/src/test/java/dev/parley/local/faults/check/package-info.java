/**
 * Decides, from what was recorded in a run, whether the promises were kept. Pure: it knows no process and no socket, so
 * that each rule has a unit test that breaks it.
 */
@NullMarked
package dev.parley.local.faults.check;

import org.jspecify.annotations.NullMarked;
