/**
 * Everything that speaks to Redis. The scripts under {@code parley/redis/} are the atomic steps; the classes here call
 * them and give back values. Nothing else in the project sees the Redis client.
 */
@NullMarked
package dev.parley.redis;

import org.jspecify.annotations.NullMarked;
