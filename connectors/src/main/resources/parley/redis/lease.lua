-- Takes up to ARGV[3] tokens from a bucket that refills steadily: the token-bucket algorithm, on this server's clock so
-- that all instances agree.
-- KEYS  1 bucket      ARGV  1 capacity   2 milliseconds to refill it   3 wanted
-- Answers {granted, milliseconds until the next token}.
local capacity = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(state[1]) or capacity
local at = tonumber(state[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * capacity / window)
local granted = math.min(tonumber(ARGV[3]), math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local wait = 0
if tokens < 1 then
  wait = math.ceil((1 - tokens) * window / capacity)
end
return {granted, wait}
