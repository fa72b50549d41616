/**
 * Echo servers on the codecs and the HTTP binding of the tier, as the official conformance suites expect them; see
 * {@code conformance/README.md}. Not part of what ships.
 */
package dev.parley.conformance;
