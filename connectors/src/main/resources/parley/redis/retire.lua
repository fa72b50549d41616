-- An instance gives up its name: it has ended, or goes on under another one. The leader clears up after it.
-- KEYS  1 servers   2 dead servers   3 figures of the instance      ARGV  1 instance   2 ttl of dead servers (s)
local time = redis.call('TIME')
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('ZADD', KEYS[2], string.format('%.0f', tonumber(time[1]) * 1000), ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[2])
end
redis.call('DEL', KEYS[3])
return 1
