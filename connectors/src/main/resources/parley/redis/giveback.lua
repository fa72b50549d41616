-- Puts tokens back into a bucket that were taken and not used. A bucket that is gone is full.
-- KEYS  1 bucket      ARGV  1 capacity   2 tokens
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens') or '')
if tokens then
  redis.call('HSET', KEYS[1], 'tokens', tostring(math.min(tonumber(ARGV[1]), tokens + tonumber(ARGV[2]))))
end
return 1
