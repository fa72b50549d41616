-- An instance says that it is alive, on this server's clock so that all agree on when.
-- KEYS  1 servers   2 figures of the instance
-- ARGV  1 instance   2 lapse in ms   3 '1' where it registers   4 ttl of the figures   5 ttl of servers (s)   6… field, value
-- Answers 1; or 0 where it counts as dead already (or this server has lost its memory), and nothing was changed: its
-- name is used up then.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if ARGV[3] ~= '1' then
  local last = redis.call('ZSCORE', KEYS[1], ARGV[1])
  if not last or tonumber(last) < now - tonumber(ARGV[2]) then
    return 0
  end
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
for i = 6, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
