-- All instances that have not been found dead.
-- KEYS  1 servers      Answers instance, milliseconds since its last heartbeat, …
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local answer = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #answer, 2 do
  answer[i] = string.format('%.0f', math.max(0, now - tonumber(answer[i])))
end
return answer
