-- Takes up to ARGV[3] tokens from a bucket that refills steadily: the token-bucket algorithm, on this server's clock so
-- that all instances agree. The fewer there are, the fewer are given at once, in the end one by one: so that none lies
-- with one instance while another one has to refuse.
-- KEYS  1 bucket      ARGV  1 capacity   2 milliseconds to refill it   3 wanted   4 price of one, 1 or more
-- Answers {granted, milliseconds until there is another one}.
local capacity = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local wanted = tonumber(ARGV[3])
local price = tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(state[1]) or capacity
local at = tonumber(state[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * capacity / window)
local affordable = math.floor(tokens / price)
local share = math.max(1, math.floor(affordable * wanted / capacity))
local granted = math.min(wanted, affordable, share)
tokens = tokens - granted * price
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local wait = 0
if tokens < price then
  wait = math.ceil((price - tokens) * window / capacity)
end
return {granted, wait}
