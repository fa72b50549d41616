-- Takes the instances whose heartbeat has lapsed out of the living. Only the leader may: who holds the lock under just
-- this token, so that one that was stopped for a while and has lost the lock does nothing.
-- KEYS  1 servers   2 dead servers   3 lock      ARGV  1 token   2 lapse in ms   3 ttl of dead servers (s)
-- Answers all dead instances that are still to be cleared up after; nothing where the caller is not the leader.
if redis.call('GET', KEYS[3]) ~= ARGV[1] then
  return {}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lapsed = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now - tonumber(ARGV[2])))
for _, instance in ipairs(lapsed) do
  redis.call('ZREM', KEYS[1], instance)
  redis.call('ZADD', KEYS[2], string.format('%.0f', now), instance)
end
redis.call('EXPIRE', KEYS[2], ARGV[3])
return redis.call('ZRANGE', KEYS[2], 0, -1)
