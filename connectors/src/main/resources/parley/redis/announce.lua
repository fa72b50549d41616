-- Makes a stored message known that this server did not place, or has forgotten: takes it away from any other place that
-- this server gave it, remembers it, and publishes it once more. Afterwards the recent messages count as complete only
-- above what is newest now: whoever read up to here may have read past this message, and must ask MongoDB.
--
-- KEYS  1 recent messages   2 last seq   3 dedupe   4 retracted
-- ARGV  1 seq   2 messageId   3 JSON   4 prevSeq or "-"   5 timestamp   6 channel   7 event
--       8 ttl of seq   9 ttl of dedupe   10 ttl of recent messages   11 ttl of retracted (seconds)
--       12 name of the retraction event   13 chatId
local known = redis.call('GET', KEYS[3])
local elsewhere = known and string.match(known, '^%S+ (%S+)')
if elsewhere and elsewhere ~= ARGV[1] and string.sub(known, 1, 24) == ARGV[2] then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], elsewhere, elsewhere, 'BYSCORE')) do
    if string.find(member, ARGV[2], 1, true) == 15 then
      redis.call('ZREM', KEYS[1], member)
    end
  end
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[4], string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
      ARGV[2] .. ' ' .. elsewhere)
  redis.call('EXPIRE', KEYS[4], ARGV[11])
  redis.call('SPUBLISH', ARGV[6], ARGV[12] .. ' 0 {"messageId":"' .. ARGV[2] .. '","chatId":"' .. ARGV[13]
      .. '","seq":' .. elsewhere .. '}')
end
-- It may have been taken back at this very place, by a try that was given up.
redis.call('ZREM', KEYS[4], ARGV[2] .. ' ' .. ARGV[1])
redis.call('SET', KEYS[3], ARGV[2] .. ' ' .. ARGV[1] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5], 'EX', ARGV[9])

local last = redis.call('GET', KEYS[2])
if not last or tonumber(last) < tonumber(ARGV[1]) then
  last = ARGV[1]
  redis.call('SET', KEYS[2], last, 'EX', ARGV[8])
end
local there = false
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1], 'BYSCORE')) do
  there = there or string.find(member, ARGV[2], 1, true) == 15
end
if not there then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[3])
end
redis.call('ZADD', KEYS[1], string.format('%.0f', tonumber(last) + 1), 'floor')
redis.call('EXPIRE', KEYS[1], ARGV[10])
redis.call('SPUBLISH', ARGV[6], ARGV[7])
return 1
