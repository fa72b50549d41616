-- Puts a stored message into the recent cache where it is missing: the cache claims to be complete above its floor, and
-- a message that was taken while this server was away, or was lost by a failover, would make that untrue.
--
-- KEYS  1 recent messages   2 last seq
-- ARGV  1 seq   2 JSON   3 ttl of seq (seconds)
-- Answers 1 where it was added.
local last = redis.call('GET', KEYS[2])
if not last or tonumber(last) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
end
local floor = redis.call('ZSCORE', KEYS[1], 'floor')
if not floor or tonumber(floor) >= tonumber(ARGV[1]) then
  return 0
end
local there = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1], 'BYSCORE')
for _, member in ipairs(there) do
  if string.sub(member, 1, 40) == string.sub(ARGV[2], 1, 40) then
    return 0
  end
end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
return 1
