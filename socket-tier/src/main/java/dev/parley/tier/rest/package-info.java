/**
 * The REST API and its errors. Controllers check input, ask the stores and the use cases, and shape the answer.
 */
@NullMarked
package dev.parley.tier.rest;

import org.jspecify.annotations.NullMarked;
