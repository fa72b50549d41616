/**
 * What the tests of all modules run on: real servers, each started once per JVM and ended with it, and a way to wait for
 * what must become true. Each says at its start which server serves.
 */
@NullMarked
package dev.parley.testing;

import org.jspecify.annotations.NullMarked;
